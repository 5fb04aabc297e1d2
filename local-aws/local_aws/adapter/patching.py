"""Replacing MiniStack's functions, loudly when one is no longer where it was."""

from types import ModuleType
from typing import Any, Callable

PINNED = "1.5.33"


class AdapterMismatch(Exception):
    """MiniStack has changed under the adapter."""


def original(owner: ModuleType, name: str) -> Any:
    if not hasattr(owner, name):
        raise AdapterMismatch(f"MiniStack {PINNED} should have {owner.__name__}.{name}, which the adapter builds on; "
                              "it is not there. Has another version been installed?")
    return getattr(owner, name)


def replace(owner: ModuleType, name: str, substitute: Callable) -> Callable:
    """Puts a function in the place of another one, also in its module's dispatch tables; returns the other one."""
    replaced = original(owner, name)
    setattr(owner, name, substitute)
    for table in [value for value in vars(owner).values() if isinstance(value, dict)]:
        for key in [key for key, value in table.items() if value is replaced]:
            table[key] = substitute
    return replaced
