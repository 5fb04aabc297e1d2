"""ECR's addresses: Docker can push to and pull from this machine only by a localhost name."""

import os
import re
from typing import Any

from .patching import original, replace

_AWS_NAME = re.compile(r"\d{12}\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?/(.+)")


def host() -> str:
    return f"localhost:{os.environ['GATEWAY_PORT']}"


def local_name(image: str) -> str | None:
    """The address under which this machine's Docker finds an image that AWS keeps in ECR."""
    match = _AWS_NAME.fullmatch(image)
    return f"{host()}/{match.group(1)}" if match else None


def install() -> None:
    from ministack.services import ecr

    replace(ecr, "_repo_uri", lambda name: f"{host()}/{name}")

    get_token = original(ecr, "_get_authorization_token")

    def authorization_token(data: dict) -> Any:
        # `docker login` goes to the address that the token names.
        status, headers, body = get_token(data)
        return status, headers, re.sub(rb"https://[^\"]+", f"http://{host()}".encode(), body)

    replace(ecr, "_get_authorization_token", authorization_token)

    describing = original(ecr, "_describe_images")

    def describe_images(data: dict) -> Any:
        # The CDK CLI asks this way whether it still has to push.
        name = data.get("repositoryName", "")
        for wanted in data.get("imageIds") or []:
            if name in ecr._repositories and not ecr._find_image(name, wanted):
                return ecr.error_response_json(
                    "ImageNotFoundException", f"The image with imageId {wanted} does not exist within the repository "
                    f"with name '{name}' in the registry with id '{ecr._registry_id()}'", 400)
        return describing(data)

    replace(ecr, "_describe_images", describe_images)
