#!/usr/bin/env python3
"""Starts, stops and describes a local AWS. Needs nothing but Python's standard library."""

import sys
from pathlib import Path

# The folder is run where it lies: nothing of it is ever installed.
sys.path.insert(0, str(Path(__file__).resolve().parent))

from local_aws.commands import main  # noqa: E402

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
