"""AWS::SecretsManager::Secret: a Ref is the ARN, which is what task definitions and policies name."""

from typing import Any


def install() -> None:
    from ministack.services.cloudformation import provisioners
    handlers = provisioners._RESOURCE_HANDLERS["AWS::SecretsManager::Secret"]
    create, update, delete = handlers["create"], handlers["update"], handlers["delete"]

    def creating(logical_id: str, props: dict, stack_name: str) -> tuple:
        if props.get("GenerateSecretString") == {}:
            # All defaults, which is still a wish for a generated value.
            props = {**props, "GenerateSecretString": {"PasswordLength": 32}}
        _, attributes = create(logical_id, props, stack_name)
        return attributes["Arn"], attributes

    def updating(physical_id: str, *rest: Any) -> tuple:
        _, attributes = update(_name(physical_id), *rest)
        return attributes["Arn"], attributes

    provisioners._RESOURCE_HANDLERS["AWS::SecretsManager::Secret"] = {
        **handlers, "create": creating, "update": updating,
        "delete": lambda physical_id, props: delete(_name(physical_id), props),
    }


def _name(arn: str) -> str:
    """MiniStack keeps secrets by name."""
    from ministack.services import secretsmanager
    return next((name for name, secret in secretsmanager._secrets.items() if secret["ARN"] == arn), arn)
