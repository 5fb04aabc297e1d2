"""AWS's own emulator of Lambda for one image, built from its Go module: `python3 runtime_interface_emulator.py FILE`.

What it serves is buffered, one invocation at a time.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

_MODULE = "github.com/aws/aws-lambda-runtime-interface-emulator"
_VERSION = "v0.0.0-20261030222936-bef5c4ba774d"


class NotToBeHad(Exception):
    """Why it cannot be built here."""


def build(program: Path) -> None:
    """Makes the program.

    Raises NotToBeHad where Go is missing or too old, or the module proxy does not serve the module.
    """
    go = shutil.which("go")
    if not go:
        raise NotToBeHad("Go is not installed; the Runtime Interface Emulator is built with it")
    with tempfile.TemporaryDirectory(prefix="runtime-interface-emulator-") as directory:
        fetched = subprocess.run([go, "mod", "download", "-json", f"{_MODULE}@{_VERSION}"], capture_output=True, text=True,
                                 cwd=directory)
        module = json.loads(fetched.stdout or "{}")
        if "Dir" not in module:
            reason = (module.get("Error") or fetched.stderr or "no answer").strip().splitlines()[-1].strip()
            raise NotToBeHad(f"the Go module proxy does not serve {_MODULE} at {_VERSION}: {reason}")
        # The module cache is read-only, and Go wants to build in a module of one's own.
        source = Path(directory, "source")
        shutil.copytree(module["Dir"], source, copy_function=shutil.copyfile)
        # A Go that is too old says so itself; it is not to fetch another one.
        built = subprocess.run([go, "build", "-mod=mod", "-o", str(program.resolve()), "./cmd/aws-lambda-rie"], capture_output=True,
                               text=True, cwd=source, env={**os.environ, "CGO_ENABLED": "0", "GOTOOLCHAIN": "local"})
        if built.returncode != 0:
            raise NotToBeHad(f"the Runtime Interface Emulator cannot be built: {built.stderr.strip().splitlines()[-1]}")


if __name__ == "__main__":
    try:
        build(Path(sys.argv[1]))
    except NotToBeHad as reason:
        sys.exit(str(reason))
