#!/usr/bin/env python3
"""Starts, stops and describes a local AWS. Needs nothing but Python's standard library."""

# The built-in part of `signal`, which itself imports other modules first.
import _signal

# Nothing needs cleaning up yet: Ctrl-C during the imports ends the process without a traceback. A shell that runs the
# command in the background may have it ignore Ctrl-C, and so it stays.
if _signal.getsignal(_signal.SIGINT) is _signal.default_int_handler:
    _signal.signal(_signal.SIGINT, _signal.SIG_DFL)

import sys  # noqa: E402
from pathlib import Path  # noqa: E402

# The folder is run where it lies: nothing of it is ever installed.
sys.path.insert(0, str(Path(__file__).resolve().parent))

from local_aws.commands import main  # noqa: E402

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
