"""Starts the server, lets a command run next to it, and stops it again if it was stopped before."""

import sys

from cdk_vast import DeployedVast


def main(stack_name: str, command: str) -> int:
    vast = DeployedVast(stack_name=stack_name)

    started = vast.server.start()
    print("the server was running already" if started.already_running else "the server runs", file=sys.stderr)
    try:
        output = vast.client.run(command)
        print(output.stdout, end="")
        print(output.stderr, end="", file=sys.stderr)
        return int(output.exit_code)
    finally:
        if not started.already_running:
            vast.server.stop()
            print("the server is stopped", file=sys.stderr)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        print("usage: python3 operate.py STACK COMMAND", file=sys.stderr)
        sys.exit(2)
    try:
        sys.exit(main(sys.argv[1], sys.argv[2]))
    except RuntimeError as error:
        # What goes wrong in the package comes as this, with a sentence that says what.
        sys.exit(str(error))
