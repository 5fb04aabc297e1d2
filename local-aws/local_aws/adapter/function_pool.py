"""Every function's environments: kept warm, made when more are needed at once, removed when nobody calls."""

import logging
import os
import secrets
import threading
import time
from typing import Callable

from . import engine
from .function_environment import FunctionEnvironment
from .function_version import FunctionVersion, Key

logger = logging.getLogger("local-aws")

# Lambda keeps an idle environment for some minutes; it does not say for how many.
_IDLE_SECONDS = float(os.environ.get("CDK_VAST_LOCAL_AWS_FUNCTION_IDLE_SECONDS") or 300)
_lock = threading.Lock()
_idle: dict[Key, list[FunctionEnvironment]] = {}
_busy: set[FunctionEnvironment] = set()
# What still fits: environments of an older state of a function end when they are done.
_current: Callable[[FunctionVersion], bool] = lambda function: True


def install(current: Callable[[FunctionVersion], bool]) -> None:
    global _current
    _current = current
    threading.Thread(target=_reap, daemon=True, name="idle functions").start()


def acquire(function: FunctionVersion) -> FunctionEnvironment:
    """A warm environment, or a new one that has had its time to start."""
    with _lock:
        warm = _idle.get(function.key)
        while warm:
            environment = warm.pop()
            if environment.is_alive:
                environment.take()
                _busy.add(environment)
                return environment
            threading.Thread(target=_remove_one, args=(environment,), daemon=True).start()
    name = engine.object_name("function", function.name[:40], secrets.token_hex(4))
    environment = FunctionEnvironment(function, name)
    with _lock:
        _busy.add(environment)
    try:
        environment.initialize()
    except BaseException:
        discard(environment)
        raise
    return environment


def release(environment: FunctionEnvironment) -> None:
    """Takes an environment back that has done its work."""
    with _lock:
        _busy.discard(environment)
        keep = environment.is_alive and _current(environment.function)
        if keep:
            environment.idle_since = time.monotonic()
            _idle.setdefault(environment.function.key, []).append(environment)
    if keep:
        environment.rest()
    else:
        environment.remove()


def discard(environment: FunctionEnvironment) -> None:
    with _lock:
        _busy.discard(environment)
    environment.remove()


def retire(account: str, region: str, name: str) -> None:
    """Removes what no longer fits after a change; what is busy goes when it is done."""
    with _lock:
        old = [e for key, environments in _idle.items() if key[:3] == (account, region, name) for e in environments
               if not _current(e.function)]
        for environment in old:
            _idle[environment.function.key].remove(environment)
    _remove(old)


def kill(account: str, region: str, name: str) -> None:
    """Ends every environment of a function that is deleted, also in the midst of an invocation."""
    retire(account, region, name)
    with _lock:
        busy = [e for e in _busy if e.function.key[:3] == (account, region, name)]
    _remove(busy)


def _remove(environments: list[FunctionEnvironment]) -> None:
    """Side by side: each takes Docker a moment, and there may be many."""
    threads = [threading.Thread(target=_remove_one, args=(e,), daemon=True) for e in environments]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _remove_one(environment: FunctionEnvironment) -> None:
    try:
        environment.remove()
    except Exception:
        logger.exception("removing an environment of %s", environment.function.name)


def _reap() -> None:
    while True:
        time.sleep(min(5.0, max(0.2, _IDLE_SECONDS / 4)))
        before = time.monotonic() - _IDLE_SECONDS
        with _lock:
            old = [e for environments in _idle.values() for e in environments
                   if e.idle_since < before or not e.is_alive]
            for environment in old:
                _idle[environment.function.key].remove(environment)
        _remove(old)
