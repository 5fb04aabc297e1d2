"""Names of pushed images that are removed. Needs Docker, and no instance."""

import contextlib
import io
import os
import tarfile
import unittest

from local_aws import docker_api, leftovers

# Nothing listens there.
_REGISTRY = "localhost:1"


class PushedImagesTest(unittest.TestCase):
    def setUp(self) -> None:
        if not docker_api.ping():
            self.skipTest("no Docker engine answers")
        self.name = f"{_REGISTRY}/cdk-vast-test-{os.getpid()}:1"
        root = io.BytesIO()
        with tarfile.open(fileobj=root, mode="w") as archive:
            archive.addfile(tarfile.TarInfo(f"file-{os.getpid()}"))
        repository, tag = self.name.rsplit(":", 1)
        for _ in docker_api.progress(docker_api.request("POST", "/images/create", {
                "fromSrc": "-", "repo": repository, "tag": tag}, body=root.getvalue())):
            pass
        self.addCleanup(self.remove)

    def remove(self) -> None:
        with contextlib.suppress(docker_api.DockerApiError):
            docker_api.call("DELETE", f"/images/{self.name}")

    def test_the_names_of_a_registry_that_ended_are_removed(self) -> None:
        self.assertEqual(1, leftovers.remove_pushed_images([_REGISTRY]))
        self.assertFalse(docker_api.image_exists(self.name))

    def test_a_name_that_a_container_holds_is_told(self) -> None:
        container = docker_api.call("POST", "/containers/create", body={"Image": self.name, "Cmd": ["none"]})["Id"]
        told: list[str] = []
        try:
            self.assertEqual(0, leftovers.remove_pushed_images([_REGISTRY], told.append))
        finally:
            docker_api.call("DELETE", f"/containers/{container}")
        self.assertEqual(1, len(told))
        self.assertIn(f"the image name {self.name} stays: ", told[0])
        self.assertIn(container[:12], told[0])
