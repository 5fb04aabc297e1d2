"""Calling Python and pip whatever the user has set for their own work with them."""

import ast
import os
import re
import subprocess
from typing import Sequence

# Settings of pip that say where packages come from, and how they are fetched. All else that pip can be told is about where they go to, and would
# put them somewhere else than they are looked for.
_PIP_SETTINGS = ("index-url", "extra-index-url", "find-links", "no-index", "trusted-host", "cert", "client-cert", "proxy",
                 "timeout", "default-timeout", "retries", "cache-dir", "no-cache-dir", "keyring-provider", "use-feature",
                 "use-deprecated")
# Later ones win, as they do with pip.
_SECTIONS = ("global", "install", ":env:")
_SETTING = re.compile(r"(global|install|:env:)\.([\w-]+)=(.+)")


def without_python_settings() -> dict[str, str]:
    """The environment without what leads an interpreter to other modules or another home."""
    return {name: value for name, value in os.environ.items()
            if not name.startswith("PYTHON") and name not in ("VIRTUAL_ENV", "__PYVENV_LAUNCHER__")}


def for_pip(python: Sequence[str]) -> dict[str, str]:
    """The environment for pip: the user's indexes, proxies and certificates, and nothing else of their settings."""
    environment = without_python_settings()
    listed = subprocess.run([*python, "-m", "pip", "config", "list"], capture_output=True, text=True,
                            env={**environment, "PIP_REQUIRE_VIRTUALENV": "0"})
    found = {name: value for name, value in environment.items() if not name.startswith("PIP_")}
    found["PIP_CONFIG_FILE"] = os.devnull
    settings = [match for match in map(_SETTING.fullmatch, listed.stdout.splitlines()) if match]
    for match in sorted(settings, key=lambda match: _SECTIONS.index(match[1])):
        if match[2] in _PIP_SETTINGS:
            found[f"PIP_{match[2].upper().replace('-', '_')}"] = str(ast.literal_eval(match[3]))
    return found
