"""Entering a container's network namespace: how a socket of this process comes to listen on a container's loopback."""

import ctypes
import os
import socket
import threading
import time
from pathlib import Path
from typing import Callable, Optional, Sequence, TypeVar

_T = TypeVar("_T")
_CLONE_NEWNET = 0x40000000
_SHOWN_SECONDS = 0.5


class CannotEnter(Exception):
    """The namespace is out of reach; the message is a sentence that says why."""


def why_not() -> Optional[str]:
    """Why no namespace can be entered on this machine; None when nothing speaks against it."""
    if not Path("/proc/self/ns/net").exists():
        return "containers reach the local AWS through their network namespace, which needs Linux"
    if os.geteuid() != 0:
        return "containers reach the local AWS through their network namespace, which only root can enter"
    return None


def inside(pid: int, marks: Sequence[str], function: Callable[[], _T]) -> _T:
    """Calls a function in the network namespace of a process, known by an argument or by its control group.

    It runs on a thread of its own that ends there: nothing has to find the way back.
    """
    reason = why_not()
    if reason:
        raise CannotEnter(reason + ".")
    _check(pid, marks)
    answer: list[_T] = []
    failure: list[BaseException] = []

    def enter() -> None:
        try:
            libc = ctypes.CDLL(None, use_errno=True)
            with open(f"/proc/{pid}/ns/net") as namespace:
                if libc.setns(namespace.fileno(), _CLONE_NEWNET) != 0:
                    raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
            answer.append(function())
        except BaseException as error:
            failure.append(error)

    thread = threading.Thread(target=enter, name=f"namespace of {pid}")
    thread.start()
    thread.join()
    if failure:
        if isinstance(failure[0], PermissionError):
            raise CannotEnter("containers reach the local AWS through their network namespace, which this process "
                              f"may not enter ({failure[0].strerror}).")
        raise failure[0]
    return answer[0]


def _check(pid: int, marks: Sequence[str]) -> None:
    # A Docker engine in a virtual machine counts processes of its own: the number may be somebody else's here.
    deadline = time.monotonic() + _SHOWN_SECONDS
    while True:
        try:
            found = Path(f"/proc/{pid}/cmdline").read_bytes() + Path(f"/proc/{pid}/cgroup").read_bytes()
        except OSError:
            found = b""
        if any(mark.encode() in found for mark in marks):
            return
        if time.monotonic() > deadline:
            raise CannotEnter("containers reach the local AWS through their network namespace, which needs a Docker "
                              "engine on this very machine; this one's processes are not to be seen here.")
        # A process that has just been started may still bear the name of what started it.
        time.sleep(0.02)


def listen(port: int) -> socket.socket:
    """A listening socket on the loopback interface of whatever namespace the caller is in."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        listener.listen(128)
    except BaseException:
        listener.close()
        raise
    return listener
