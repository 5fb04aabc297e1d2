"""A function as it was when it was invoked: what an environment is made for, and whether it still fits."""

from dataclasses import dataclass
from typing import Any, Optional

Key = tuple[str, str, str, str, str]


@dataclass(frozen=True)
class FunctionVersion:
    account: str
    region: str
    config: dict
    # The image as it was found when the function was made: a tag that moves changes nothing before an update.
    image: str

    @property
    def name(self) -> str:
        return str(self.config["FunctionName"])

    @property
    def version(self) -> str:
        return str(self.config["Version"])

    @property
    def key(self) -> Key:
        return self.account, self.region, self.name, self.version, str(self.config.get("RevisionId"))

    @property
    def timeout(self) -> int:
        return int(self.config.get("Timeout") or 3)

    @property
    def memory(self) -> int:
        return int(self.config.get("MemorySize") or 128)

    @property
    def image_config(self) -> dict:
        return (self.config.get("ImageConfigResponse") or {}).get("ImageConfig") or {}

    @property
    def environment(self) -> dict[str, str]:
        variables = (self.config.get("Environment") or {}).get("Variables") or {}
        return {name: str(value) for name, value in variables.items()}

    @property
    def subnet_ids(self) -> list[str]:
        return list((self.config.get("VpcConfig") or {}).get("SubnetIds") or [])

    @property
    def security_groups(self) -> list[str]:
        return list((self.config.get("VpcConfig") or {}).get("SecurityGroupIds") or [])

    @property
    def dead_letter(self) -> Optional[str]:
        return (self.config.get("DeadLetterConfig") or {}).get("TargetArn") or None


def is_image(config: Any) -> bool:
    return bool(config) and config.get("PackageType") == "Image" and bool(config.get("ImageUri"))
