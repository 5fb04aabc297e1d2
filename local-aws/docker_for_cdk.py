#!/bin/sh
''':'
exec python3 -I "$0" "$@"
'''
"""The Docker that the CDK CLI calls on a local AWS (`CDK_DOCKER`): as ever, but no build fails for want of a registry."""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from local_aws import docker_command  # noqa: E402
from local_aws.build_images import with_images_of_here  # noqa: E402
from local_aws.errors import LocalAwsError  # noqa: E402
from local_aws.instance import Instance  # noqa: E402
from local_aws.say import say  # noqa: E402
from local_aws.settings import STATE_DIRECTORY  # noqa: E402

if __name__ == "__main__":
    state = os.environ.get(STATE_DIRECTORY)
    try:
        environment = docker_command.environment(Instance.at(Path(state)), sys.argv[1:]) if state else dict(os.environ)
        if state:
            os.environ["DOCKER_HOST"] = environment["DOCKER_HOST"]
        arguments = with_images_of_here(sys.argv[1:], say)
    except LocalAwsError as error:
        say(str(error))
        sys.exit(1)
    os.execvpe("docker", ["docker", *arguments], environment)
