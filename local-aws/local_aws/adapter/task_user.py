"""The user that a container runs as, in numbers."""

import functools
import io
import tarfile
from typing import Optional

from docker.errors import NotFound

from . import engine


@functools.lru_cache(maxsize=64)
def ids(image_id: str, user: str) -> Optional[tuple[int, int]]:
    """(uid, gid) of a user of an image; None when the image does not know the name."""
    name, _, group = user.partition(":")
    if not name:
        return 0, 0
    scratch = engine.client().containers.create(image_id, entrypoint=["/none"], labels=engine.labels(),
                                                network_mode="none")
    try:
        users, groups = _table(scratch, "/etc/passwd"), _table(scratch, "/etc/group")
    finally:
        scratch.remove(force=True)
    if name.isdigit():
        uid = int(name)
        entry = next((u for u in users if u[2] == name), None)
    else:
        entry = next((u for u in users if u[0] == name), None)
        if entry is None:
            return None
        uid = int(entry[2])
    if not group:
        return uid, int(entry[3]) if entry else 0
    if group.isdigit():
        return uid, int(group)
    gid = next((int(g[2]) for g in groups if g[0] == group), None)
    return None if gid is None else (uid, gid)


def _table(scratch, path: str) -> list[list[str]]:  # type: ignore[no-untyped-def]
    try:
        stream, _ = scratch.get_archive(path)
    except NotFound:
        return []
    with tarfile.open(fileobj=io.BytesIO(b"".join(stream))) as tar:
        file = tar.extractfile(tar.getmembers()[0])
        text = file.read().decode(errors="replace") if file else ""
    return [line.split(":") for line in text.splitlines() if line.count(":") >= 3]
