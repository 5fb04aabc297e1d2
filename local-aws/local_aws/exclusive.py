"""A lock between processes, for the steps that two first starts must not do at once."""

import contextlib
import fcntl
from pathlib import Path
from typing import Iterator

from .instance import private_file
from .say import say


@contextlib.contextmanager
def exclusive(file: Path, waiting_for: str) -> Iterator[None]:
    with private_file(file) as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"waiting for another command that {waiting_for}")
            fcntl.flock(handle, fcntl.LOCK_EX)
        # Freed with the file, also when the process dies.
        yield
