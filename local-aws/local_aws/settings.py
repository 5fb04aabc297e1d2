"""The environment that points AWS tools to an instance."""

import os
from pathlib import Path
from typing import Any

from .instance import Instance, write_private

ACCOUNT_ID = "000000000000"
# The variable that leads the CDK CLI's docker command to the instance.
STATE_DIRECTORY = "CDK_VAST_LOCAL_AWS_STATE"

_HARMLESS = ("AWS_CA_BUNDLE",)


def region(default: str = "us-east-1") -> str:
    return os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or default


def for_tools(instance: Instance, record: dict[str, Any]) -> dict[str, str]:
    """What a process needs so that it talks to this local AWS and to nothing else."""
    # Files of our own: a profile of the user would name another region, or real credentials.
    config = instance.directory / "aws-config"
    credentials = instance.directory / "aws-credentials"
    # One emulator serves every region: whoever asks names theirs, or gets that of the start.
    wanted = region(record["region"])
    # No name server knows a bucket's name below localhost, as the AWS CLI and boto3 would ask for it.
    write_private(config, f"[default]\nregion = {wanted}\ns3 =\n    addressing_style = path\n")
    write_private(credentials, "")
    return {
        "AWS_ENDPOINT_URL": record["endpoint"],
        # One of the user's would go first.
        "AWS_ENDPOINT_URL_S3": record["endpoint"],
        # The access key names the account: the tools compare it with the one they deploy to.
        "AWS_ACCESS_KEY_ID": ACCOUNT_ID,
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_SESSION_TOKEN": "",
        "AWS_REGION": wanted,
        "AWS_DEFAULT_REGION": wanted,
        "AWS_CONFIG_FILE": str(config),
        "AWS_SHARED_CREDENTIALS_FILE": str(credentials),
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_PAGER": "",
        # Images that are built for a deployment find base images without a registry, too.
        "CDK_DOCKER": str(Path(__file__).resolve().parents[1] / "docker_for_cdk.py"),
        STATE_DIRECTORY: str(instance.directory),
        **_no_proxy(),
    }


def foreign(environment: dict[str, str]) -> list[str]:
    """The user's variables for AWS tools that must not count beside those of `for_tools`.

    A profile goes before keys, an endpoint of one service before that of all, and there are more of the kind.
    """
    return sorted(name for name in os.environ
                  if name.startswith("AWS_") and name not in environment and name not in _HARMLESS)


def _no_proxy() -> dict[str, str]:
    """A proxy that the machine uses would be asked for localhost, too."""
    if not any(os.environ.get(name) for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy")):
        return {}
    hosts = [h for h in (os.environ.get("NO_PROXY") or os.environ.get("no_proxy") or "").split(",") if h]
    value = ",".join([*hosts, *(h for h in ("localhost", "127.0.0.1") if h not in hosts)])
    return {"NO_PROXY": value, "no_proxy": value}


def as_json(instance: Instance, record: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": instance.name,
        "endpoint": record["endpoint"],
        "pid": record["pid"],
        "region": record["region"],
        "accountId": ACCOUNT_ID,
        "stateDir": str(instance.directory),
        "env": for_tools(instance, record),
    }
