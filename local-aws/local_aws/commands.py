"""The command line: start, stop, status, env, engine-image."""

import argparse
import json
import os
import shlex
import shutil
import signal
import urllib.error
import urllib.request
from typing import Any, Optional

from . import docker_api, docker_engine, emulator_process, engine_image, leftovers, settings, virtual_environment
from .errors import LocalAwsError, OutputClosed, FAILURE, INTERRUPTED, NOT_RUNNING, READER_GONE, USER_ERROR
from .exclusive import exclusive
from .instance import Instance, UnreadableRecord, private_directory
from .labels import INSTANCE_ID
from .say import answer, say

# A busy engine answers late, and what is not removed now is not removed later.
_ENGINE_SECONDS = 30


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> Any:
        raise LocalAwsError(f"{message}; see `{self.prog} --help`.", USER_ERROR)

    def print_help(self, file: Any = None) -> None:
        answer(self.format_help().rstrip("\n"))


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="local_aws_ctl.py", description="A local AWS for development, tests and the demo.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, text in (("start", "start it (a Docker engine too, if none runs and that is possible)"),
                       ("stop", "stop it and remove everything it made in Docker, images excepted"),
                       ("status", "say whether it runs, and what runs in it; exit code 3 when it does not"),
                       ("env", "print the shell exports that point AWS tools to it")):
        command = commands.add_parser(name, help=text, description=text)
        command.add_argument("--name", default="default", help="the instance's name (default: default)")
        command.add_argument("--json", action="store_true", help="print one JSON object on stdout")
    image = commands.add_parser("engine-image", help="have the image of an engine version: pulled, or built from PyPI")
    image.add_argument("version", help="the version, such as v6.20.0")
    image.add_argument("--json", action="store_true", help="print one JSON object on stdout")
    return parser


def main(arguments: list[str]) -> int:
    """Runs one command; returns its exit code."""
    try:
        try:
            _raise_on_interruption(True)
            return _run(arguments)
        finally:
            # Python's own exit would report an interruption with a traceback.
            _raise_on_interruption(False)
    except KeyboardInterrupt:
        return INTERRUPTED


def _raise_on_interruption(wanted: bool) -> None:
    """Has Ctrl-C raise KeyboardInterrupt, so that what cleans up runs, or end the process at once; ignored it stays."""
    before, after = signal.SIG_DFL, signal.default_int_handler
    if not wanted:
        before, after = after, before
    if signal.getsignal(signal.SIGINT) is before:
        signal.signal(signal.SIGINT, after)


def _run(arguments: list[str]) -> int:
    try:
        options = _parser().parse_args(arguments)
        deed = {"start": _start, "stop": _stop, "status": _status, "env": _env, "engine-image": _engine_image}
        return deed[options.command](options)
    except OutputClosed:
        return READER_GONE
    except LocalAwsError as error:
        say(str(error))
        return error.exit_code
    except docker_api.DockerApiError as error:
        say(f"Docker refused: {error}")
        return FAILURE
    except (OSError, urllib.error.URLError) as error:
        say(str(error))
        return FAILURE


def _answer(options: argparse.Namespace, fields: dict[str, Any]) -> None:
    if options.json:
        answer(json.dumps(fields))


def _start(options: argparse.Namespace) -> int:
    instance = Instance(options.name)
    private_directory(instance.directory)
    with exclusive(instance.directory / "lock", f"starts or stops {instance.name}"):
        identity = instance.prepare()
        record = _readable_record(instance)
        if record:
            say(f"{instance.name} already runs at {record['endpoint']}")
        else:
            # One whose id is lost is known by that of its emulator.
            identities = {identity, *(emulator.identity for emulator in _end_unrecorded(instance) if emulator.identity)}
            docker_engine.ensure()
            # One engine for all that runs, whatever the next command's environment says.
            host = docker_api.docker_host()
            python = virtual_environment.ensure()
            # After a crash the emulator has forgotten its tasks: what is left of them must not run on.
            engines = dict.fromkeys((instance.docker_host() or host, host))
            if all([_remove_leftovers(instance, identities, engine) for engine in engines]):
                instance.forget_registries()
            instance.remember_docker_host(host)
            record = emulator_process.start(instance, python, identity)
            say(f"{instance.name} runs at {record['endpoint']} (process {record['pid']}, log: {instance.log_file})")
        _answer(options, settings.as_json(instance, record))
    return 0


def _readable_record(instance: Instance) -> Optional[dict[str, Any]]:
    try:
        return instance.record()
    except UnreadableRecord as error:
        say(str(error))
        return None


def _end_unrecorded(instance: Instance) -> list[emulator_process.Emulator]:
    """Ends emulators that run from the instance's directory without a record that tells so."""
    found = emulator_process.find(instance)
    for emulator in found:
        emulator_process.stop(emulator.pid, emulator.start)
        say(f"ended an emulator that still ran from {instance.directory} (process {emulator.pid})")
    return found


def _remove_leftovers(instance: Instance, identities: set[str], engine: str) -> bool:
    """Removes what an earlier run left on an engine; whether the engine answered."""
    os.environ["DOCKER_HOST"] = engine
    if not docker_api.ping(_ENGINE_SECONDS):
        say(f"what an earlier run left on the Docker engine at {engine} stays there: it does not answer")
        return False
    removed = leftovers.remove_all(identities, instance.registries())
    if removed:
        say(f"removed what an earlier run left: {leftovers.describe(removed)}")
    return True


def _stop(options: argparse.Namespace) -> int:
    instance = Instance(options.name)
    done: dict[str, Any] = {"name": instance.name, "stopped": False, "removed": {}, "dockerStopped": False}
    if not instance.exists() and not emulator_process.find(instance):
        say(f"{instance.name} does not run")
        _answer(options, done)
        return 0
    _use_engine_of(instance)
    with exclusive(instance.directory / "lock", f"starts or stops {instance.name}"):
        identity = instance.identity()
        record = _readable_record(instance)
        if record:
            emulator_process.stop(record["pid"], record.get("processStart"))
            say(f"stopped {instance.name} (process {record['pid']})")
        unrecorded = _end_unrecorded(instance)
        identities = {one for one in (identity, *(emulator.identity for emulator in unrecorded)) if one}
        done["stopped"] = bool(record or unrecorded)
        instance.forget()
        if docker_api.ping(_ENGINE_SECONDS):
            removed = leftovers.remove_all(identities, instance.registries())
            if removed or done["stopped"]:
                say(f"removed {leftovers.describe(removed)}")
            done["removed"] = dict(removed)
        elif identities:
            say(f"what it left on the Docker engine at {docker_api.docker_host()} stays there: it does not answer")
        if not done["stopped"]:
            say(f"{instance.name} does not run")
    # Nothing points to it any more; the next start has an id and a log of its own.
    shutil.rmtree(instance.directory, ignore_errors=True)
    if docker_engine.ours() and not any(emulator_process.running_instances()):
        done["dockerStopped"] = docker_engine.stop_ours()
        say("stopped the Docker engine that an earlier start began")
    _answer(options, done)
    return 0


def _use_engine_of(instance: Instance) -> None:
    host = instance.docker_host()
    if host:
        os.environ["DOCKER_HOST"] = host


def _running(options: argparse.Namespace) -> tuple[Instance, Optional[dict[str, Any]]]:
    instance = Instance(options.name)
    try:
        return instance, instance.record()
    except UnreadableRecord as error:
        raise LocalAwsError(f"{error}; end what runs there with ./vast-cloud local stop{_named(options)}") from None


def _named(options: argparse.Namespace) -> str:
    return "" if options.name == "default" else f" --name {options.name}"


def _status(options: argparse.Namespace) -> int:
    instance, record = _running(options)
    if record is None:
        say(f"{instance.name} does not run")
        _answer(options, {"name": instance.name, "running": False})
        return NOT_RUNNING
    identity = instance.identity()
    _use_engine_of(instance)
    containers = [
        {"id": c["Id"][:12], "name": c["Names"][0].lstrip("/"), "state": c["State"], "status": c["Status"],
         "image": c["Image"]}
        for c in docker_api.labelled("containers", f"{INSTANCE_ID}={identity}")
    ]
    stacks = _stacks(record["endpoint"], instance.secret())
    docker = f"{docker_api.server_version()} at {docker_api.docker_host()}"
    if options.json:
        _answer(options, {**settings.as_json(instance, record), "running": True, "docker": docker,
                          "containers": containers, "stacks": stacks})
        return 0
    answer("\n".join([
        f"endpoint    {record['endpoint']}",
        f"process     {record['pid']}",
        f"docker      {docker}{' (started by us)' if docker_engine.ours() else ''}",
        *(f"container   {container['name']}  {container['status']}  {container['image']}" for container in containers),
        *(f"stack       {stack['name']}  {stack['status']}" for stack in stacks),
    ]))
    return 0


def _stacks(endpoint: str, secret: str) -> list[dict[str, str]]:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    request = urllib.request.Request(f"{endpoint}/_cdk_vast/stacks", headers={"Authorization": f"Bearer {secret}"})
    with opener.open(request, timeout=5) as response:
        return json.load(response)


def _env(options: argparse.Namespace) -> int:
    instance, record = _running(options)
    if record is None:
        raise LocalAwsError(f"the local AWS does not run: start it with ./vast-cloud local start{_named(options)}", NOT_RUNNING)
    environment = settings.for_tools(instance, record)
    if options.json:
        _answer(options, environment)
        return 0
    # Some would take precedence over what follows.
    unset = ["unset", "AWS_PROFILE", *(n for n in settings.foreign(environment) if n != "AWS_PROFILE")]
    answer("\n".join([" ".join(unset), *(f"export {key}={shlex.quote(value)}" for key, value in environment.items())]))
    return 0


def _engine_image(options: argparse.Namespace) -> int:
    docker_engine.ensure()
    name = engine_image.ensure(engine_image.OFFICIAL_REPOSITORIES[0], options.version, say)
    if options.json:
        _answer(options, {"image": name})
    else:
        answer(name)
    return 0
