"""Layers that one local AWS was given are there for the next one."""

import hashlib
import json
import os
import tempfile
import time
import urllib.request
from pathlib import Path
from urllib.error import HTTPError

from .running import IMAGE, WithLocalAws, control

_CACHE = tempfile.TemporaryDirectory(prefix="local-aws-layers-")
_LAYERS = Path(_CACHE.name) / "cdk-vast" / "layers"


def _digest(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


class LayerStoreTest(WithLocalAws):
    other: str
    environment = {"XDG_CACHE_HOME": _CACHE.name}

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        done = control(cls.home, "start", "--name", "other", "--json", **cls.environment)
        assert done.returncode == 0, done.stderr
        cls.other = json.loads(done.stdout)["endpoint"]
        for endpoint in (cls.answer["endpoint"], cls.other):
            cls.client("ecr", endpoint).create_repository(repositoryName="layered")

    @classmethod
    def tearDownClass(cls) -> None:
        control(cls.home, "stop", "--name", "other", **cls.environment)
        super().tearDownClass()
        _CACHE.cleanup()

    def ask(self, endpoint: str, path: str, method: str = "GET", data: bytes | None = None) -> tuple[int, bytes, dict]:
        request = urllib.request.Request(f"{endpoint}/v2/layered/{path}", data, method=method)
        try:
            with urllib.request.urlopen(request) as answer:
                return answer.status, answer.read(), dict(answer.headers)
        except HTTPError as error:
            return error.code, error.read(), {}

    def upload(self, data: bytes) -> None:
        status, _, headers = self.ask(self.answer["endpoint"], "blobs/uploads/", "POST", b"")
        self.assertEqual(202, status)
        session = headers["Location"].removeprefix("/v2/layered/")
        self.assertEqual(201, self.ask(self.answer["endpoint"], f"{session}?digest={_digest(data)}", "PUT", data)[0])

    def test_another_local_aws_has_them(self) -> None:
        layer, small = os.urandom(1_500_000), os.urandom(1000)
        self.upload(layer)
        self.upload(small)
        self.assertEqual(200, self.ask(self.other, f"blobs/{_digest(layer)}", "HEAD")[0])
        self.assertEqual(layer, self.ask(self.other, f"blobs/{_digest(layer)}")[1])
        self.assertEqual(404, self.ask(self.other, f"blobs/{_digest(small)}", "HEAD")[0], "one so small is soon pushed")

    def test_what_docker_has_pushed_it_does_not_push_again(self) -> None:
        said = []
        for endpoint in (self.answer["endpoint"], self.other):
            name = f"{endpoint.removeprefix('http://')}/layered"
            self.docker.images.get(IMAGE).tag(name)
            said.append(self.docker.images.push(name))
            self.docker.images.remove(name)
        self.assertNotIn('"error"', "".join(said))
        self.assertRegex(said[1], "(?i)already exists")

    def test_without_a_repository_there_is_nothing(self) -> None:
        layer = os.urandom(1_200_000)
        self.upload(layer)
        with self.assertRaises(HTTPError) as raised:
            urllib.request.urlopen(f"{self.other}/v2/unknown/blobs/{_digest(layer)}")
        self.assertEqual(404, raised.exception.code)

    def test_what_is_damaged_or_old_is_forgotten(self) -> None:
        layer = os.urandom(1_200_000)
        _LAYERS.mkdir(parents=True, exist_ok=True)
        damaged = _LAYERS / _digest(layer).replace(":", "-")
        damaged.write_bytes(layer[:-1])
        self.assertEqual(404, self.ask(self.answer["endpoint"], f"blobs/{_digest(layer)}", "HEAD")[0])
        self.assertFalse(damaged.exists())
        old, recent = _LAYERS / "old", _LAYERS / "recent"
        for file, days in ((old, 15), (recent, 13)):
            file.write_bytes(b"")
            os.utime(file, (time.time() - days * 86400,) * 2)
        self.assertEqual(0, control(self.home, "start", "--name", "later", "--json", **self.environment).returncode)
        control(self.home, "stop", "--name", "later", **self.environment)
        self.assertEqual([False, True], [file.exists() for file in (old, recent)])
