"""What one runtime process and Lambda have to say to each other: the state behind the Runtime API."""

import threading
import time
from typing import Optional

from .invocation import Failure, Invocation


class RuntimeSession:
    """Begins with a process and ends with it."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._waits = False
        self._turn = 0
        self._offered: Optional[Invocation] = None
        self._current: Optional[Invocation] = None
        self.init_failure: Optional[Failure] = None
        # How the process ended, in Lambda's words.
        self.end: Optional[str] = None

    # --- the runtime's side ----------------------------------------------------------

    def next(self) -> Optional[Invocation]:
        """Waits for work; None when there will be none."""
        with self._changed:
            self._current = None
            self._waits = True
            # Whoever asked before on a connection that it gave up must not take the work.
            self._turn = turn = self._turn + 1
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._offered or self.end is not None or self._turn != turn)
            if self._turn != turn:
                return None
            self._waits = False
            self._current, self._offered = self._offered, None
            return self._current

    def is_answering(self) -> bool:
        """Whether a runtime that asks for more still owes an answer."""
        with self._changed:
            return self._current is not None and not self._current.answered.is_set()

    def current(self, request_id: str) -> Optional[Invocation]:
        """The invocation that the runtime may answer now."""
        with self._changed:
            current = self._current
        if current is None or current.request_id != request_id or current.answered.is_set():
            return None
        return current

    def fail_init(self, failure: Failure) -> bool:
        with self._changed:
            if self._waits or self._current or self.init_failure:
                return False
            self.init_failure = failure
            self._changed.notify_all()
            return True

    # --- the environment's side ------------------------------------------------------

    def ended(self, how: str) -> None:
        with self._changed:
            if self.end is None:
                self.end = how
            self._changed.notify_all()

    def offer(self, invocation: Invocation) -> None:
        with self._changed:
            self._offered = invocation
            self._changed.notify_all()

    def wait_until_ready(self, deadline: float) -> bool:
        """Whether the runtime asks for work; False when it ends, fails to start, or takes too long."""
        with self._changed:
            self._changed.wait_for(lambda: self._waits or self.end is not None or self.init_failure is not None,
                                   max(0.0, deadline - time.monotonic()))
            return self._waits and self.end is None
