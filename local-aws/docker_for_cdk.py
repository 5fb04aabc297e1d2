#!/usr/bin/env python3
"""The Docker that the CDK CLI calls on a local AWS (`CDK_DOCKER`): as ever, but no build fails for want of a registry."""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from local_aws.build_images import with_images_of_here  # noqa: E402
from local_aws.errors import LocalAwsError  # noqa: E402
from local_aws.say import say  # noqa: E402

if __name__ == "__main__":
    try:
        arguments = with_images_of_here(sys.argv[1:], say)
    except LocalAwsError as error:
        say(str(error))
        sys.exit(1)
    os.execvp("docker", ["docker", *arguments])
