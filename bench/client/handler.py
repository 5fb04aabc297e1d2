"""What a handler in Python does to run a command: the plain way."""
import subprocess


def handler(event, _context):
    done = subprocess.run(["/bin/bash", "-c", event["cmd"]], capture_output=True)
    return {
        "stdout": done.stdout.decode(),
        "stderr": done.stderr.decode(),
        "returncode": done.returncode,
    }
