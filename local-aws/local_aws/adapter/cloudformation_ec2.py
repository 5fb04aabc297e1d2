"""The EC2 types of CloudFormation that MiniStack lacks, made with its own EC2 calls."""

import ipaddress
import re
from typing import Any, Callable, Optional


def install() -> None:
    from ministack.services.cloudformation import provisioners
    handlers, replacing = provisioners._RESOURCE_HANDLERS, provisioners._REPLACING_PROPERTIES
    for name, create, delete, mutable in (
            ("EIP", _create_address, _delete_address, ()),
            ("NatGateway", _create_nat_gateway, _delete_nat_gateway, ()),
            ("VPCPeeringConnection", _create_peering, _delete_peering, ()),
            ("SecurityGroupIngress", _rule_creator("IpPermissions"), _rule_deleter("IpPermissions"), ()),
            ("SecurityGroupEgress", _rule_creator("IpPermissionsEgress"), _rule_deleter("IpPermissionsEgress"), ()),
            ("FlowLog", _create_flow_log, _delete_flow_log, ())):
        resource_type = f"AWS::EC2::{name}"
        handlers[resource_type] = {
            "create": create, "delete": delete,
            "update": _updater(resource_type, create), "update_with_logical_id": True,
        }
        provisioners._STACK_TAG_PROPERTY.setdefault(resource_type, ("Tags", "list"))
        replacing[resource_type] = _EverythingBut(("Tags", *mutable))
    for name in ("SecurityGroupIngress", "SecurityGroupEgress"):
        provisioners._STACK_TAG_PROPERTY.pop(f"AWS::EC2::{name}", None)


class _EverythingBut(tuple):
    """The create-only properties of a type of which only a few can change in place."""

    def __contains__(self, name: object) -> bool:
        return not super().__contains__(name)


def _updater(resource_type: str, create: Callable) -> Callable:
    def update(physical_id: str, old: dict, new: dict, stack_name: str, logical_id: Optional[str] = None) -> tuple:
        # Only tags arrive here: for any other change the engine replaces the resource.
        _tag(_tagged_id(physical_id), new)
        return physical_id, _attributes_of(resource_type, physical_id)
    return update


def _call(action: Callable, parameters: dict[str, Any], what: str) -> str:
    """One of MiniStack's EC2 actions; its XML, or its own error message."""
    status, _, body = action({key: [str(value)] for key, value in parameters.items() if value is not None})
    text = body.decode() if isinstance(body, bytes) else str(body)
    if status >= 400:
        message = re.search(r"<Message>(.*?)</Message>", text, re.S)
        raise ValueError(f"{what}: {message.group(1) if message else text}")
    return text


def _element(xml: str, name: str) -> str:
    found = re.search(rf"<{name}>(.*?)</{name}>", xml)
    if not found:
        raise ValueError(f"the emulator's answer has no {name}")
    return found.group(1)


def _tag(resource_id: str, props: dict) -> None:
    from ministack.services import ec2
    tags = [{"Key": t["Key"], "Value": str(t.get("Value", ""))} for t in props.get("Tags") or []]
    if tags:
        ec2._tags[resource_id] = tags
    else:
        ec2._tags.pop(resource_id, None)


# --- addresses ---------------------------------------------------------------------------

def _address(public_ip: str) -> Optional[dict]:
    from ministack.services import ec2
    return next((a for a in ec2._addresses.values() if a["PublicIp"] == public_ip), None)


def _tagged_id(physical_id: str) -> str:
    # An address is known to CloudFormation by its IP, and to the tags by its allocation.
    address = _address(physical_id)
    return address["AllocationId"] if address else physical_id


def _attributes_of(resource_type: str, physical_id: str) -> dict:
    if resource_type.endswith("::EIP"):
        address = _address(physical_id) or {}
        return {"AllocationId": address.get("AllocationId", ""), "PublicIp": physical_id}
    return {"Id": physical_id, "NatGatewayId": physical_id}


def _create_address(logical_id: str, props: dict, stack_name: str) -> tuple[str, dict]:
    from ministack.services import ec2
    xml = _call(ec2._allocate_address, {"Domain": props.get("Domain", "vpc")}, "the address was refused")
    _tag(_element(xml, "allocationId"), props)
    public_ip = _element(xml, "publicIp")
    return public_ip, _attributes_of("AWS::EC2::EIP", public_ip)


def _delete_address(physical_id: str, props: dict) -> None:
    from ministack.services import ec2
    address = _address(physical_id)
    if not address:
        return
    if address.get("AssociationId"):
        raise ValueError(f"the address {physical_id} is in use")
    _call(ec2._release_address, {"AllocationId": address["AllocationId"]}, "the address could not be released")


# --- NAT gateways ------------------------------------------------------------------------

def _create_nat_gateway(logical_id: str, props: dict, stack_name: str) -> tuple[str, dict]:
    from ministack.services import ec2
    if props.get("SubnetId") not in ec2._subnets:
        raise ValueError(f"The subnet ID '{props.get('SubnetId')}' does not exist")
    address = ec2._addresses.get(props.get("AllocationId") or "")
    if props.get("ConnectivityType", "public") == "public":
        if not address:
            raise ValueError(f"the allocation ID '{props.get('AllocationId')}' does not exist")
        if address.get("AssociationId"):
            raise ValueError(f"the address {address['PublicIp']} is already in use")
    xml = _call(ec2._create_nat_gateway, {
        "SubnetId": props["SubnetId"], "AllocationId": props.get("AllocationId"),
        "ConnectivityType": props.get("ConnectivityType", "public")}, "the NAT gateway was refused")
    nat_id = _element(xml, "natGatewayId")
    if address:
        address["AssociationId"] = "eipassoc-" + nat_id.removeprefix("nat-")
    _tag(nat_id, props)
    return nat_id, _attributes_of("AWS::EC2::NatGateway", nat_id)


def _delete_nat_gateway(physical_id: str, props: dict) -> None:
    from ministack.services import ec2
    gateway = ec2._nat_gateways.get(physical_id)
    if not gateway:
        return
    _call(ec2._delete_nat_gateway, {"NatGatewayId": physical_id}, "the NAT gateway could not be deleted")
    address = ec2._addresses.get(gateway.get("AllocationId") or "")
    if address:
        address["AssociationId"] = None
    for table in ec2._route_tables.values():
        for route in table["Routes"]:
            if route.get("NatGatewayId") == physical_id:
                route["State"] = "blackhole"


# --- peering -----------------------------------------------------------------------------

def _create_peering(logical_id: str, props: dict, stack_name: str) -> tuple[str, dict]:
    from ministack.core.responses import get_account_id, get_region
    from ministack.services import ec2
    ec2._ensure_defaults_initialized()
    owner = str(props.get("PeerOwnerId") or get_account_id())
    region = props.get("PeerRegion") or get_region()
    mine = ec2._vpcs.get(props["VpcId"])
    theirs = ec2._vpcs.get_scoped(owner, region, props["PeerVpcId"])
    for vpc_id, vpc in ((props["VpcId"], mine), (props["PeerVpcId"], theirs)):
        if not vpc:
            raise ValueError(f"The vpc ID '{vpc_id}' does not exist")
    assert mine and theirs
    if ipaddress.ip_network(mine["CidrBlock"]).overlaps(ipaddress.ip_network(theirs["CidrBlock"])):
        raise ValueError("VpcPeeringConnection failed to stabilize: Failed due to incorrect VPC-ID, Account ID, or "
                         f"overlapping CIDR range ({mine['CidrBlock']} and {theirs['CidrBlock']})")
    xml = _call(ec2._create_vpc_peering_connection, {
        "VpcId": props["VpcId"], "PeerVpcId": props["PeerVpcId"], "PeerOwnerId": owner, "PeerRegion": region},
        "the peering connection was refused")
    peering_id = _element(xml, "vpcPeeringConnectionId")
    if owner == get_account_id() or props.get("PeerRoleArn"):
        _call(ec2._accept_vpc_peering_connection, {"VpcPeeringConnectionId": peering_id},
              "the peering connection was not accepted")
    _tag(peering_id, props)
    return peering_id, {"Id": peering_id}


def _delete_peering(physical_id: str, props: dict) -> None:
    from ministack.services import ec2
    if physical_id not in ec2._vpc_peering:
        return
    _call(ec2._delete_vpc_peering_connection, {"VpcPeeringConnectionId": physical_id},
          "the peering connection could not be deleted")
    for table in ec2._route_tables.values():
        for route in table["Routes"]:
            if route.get("VpcPeeringConnectionId") == physical_id:
                route["State"] = "blackhole"


# --- security group rules ----------------------------------------------------------------

def _group(props: dict) -> dict:
    from ministack.services import ec2
    group = ec2._security_groups.get(props.get("GroupId") or "")
    if not group:
        raise ValueError(f"The security group '{props.get('GroupId')}' does not exist")
    return group


def _permission(props: dict) -> dict:
    from ministack.services.cloudformation import provisioners
    for name in ("SourceSecurityGroupId", "DestinationSecurityGroupId"):
        if props.get(name):
            _group({"GroupId": props[name]})
    return provisioners._ec2_sg_permissions([props])[0]


def _rule_creator(store: str) -> Callable:
    def create(logical_id: str, props: dict, stack_name: str) -> tuple[str, dict]:
        from ministack.core.responses import new_uuid
        permissions, permission = _group(props).setdefault(store, []), _permission(props)
        if permission in permissions:
            raise ValueError(f"the specified rule already exists in {props['GroupId']}")
        permissions.append(permission)
        rule_id = "sgr-" + new_uuid().replace("-", "")[:17]
        return rule_id, {"Id": rule_id}
    return create


def _rule_deleter(store: str) -> Callable:
    def delete(physical_id: str, props: dict) -> None:
        from ministack.services import ec2
        group = ec2._security_groups.get(props.get("GroupId") or "")
        if group:
            wanted = _permission_of_deleted(props)
            group[store] = [p for p in group.get(store, []) if p != wanted]
    return delete


def _permission_of_deleted(props: dict) -> dict:
    # Without the check that the other group exists: it may have gone first.
    from ministack.services.cloudformation import provisioners
    return provisioners._ec2_sg_permissions([props])[0]


# --- flow logs ---------------------------------------------------------------------------

def _create_flow_log(logical_id: str, props: dict, stack_name: str) -> tuple[str, dict]:
    from ministack.services import ec2
    xml = _call(ec2._create_flow_logs, {
        "ResourceId.1": props["ResourceId"], "ResourceType": props.get("ResourceType", "VPC"),
        "TrafficType": props.get("TrafficType", "ALL"), "LogDestinationType": props.get("LogDestinationType"),
        "LogDestination": props.get("LogDestination"), "LogGroupName": props.get("LogGroupName")},
        "the flow log was refused")
    flow_log_id = _element(xml, "item")
    _tag(flow_log_id, props)
    return flow_log_id, {"Id": flow_log_id}


def _delete_flow_log(physical_id: str, props: dict) -> None:
    from ministack.services import ec2
    _call(ec2._delete_flow_logs, {"FlowLogId.1": physical_id}, "the flow log could not be deleted")
