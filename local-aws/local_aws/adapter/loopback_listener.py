"""Threads behind a listening socket: one that accepts, and one for each connection."""

import os
import socket
import threading
from typing import Callable

_BUFFER = 256 * 1024


class LoopbackListener:
    """Serves every connection to a socket until it is closed."""

    def __init__(self, listener: socket.socket, serve: Callable[[socket.socket], None], name: str) -> None:
        self._listener, self._serve, self._name = listener, serve, name
        self._connections: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._closed = False
        threading.Thread(target=self._accept, daemon=True, name=name).start()

    def close(self) -> None:
        with self._lock:
            self._closed = True
            connections = list(self._connections)
        for one in (self._listener, *connections):
            # Shut down first: closing alone does not wake a thread that waits for it.
            shut(one)
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with self._lock:
                if self._closed:
                    connection.close()
                    return
                self._connections.add(connection)
            threading.Thread(target=self._run, args=(connection,), daemon=True, name=self._name).start()

    def _run(self, connection: socket.socket) -> None:
        try:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._serve(connection)
        except OSError:
            # The other side went away, which a killed container does.
            pass
        finally:
            with self._lock:
                self._connections.discard(connection)
            connection.close()


def shut(one: socket.socket) -> None:
    try:
        one.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass


def emulator_port() -> int:
    return int(os.environ["GATEWAY_PORT"])


def container_port() -> int:
    """The emulator's other port, at which it knows that a request came from a container."""
    return int(os.environ["CDK_VAST_LOCAL_AWS_CONTAINER_PORT"])


def relay_to_emulator(connection: socket.socket) -> None:
    """Passes a connection on to the emulator, which listens on this machine's loopback interface only."""
    with socket.create_connection(("127.0.0.1", container_port())) as emulator:
        emulator.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        back = threading.Thread(target=_pass_on, args=(emulator, connection), daemon=True)
        back.start()
        _pass_on(connection, emulator)
        back.join()


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    try:
        while data := source.recv(_BUFFER):
            target.sendall(data)
        # The end of one direction only: the answer may still be on its way.
        target.shutdown(socket.SHUT_WR)
    except OSError:
        shut(source)
        shut(target)
