"""Telling a web page from a program: pages reach listeners of this machine by their own name or across origins."""

import re
from typing import Iterable, Optional

# No name server gives these names to somebody's page, so a page that rebinds its own name sends another one.
_HOST = re.compile(r"(?:(?:[\w-]+\.)*localhost|127\.0\.0\.1|\[::1\])(?::\d+)?", re.IGNORECASE)


def refusal(headers: Iterable[tuple[bytes, bytes]]) -> Optional[str]:
    """Why a request with these headers is not served; None for one that is."""
    fields: dict[bytes, list[str]] = {}
    for name, value in headers:
        fields.setdefault(name.lower(), []).append(value.decode("latin-1").strip())
    # HTTP/1.0 needs no host, and no browser speaks it.
    if not all(_HOST.fullmatch(host) for host in fields.get(b"host", [])):
        return "the local AWS is called localhost or 127.0.0.1; a request to another host is not for it."
    # Browsers send the first across origins, and the second always; `none` is an address that somebody typed.
    if b"origin" in fields or any(site != "none" for site in fields.get(b"sec-fetch-site", [])):
        return "a page in a browser may not use the local AWS."
    return None
