"""Synthesizes Python examples one after the other in one process: the CDK is loaded once.

    synthesize.py APP=OUTPUT...

Where an app writes to is told to the CDK when it is loaded (CDK_OUTDIR), so that what was written is moved away
before the next app.
"""

import os
import runpy
import shutil
import sys

for pair in sys.argv[1:]:
    app, _, output = pair.partition("=")
    runpy.run_path(app, run_name="__main__")
    shutil.move(os.environ["CDK_OUTDIR"], output)
