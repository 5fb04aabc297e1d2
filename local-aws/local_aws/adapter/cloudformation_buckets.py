"""AWS::S3::Bucket: a bucket with objects in it is not deleted, neither with its stack nor without."""

from typing import Any


def install() -> None:
    from ministack.services.cloudformation import provisioners
    handlers = provisioners._RESOURCE_HANDLERS["AWS::S3::Bucket"]
    deleting = handlers["delete"]

    def delete(physical_id: str, props: dict) -> Any:
        from ministack.services import s3
        if (s3._buckets.get(physical_id) or {}).get("objects"):
            raise ValueError("The bucket you tried to delete is not empty (Service: S3, Status Code: 409, "
                             f"bucket: {physical_id})")
        return deleting(physical_id, props)

    provisioners._RESOURCE_HANDLERS["AWS::S3::Bucket"] = {**handlers, "delete": delete}
