"""Layers of images that were pushed here before.

Docker compresses a layer anew for every registry that does not have it, which for an engine's takes it half a minute,
and each local AWS is a new registry. Docker asks first, by the digests that it knows of other registries.
"""

import hashlib
import os
import tempfile
import time
from pathlib import Path
from typing import Any, Optional

from ..say import say
from .patching import original, replace

# Docker asks for nothing smaller in a registry where it has not pushed it.
_LEAST_BYTES = 1_000_000
_KEPT_SECONDS = 14 * 24 * 3600


def directory() -> Path:
    cache = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(cache).expanduser() / "cdk-vast" / "layers"


def keep(digest: str, layer: bytes) -> None:
    """Without room for it the next push takes longer, and nothing else."""
    if len(layer) < _LEAST_BYTES:
        return
    try:
        directory().mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=directory(), delete=False) as file:
            try:
                file.write(layer)
                file.close()
                # Written aside and renamed: several instances may be at it.
                os.replace(file.name, _file(digest))
            except OSError:
                os.unlink(file.name)
                raise
    except OSError as error:
        say(f"a layer was not kept for the next local AWS: {error}")


def find(digest: str) -> Optional[bytes]:
    file = _file(digest)
    try:
        layer = file.read_bytes()
        if f"sha256:{hashlib.sha256(layer).hexdigest()}" != digest:
            file.unlink(missing_ok=True)
            return None
        os.utime(file)
        return layer
    except OSError:
        return None


def forget_old() -> None:
    """Those that nobody has pushed for two weeks, and what an interrupted emulator has left."""
    for file in directory().glob("*"):
        try:
            if file.stat().st_mtime < time.time() - _KEPT_SECONDS:
                file.unlink()
        except OSError:
            # Another instance was faster, or it is not ours.
            continue


def _file(digest: str) -> Path:
    return directory() / digest.replace(":", "-").replace("/", "-")


def install() -> None:
    from ministack.services import ecr

    forget_old()
    completing = original(ecr, "_v2_complete_blob_upload")

    def complete_blob_upload(name: str, upload: str, query: dict, body: Any) -> Any:
        answer = completing(name, upload, query, body)
        digest = ecr._query_first(query, "digest")
        layer = ecr._layer_blobs.get(name, {}).get(digest)
        if answer[0] == 201 and layer is not None:
            keep(digest, layer)
        return answer

    replace(ecr, "_v2_complete_blob_upload", complete_blob_upload)

    asking = original(ecr, "_v2_head_blob")

    def head_blob(name: str, digest: str) -> Any:
        answer = asking(name, digest)
        layer = find(digest) if answer[0] == 404 and name in ecr._repositories else None
        if layer is None:
            return answer
        ecr._layer_blobs.setdefault(name, {})[digest] = layer
        return asking(name, digest)

    replace(ecr, "_v2_head_blob", head_blob)
