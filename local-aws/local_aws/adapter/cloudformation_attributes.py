"""Fn::GetAtt that MiniStack's types lack, and references that it lets dangle."""

from typing import Any, Callable, Optional

from .patching import AdapterMismatch


def install() -> None:
    _extend("AWS::EC2::VPC", _vpc)
    _extend("AWS::EC2::Subnet", _subnet, before=_check_subnet)
    _extend("AWS::EC2::SecurityGroup", lambda pid, props: {"Id": pid, "GroupId": pid}, before=_check_vpc)
    _extend("AWS::EC2::SubnetRouteTableAssociation", lambda pid, props: {"Id": pid}, before=_check_association)
    _extend("AWS::EC2::Route", lambda pid, props: {"CidrBlock": props.get("DestinationCidrBlock", "")},
            before=_check_route)
    _extend("AWS::EC2::RouteTable", lambda pid, props: {"RouteTableId": pid}, before=_check_vpc)


def _extend(resource_type: str, attributes: Callable[[str, dict], dict],
            before: Optional[Callable[[dict], None]] = None) -> None:
    from ministack.services.cloudformation import provisioners
    handlers = provisioners._RESOURCE_HANDLERS.get(resource_type)
    if not handlers:
        raise AdapterMismatch(f"MiniStack no longer provisions {resource_type}, which the adapter extends.")
    create, update = handlers["create"], handlers.get("update")

    def creating(logical_id: str, props: dict, stack_name: str) -> tuple:
        if before:
            before(props)
        physical_id, given = create(logical_id, props, stack_name)
        return physical_id, {**given, **attributes(physical_id, props)}

    def updating(physical_id: str, old: dict, new: dict, *rest: Any) -> tuple:
        assert update
        changed_id, given = update(physical_id, old, new, *rest)
        return changed_id, {**given, **attributes(changed_id, new)}

    changed = {**handlers, "create": creating}
    if update:
        changed["update"] = updating
    provisioners._RESOURCE_HANDLERS[resource_type] = changed


def _vpc(vpc_id: str, props: dict) -> dict:
    from ministack.services import ec2
    vpc = ec2._vpcs[vpc_id]
    return {"CidrBlock": vpc["CidrBlock"], "CidrBlockAssociations": [], "Ipv6CidrBlocks": []}


def _subnet(subnet_id: str, props: dict) -> dict:
    from ministack.services import ec2
    subnet = ec2._subnets[subnet_id]
    return {"VpcId": subnet["VpcId"], "CidrBlock": subnet["CidrBlock"], "Ipv6CidrBlocks": []}


def _check_vpc(props: dict) -> None:
    from ministack.services import ec2
    ec2._ensure_defaults_initialized()
    if props.get("VpcId") and props["VpcId"] not in ec2._vpcs:
        raise ValueError(f"The vpc ID '{props['VpcId']}' does not exist")


def _check_subnet(props: dict) -> None:
    import ipaddress
    from ministack.services import ec2
    _check_vpc(props)
    vpc = ec2._vpcs.get(props.get("VpcId") or "")
    if not vpc or not props.get("CidrBlock"):
        return
    subnet = ipaddress.ip_network(props["CidrBlock"])
    if not subnet.subnet_of(ipaddress.ip_network(vpc["CidrBlock"])):  # type: ignore[arg-type]
        raise ValueError(f"The CIDR '{subnet}' is invalid: it is not within {vpc['CidrBlock']} of {vpc['VpcId']}")
    for other in ec2._subnets.values():
        if other["VpcId"] == vpc["VpcId"] and subnet.overlaps(ipaddress.ip_network(other["CidrBlock"])):
            raise ValueError(f"The CIDR '{subnet}' conflicts with another subnet ({other['SubnetId']})")


def _check_association(props: dict) -> None:
    from ministack.services import ec2
    if props.get("RouteTableId") not in ec2._route_tables:
        raise ValueError(f"The routeTable ID '{props.get('RouteTableId')}' does not exist")
    if props.get("SubnetId") not in ec2._subnets:
        raise ValueError(f"The subnet ID '{props.get('SubnetId')}' does not exist")


def _check_route(props: dict) -> None:
    from ministack.services import ec2
    table = ec2._route_tables.get(props.get("RouteTableId") or "")
    if not table:
        raise ValueError(f"The routeTable ID '{props.get('RouteTableId')}' does not exist")
    for name, store in (("NatGatewayId", ec2._nat_gateways), ("VpcPeeringConnectionId", ec2._vpc_peering),
                        ("GatewayId", ec2._internet_gateways)):
        target = props.get(name)
        if target and target not in store and not target.startswith(("vgw-", "local")):
            raise ValueError(f"the route's {name} '{target}' does not exist")
    destination = props.get("DestinationCidrBlock")
    if destination and any(r.get("DestinationCidrBlock") == destination for r in table["Routes"]):
        raise ValueError(f"The route identified by {destination} already exists in {props['RouteTableId']}")
