"""From the image that a task names to one that this machine's Docker can run."""

import platform

from docker.errors import ImageNotFound

from .. import docker_api, engine_image
from ..errors import LocalAwsError
from ..say import say
from . import ecr_registry, engine
from .task_failures import CannotPullContainerError

_ARCHITECTURES = {"X86_64": "amd64", "ARM64": "arm64"}
_MACHINES = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}


def obtain(image: str, cpu_architecture: str) -> str:
    """A local name for the image; raises CannotPullContainerError with the real reason."""
    wanted = _ARCHITECTURES.get(cpu_architecture, "amd64")
    try:
        name = _find(image, wanted)
    except (LocalAwsError, docker_api.DockerApiError, OSError) as error:
        raise CannotPullContainerError(f"The task cannot pull {image}: {error}") from error
    try:
        actual = engine.client().api.inspect_image(name)["Architecture"]
    except ImageNotFound as error:
        raise CannotPullContainerError(f"The task cannot pull {image}: no such image") from error
    if actual != wanted:
        raise CannotPullContainerError(
            f"image Manifest does not contain descriptor matching platform 'linux/{wanted}' "
            f"({image} is here for linux/{actual} only)")
    return name


def _find(image: str, wanted: str) -> str:
    in_ecr = ecr_registry.local_name(image)
    if in_ecr:
        # Always pulled: ECR's tags move, and the registry is on this machine.
        _pull(in_ecr, wanted)
        return in_ecr
    if docker_api.image_exists(image):
        return image
    engine_release = engine_image.official(image)
    # The stand-in is the engine for this machine's own architecture.
    if engine_release and wanted == _MACHINES.get(platform.machine()):
        return engine_image.ensure(*engine_release, say)
    _pull(image if ":" in image.rsplit("/", 1)[-1] or "@" in image else f"{image}:latest", wanted)
    return image


def _pull(name: str, wanted: str) -> None:
    native = wanted == _MACHINES.get(platform.machine())
    refusal = engine_image.pull(name, 600, "" if native else f"linux/{wanted}")
    if refusal is not None:
        raise CannotPullContainerError(f"pull image manifest has been retried 1 time(s): "
                                       f"failed to resolve ref {name}: {refusal}")
