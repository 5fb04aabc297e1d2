"""The few calls of the Docker Engine API that are needed before anything is installed."""

import http.client
import json
import os
import socket
from typing import Any, IO, Iterable, Optional, Union
from urllib.parse import quote, urlencode, urlparse

from . import docker_context
from .errors import LocalAwsError, USER_ERROR


class DockerApiError(Exception):
    """An answer of Docker that is an error."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: str, timeout: Optional[float]) -> None:
        super().__init__("localhost", timeout=timeout)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


def docker_host() -> str:
    """The engine's address, as the docker command finds it."""
    return docker_context.find().host


def unix_socket_path() -> Optional[str]:
    url = urlparse(docker_host())
    return url.path if url.scheme == "unix" else None


def _connect(timeout: Optional[float]) -> http.client.HTTPConnection:
    url = urlparse(docker_host())
    if url.scheme == "unix":
        return _UnixConnection(url.path, timeout)
    if url.scheme in ("tcp", "http") and not os.environ.get("DOCKER_TLS_VERIFY"):
        return http.client.HTTPConnection(url.hostname or "localhost", url.port or 2375, timeout=timeout)
    raise LocalAwsError(
        f"the Docker engine is at {docker_host()!r}, which the local AWS cannot use; "
        "it can use unix:///path/to/docker.sock, or tcp://host:port without TLS.",
        USER_ERROR,
    )


Body = Union[None, dict, bytes, IO[bytes], Iterable[bytes]]


def request(method: str, path: str, query: Optional[dict] = None, body: Body = None,
            timeout: Optional[float] = 30, content_type: Optional[str] = None) -> http.client.HTTPResponse:
    """One call; raises DockerApiError for an error and OSError when no engine answers."""
    # One call, one connection: it is closed with the end of the answer.
    headers = {"Connection": "close"}
    if isinstance(body, dict):
        body = json.dumps(body).encode()
        headers["Content-Type"] = "application/json"
    if content_type:
        headers["Content-Type"] = content_type
    url = path + ("?" + urlencode(query, doseq=True) if query else "")
    connection = _connect(timeout)
    # Without a length http.client would not know where a stream ends.
    chunked = body is not None and not isinstance(body, bytes)
    if chunked:
        headers["Transfer-Encoding"] = "chunked"
    connection.request(method, url, body=body, headers=headers, encode_chunked=chunked)
    response = connection.getresponse()
    if response.status >= 400:
        text = response.read().decode(errors="replace")
        response.close()
        try:
            text = json.loads(text)["message"]
        except (ValueError, KeyError):
            pass
        raise DockerApiError(response.status, text)
    return response


def call(method: str, path: str, query: Optional[dict] = None, body: Body = None,
         timeout: Optional[float] = 30) -> Any:
    """One call and its decoded JSON answer (None when the answer is empty)."""
    with request(method, path, query, body, timeout) as response:
        text = response.read()
    return json.loads(text) if text.strip() else None


def ping(timeout: float = 3) -> bool:
    """Whether an engine answers."""
    try:
        call("GET", "/_ping", timeout=timeout)
        return True
    except ValueError:
        # The answer is the bare word OK.
        return True
    except (OSError, http.client.HTTPException, DockerApiError):
        return False


def server_version() -> str:
    return call("GET", "/version")["Version"]


def image_exists(name: str) -> bool:
    try:
        call("GET", f"/images/{quote(name, safe='/:')}/json")
        return True
    except DockerApiError as error:
        if error.status == 404:
            return False
        raise


def labelled(kind: str, label: str) -> list[dict]:
    """Everything of a kind ('containers', 'networks', 'volumes') that carries a label."""
    filters = json.dumps({"label": [label]})
    if kind == "containers":
        return call("GET", "/containers/json", {"all": "true", "filters": filters})
    if kind == "networks":
        return call("GET", "/networks", {"filters": filters})
    return call("GET", "/volumes", {"filters": filters}).get("Volumes") or []


def progress(response: http.client.HTTPResponse) -> Iterable[dict]:
    """The objects of a streamed answer; an error in the stream is raised."""
    for line in response:
        if not line.strip():
            continue
        entry = json.loads(line)
        if "error" in entry:
            raise DockerApiError(500, entry["error"])
        yield entry
