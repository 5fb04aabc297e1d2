"""Private namespaces of the same name in several VPCs, as two deployments of one app have them."""

import threading
from typing import Any, Optional

from .patching import replace

_lock = threading.Lock()
_vpc_of: dict[str, Optional[str]] = {}


def install() -> None:
    from ministack.services import servicediscovery

    def create(name: str, ns_type: str, description: Any = None, tags: Any = None, soa_ttl: Any = None,
               vpc: Optional[str] = None) -> tuple:
        with _lock:
            # Whatever is in the way must not be seen: MiniStack looks at nothing but the name.
            hidden = [namespace for namespace in servicediscovery._namespaces.values()
                      if ns_type == namespace["Type"] == "DNS_PRIVATE" and namespace["Name"] == name
                      and _vpc_of.get(namespace["Id"]) != vpc]
            try:
                for namespace in hidden:
                    namespace["Name"] = ""
                created, error = create_elsewhere(name, ns_type, description, tags, soa_ttl, vpc)
            finally:
                for namespace in hidden:
                    namespace["Name"] = name
            if created:
                _vpc_of[created["Id"]] = vpc
            return created, error

    create_elsewhere = replace(servicediscovery, "_create_namespace_record", create)
