"""Progress for people goes to stderr: stdout belongs to the one JSON object."""

import sys


def say(line: str) -> None:
    print(f"local-aws: {line}", file=sys.stderr, flush=True)
