"""Functions from archives find the AWS SDK, as Lambda's Node.js runtimes have it: the clients that this package has bundled."""

import json
import os
from pathlib import Path

from ..instance import Instance

_BUNDLES = Path(__file__).resolve().parents[3] / "lib" / "runtime" / "aws-sdk"
_CLIENTS = {"client-cloudformation": "cloudformation", "client-ecs": "ecs"}


def install() -> None:
    modules = Instance(os.environ["CDK_VAST_LOCAL_AWS_NAME"]).directory / "function-sdk"
    (modules / "@aws-sdk").mkdir(parents=True, exist_ok=True)
    for client, bundle in _CLIENTS.items():
        text = f"module.exports = require({json.dumps(str(_BUNDLES / bundle))});\n"
        (modules / "@aws-sdk" / f"{client}.js").write_text(text, encoding="utf-8")
    paths = [path for path in os.environ.get("NODE_PATH", "").split(os.pathsep) if path]
    os.environ["NODE_PATH"] = os.pathsep.join([*paths, str(modules)])
    # MiniStack runs them as processes that inherit this environment, with the `node` of PATH.
    node = os.environ.get("CDK_VAST_LOCAL_AWS_NODE")
    if node and os.path.isabs(node):
        os.environ["PATH"] = os.pathsep.join([os.path.dirname(node), os.environ.get("PATH", "")])
