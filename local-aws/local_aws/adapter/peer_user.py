"""The user behind a connection to the loopback interface, as the kernel's table of sockets shows it."""

import os
import socket
import sys
from pathlib import Path
from typing import Iterator, Optional

_TABLES = (Path("/proc/net/tcp"), Path("/proc/net/tcp6"))


def is_known() -> bool:
    """True where the kernel shows the owner of a socket, as Linux does."""
    return _TABLES[0].exists()


def is_trusted(client: tuple[str, int], server: tuple[str, int]) -> bool:
    """True where the connection's other end belongs to root or to this process's user.

    A socket that is closed already has no owner any more, and is not trusted. A table of several pages is not read in one
    go, so a row may be missed once.
    """
    return any(_owner(client, server) in (0, os.geteuid()) for _ in range(2))


def _owner(client: tuple[str, int], server: tuple[str, int]) -> Optional[int]:
    wanted = set(zip(_forms(client), _forms(server)))
    for table in _TABLES:
        for local, remote, owner, inode in _rows(table):
            # Without an inode nobody holds the socket, and the kernel shows user 0.
            if (local, remote) in wanted and inode != "0":
                return int(owner)
    return None


def _rows(table: Path) -> Iterator[tuple[str, str, str, str]]:
    try:
        lines = table.read_text().splitlines()[1:]
    except OSError:
        return
    for line in lines:
        fields = line.split()
        yield fields[1], fields[2], fields[7], fields[9]


def _forms(address: tuple[str, int]) -> tuple[str, str]:
    """An IPv4 address as both tables write it: in words of the machine's byte order."""
    number = f"{int.from_bytes(socket.inet_aton(address[0]), sys.byteorder):08X}"
    mapped = "0" * 16 + f"{int.from_bytes(bytes.fromhex('0000ffff'), sys.byteorder):08X}" + number
    port = f":{address[1]:04X}"
    return number + port, mapped + port
