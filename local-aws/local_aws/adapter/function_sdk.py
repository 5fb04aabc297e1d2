"""Functions from archives find the AWS SDK, as Lambda's Node.js runtimes have it: the one of this clone."""

import os
from pathlib import Path

_NODE_MODULES = Path(__file__).resolve().parents[3] / "node_modules"


def install() -> None:
    paths = [path for path in os.environ.get("NODE_PATH", "").split(os.pathsep) if path]
    os.environ["NODE_PATH"] = os.pathsep.join([*paths, str(_NODE_MODULES)])
    # MiniStack runs them as processes that inherit this environment, with the `node` of PATH.
    node = os.environ.get("CDK_VAST_LOCAL_AWS_NODE")
    if node and os.path.isabs(node):
        os.environ["PATH"] = os.pathsep.join([os.path.dirname(node), os.environ.get("PATH", "")])
