"""The emulator's process: MiniStack with the adapter applied, on a loopback port of the system's choosing."""

import asyncio
import errno
import logging
import os
import signal
import socket
import sys
from pathlib import Path

from .instance import Instance, process_start


def main() -> None:
    # Whatever this process and its children write is the user's alone.
    os.umask(0o077)
    # Bound before MiniStack is imported: it reads its port then, and nobody can take it meanwhile.
    (listener, reserved), for_containers = _listener_for_localhost(), _listener()
    port = listener.getsockname()[1]
    os.environ["CDK_VAST_LOCAL_AWS_CONTAINER_PORT"] = str(for_containers.getsockname()[1])
    instance = Instance(os.environ["CDK_VAST_LOCAL_AWS_NAME"])
    region = os.environ["CDK_VAST_LOCAL_AWS_REGION"]
    _configure(port, region, instance.directory)

    from .adapter import apply
    app = apply()

    # On SIGTERM containers are left to `stop`, which removes them by their labels.
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))

    def announce() -> None:
        # First of all: images may be pushed from now on, and whoever removes their names must know the address.
        instance.remember_registry(f"localhost:{port}")
        instance.save({
            "name": instance.name,
            "endpoint": f"http://localhost:{port}",
            "pid": os.getpid(),
            "processStart": process_start(os.getpid()),
            "region": region,
        })

    asyncio.run(_serve(app, [listener, for_containers], announce))
    # It was held until here: an object that nobody refers to is closed.
    reserved.close()


def _listener_for_localhost() -> tuple[socket.socket, socket.socket]:
    """A listener at 127.0.0.1, and a socket that keeps the same port of ::1.

    Where `localhost` is ::1 first, another user could answer there in this AWS's place. As nothing listens there, clients
    are refused at once and take 127.0.0.1.
    """
    while True:
        listener, reserved = _listener(), socket.socket(socket.AF_INET6, socket.SOCK_STREAM)
        try:
            reserved.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            reserved.bind(("::1", listener.getsockname()[1]))
        except OSError as error:
            # Without IPv6 nobody has that address.
            if error.errno == errno.EADDRINUSE:
                listener.close()
                reserved.close()
                continue
        return listener, reserved


def _listener() -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", 0))
    return listener


def _configure(port: int, region: str, directory: Path) -> None:
    """MiniStack's settings; it reads them while it is imported."""
    os.environ.update({
        "GATEWAY_PORT": str(port),
        "EDGE_PORT": str(port),
        "BIND_HOST": "127.0.0.1",
        "MINISTACK_HOST": "localhost",
        "MINISTACK_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "AWS_REGION": region,
        "PERSIST_STATE": "0",
        # Listeners of services that this project does not use; they would bind every interface.
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "TMPDIR": str(_scratch(directory)),
        "LOG_LEVEL": os.environ.get("CDK_VAST_LOCAL_AWS_LOG_LEVEL", "INFO"),
    })


def _scratch(directory: Path) -> Path:
    scratch = directory / "tmp"
    scratch.mkdir(exist_ok=True)
    return scratch


async def _serve(app, listeners: list[socket.socket], ready) -> None:  # type: ignore[no-untyped-def]
    from hypercorn.asyncio import serve
    from hypercorn.config import Config

    config = Config()
    config.bind = [f"fd://{listener.fileno()}" for listener in listeners]
    config.keep_alive_timeout = 75
    config.loglevel = "WARNING"
    config.accesslog = None
    ready()
    await serve(app, config, shutdown_trigger=asyncio.Event().wait)


if __name__ == "__main__":
    logging.captureWarnings(True)
    try:
        main()
    except Exception as error:  # the last line of the log is what `start` shows
        logging.getLogger("local-aws").exception("the emulator failed")
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        sys.exit(1)
