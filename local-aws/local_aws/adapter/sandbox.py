"""A container that does nothing but hold a network namespace, as Kubernetes' pause container does.

What listens on an environment's loopback must listen before its first process runs, and Docker makes
a namespace only when a container starts: so this one starts first, and the function's joins it.
"""

import functools
import io
import secrets
import struct
import tarfile
import threading
from typing import Any, Optional

from docker.errors import APIError, ImageNotFound, NotFound

from ..labels import SANDBOX
from . import engine, network_namespaces

_IMAGE = "cdk-vast.local/sandbox:1"
_PROGRAM = "/hold"
# `pause()` for ever; there is no compiler to count on, and any other image may lack a program that waits.
_CODE = {
    "x86_64": (62, bytes.fromhex("b822000000" "0f05" "ebf7")),
    "aarch64": (183, struct.pack("<7I", 0xD2800928, 0xD2800000, 0xD2800001, 0xD2800002, 0xD2800003, 0xD4000001,
                                 0x17FFFFFA)),
}
_lock = threading.Lock()


class Sandbox:
    """A network namespace with a container in it that keeps it."""

    def __init__(self, name: str, network: Optional[str], owner: str) -> None:
        reason = network_namespaces.why_not()
        if reason:
            raise network_namespaces.CannotEnter(reason + ".")
        self.name = name
        self._container: Any = engine.client().containers.create(
            _image(), command=[self.name], name=self.name, labels=engine.labels(**{SANDBOX: owner}),
            network=network or "bridge", read_only=True, cap_drop=["ALL"], ipc_mode="none",
            mem_limit="16m", log_config={"type": "none"})
        try:
            self._container.start()
            self.pid = int(engine.client().api.inspect_container(self._container.id)["State"]["Pid"])
        except BaseException:
            self.remove()
            raise

    @property
    def id(self) -> str:
        return str(self._container.id)

    def inside(self, function: Any) -> Any:
        return network_namespaces.inside(self.pid, (self.name, self.id), function)

    def remove(self) -> None:
        try:
            self._container.remove(force=True)
        except (NotFound, APIError):
            # Already on its way; `stop` takes away by its label what may still be there.
            pass


@functools.cache
def check() -> None:
    """Tries once whether a sandbox can be entered; raises CannotEnter when not."""
    tried = Sandbox(engine.object_name("try", secrets.token_hex(4)), None, "try")
    try:
        tried.inside(lambda: network_namespaces.listen(0)).close()
    finally:
        tried.remove()


def _image() -> str:
    with _lock:
        try:
            engine.client().images.get(_IMAGE)
        except ImageNotFound:
            _import_image()
    return _IMAGE


def _import_image() -> None:
    machine, code = _CODE[str(engine.client().info()["Architecture"])]
    content = _elf(machine, code)
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        entry = tarfile.TarInfo(_PROGRAM.lstrip("/"))
        entry.size, entry.mode = len(content), 0o755
        tar.addfile(entry, io.BytesIO(content))
    repository, tag = _IMAGE.split(":")
    engine.client().api.import_image_from_data(
        buffer.getvalue(), repository=repository, tag=tag, changes=[f'ENTRYPOINT ["{_PROGRAM}"]'])


def _elf(machine: int, code: bytes) -> bytes:
    """The smallest static program: a header, one segment, the code."""
    base, start = 0x400000, 64 + 56
    size = start + len(code)
    header = b"\x7fELF" + bytes([2, 1, 1]) + bytes(9) + struct.pack(
        "<HHIQQQIHHHHHH", 2, machine, 1, base + start, 64, 0, 0, 64, 56, 1, 0, 0, 0)
    segment = struct.pack("<IIQQQQQQ", 1, 5, 0, base, base, size, size, 0x10000)
    return header + segment + code
