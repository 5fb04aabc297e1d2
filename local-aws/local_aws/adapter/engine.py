"""The Docker engine as the emulator uses it, and the names and labels of what it makes there."""

import functools
import os

import docker

from ..labels import INSTANCE, INSTANCE_ID

NAME = os.environ.get("CDK_VAST_LOCAL_AWS_NAME", "default")
IDENTITY = os.environ.get("CDK_VAST_LOCAL_AWS_ID", "unnamed")


@functools.cache
def client() -> docker.DockerClient:
    # Stopping a container may take its whole grace period of 120 s.
    return docker.from_env(timeout=300)


@functools.cache
def processors() -> int:
    return int(client().info()["NCPU"])


def labels(**more: str) -> dict[str, str]:
    return {INSTANCE: NAME, INSTANCE_ID: IDENTITY, **more}


def object_name(*parts: str) -> str:
    """A name that no other instance on the same Docker engine uses."""
    return "-".join(("cdk-vast", NAME, IDENTITY, *parts))
