"""What MiniStack lacks or tells untruly about the things this project deploys; one module for each gap."""

from importlib import import_module
from importlib.metadata import version
from typing import Any

from .patching import AdapterMismatch, PINNED

_GAPS = (
    "ecr_registry", "layer_store", "file_system_volumes", "vpc_networks", "task_definitions", "ecs_api", "ecs_clusters",
    "ecs_exec", "cloud_map_names", "function_state", "function_sdk", "lambda_api", "cloudformation_ec2", "cloudformation_ecs",
    "cloudformation_lambda", "cloudformation_buckets", "cloudformation_secrets", "cloudformation_attributes", "cloudformation_contract", "cloudformation_stacks", "status_page",
    "container_access",
)


def apply() -> Any:
    """Applies the adapter; returns the application to serve."""
    if version("ministack") != PINNED:
        raise AdapterMismatch(f"the adapter is made for MiniStack {PINNED}, but {version('ministack')} is installed.")
    from ministack import app
    for gap in _GAPS:
        import_module(f"{__name__}.{gap}").install()
    pages = import_module(f"{__name__}.status_page").wrap(app.app)
    served = import_module(f"{__name__}.lambda_api").wrap(pages)
    return import_module(f"{__name__}.access").wrap(served)
