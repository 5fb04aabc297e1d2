"""What a handler in Python does to run a command: the plain way."""
import base64
import subprocess


def handler(event, _context):
    command = ["/bin/bash", "-c", base64.b64decode(event["cmd"]).decode()]
    done = subprocess.run(command, capture_output=True)
    return {
        "stdout": done.stdout.decode(),
        "stderr": done.stderr.decode(),
        "parsed_cmd": command,
        "returncode": done.returncode,
    }
