"""AWS::S3::Bucket: a bucket with objects in it is not deleted, and has the lifecycle rules of its template."""

from typing import Any, Iterator
from xml.etree.ElementTree import Element, SubElement, tostring

# Where a rule's members stand in S3's own form; what is not here is refused by name.
_RULE = {"Id": "ID", "Prefix": "Filter/Prefix", "Status": "Status", "ExpirationInDays": "Expiration/Days",
         "ExpiredObjectDeleteMarker": "Expiration/ExpiredObjectDeleteMarker",
         "NoncurrentVersionExpiration.NoncurrentDays": "NoncurrentVersionExpiration/NoncurrentDays",
         "NoncurrentVersionExpiration.NewerNoncurrentVersions": "NoncurrentVersionExpiration/NewerNoncurrentVersions",
         "AbortIncompleteMultipartUpload.DaysAfterInitiation": "AbortIncompleteMultipartUpload/DaysAfterInitiation"}


def install() -> None:
    from ministack.services.cloudformation import provisioners
    handlers = provisioners._RESOURCE_HANDLERS["AWS::S3::Bucket"]
    creating, updating, deleting = handlers["create"], handlers["update"], handlers["delete"]

    def create(logical_id: str, props: dict, stack_name: str) -> tuple[str, dict]:
        rules = lifecycle_of(props)
        created = creating(logical_id, props, stack_name)
        _put_lifecycle(created[0], rules)
        return created

    def update(physical_id: str, old: dict, new: dict, *rest: Any) -> tuple[str, dict]:
        rules = lifecycle_of(new)
        updated = updating(physical_id, old, new, *rest)
        _put_lifecycle(updated[0], rules)
        return updated

    def delete(physical_id: str, props: dict) -> Any:
        from ministack.services import s3
        if (s3._buckets.get(physical_id) or {}).get("objects"):
            raise ValueError("The bucket you tried to delete is not empty (Service: S3, Status Code: 409, "
                             f"bucket: {physical_id})")
        return deleting(physical_id, props)

    provisioners._RESOURCE_HANDLERS["AWS::S3::Bucket"] = {
        **handlers, "create": create, "update": update, "delete": delete}


def lifecycle_of(props: dict) -> bytes:
    """The lifecycle rules of a template in the form of S3's API; empty where there are none."""
    rules = (props.get("LifecycleConfiguration") or {}).get("Rules") or []
    root = Element("LifecycleConfiguration", xmlns="http://s3.amazonaws.com/doc/2006-03-01/")
    for rule in rules:
        element = SubElement(root, "Rule")
        SubElement(element, "Filter")
        for name, value in _flat(rule):
            if name not in _RULE:
                raise ValueError(f"a lifecycle rule has {name!r}, which the local AWS does not simulate; "
                                 "remove it, or deploy to AWS")
            parent = element
            for step in _RULE[name].split("/"):
                last, found = parent, parent.find(step)
                parent = found if found is not None else SubElement(last, step)
            parent.text = str(value).lower() if isinstance(value, bool) else str(value)
    return tostring(root) if rules else b""


def _flat(rule: dict, path: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in rule.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{path}{name}.")
        else:
            yield path + name, value


def _put_lifecycle(bucket: str, rules: bytes) -> None:
    from ministack.services import s3
    status, _, body = s3._put_bucket_lifecycle(bucket, rules) if rules else s3._delete_bucket_lifecycle(bucket)
    if status >= 400:
        raise ValueError(f"the lifecycle rules of {bucket} were refused: {body.decode()}")
