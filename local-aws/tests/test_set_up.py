"""The emulator's Python environment, made beside whatever users have set for their own work."""

import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from local_aws import virtual_environment

_SOURCE = Path(virtual_environment.__file__).resolve().parent.parent
# A package index that is not there, at once.
_NOWHERE = "http://127.0.0.1:9/simple"


class SetUpTest(unittest.TestCase):
    def setUp(self) -> None:
        directory = tempfile.TemporaryDirectory(prefix="local-aws-set-up-")
        self.addCleanup(directory.cleanup)
        self.home = Path(directory.name)
        self.root = self.home / "local-aws"
        shutil.copytree(_SOURCE / "local_aws", self.root / "local_aws", ignore=shutil.ignore_patterns("__pycache__"))
        # One small package stands for the emulator's: what counts is where it goes.
        (self.root / "requirements.txt").write_text("six==1.17.0\n")

    def ensure(self, **environment: str) -> subprocess.CompletedProcess:
        program = ("import sys; sys.path.insert(0, sys.argv[1]); from local_aws import virtual_environment as v; "
                   "v._IMPORTS = 'import six'; print(v.ensure())")
        return subprocess.run([sys.executable, "-I", "-c", program, str(self.root)], capture_output=True, text=True,
                              env={**os.environ, **environment})

    def works(self, done: subprocess.CompletedProcess) -> None:
        self.assertEqual(0, done.returncode, done.stderr)
        found = subprocess.run([done.stdout.strip(), "-I", "-c", "import six; print(six.__file__)"],
                               capture_output=True, text=True)
        self.assertIn(str(self.root / ".venv"), found.stdout, found.stderr)

    def test_settings_for_other_environments_have_no_effect(self) -> None:
        configuration = self.home / "pip.conf"
        configuration.write_text(f"[install]\nuser = true\ntarget = {self.home}/elsewhere\n[global]\nrequire-virtualenv = true\n")
        self.works(self.ensure(
            PIP_USER="1", PIP_TARGET=str(self.home / "target"), PIP_PREFIX=str(self.home / "prefix"),
            PIP_ROOT=str(self.home / "root"), PIP_REQUIRE_VIRTUALENV="1", PIP_DRY_RUN="1", PIP_NO_DEPS="1",
            PIP_CONFIG_FILE=str(configuration), PYTHONHOME="/nowhere", PYTHONPATH=str(self.home),
            PYTHONUSERBASE=str(self.home / "base"), VIRTUAL_ENV=str(self.home / "other")))
        self.assertEqual({"pip.conf", "local-aws"}, {path.name for path in self.home.iterdir()})

    def test_the_users_index_is_asked_and_what_failed_or_was_interrupted_is_made_again(self) -> None:
        configuration = self.home / "pip.conf"
        configuration.write_text(f"[global]\nindex-url = {_NOWHERE}\n")
        for setting in ({"PIP_INDEX_URL": _NOWHERE}, {"PIP_CONFIG_FILE": str(configuration)}):
            done = self.ensure(PIP_FIND_LINKS="", PIP_RETRIES="0", **setting)
            self.assertEqual(1, done.returncode)
            self.assertIn("installing the emulator from the Python package index failed", done.stderr)
        left = list((self.root / ".venv").glob("*.new"))
        self.assertEqual(1, len(left))
        # As when the power fails: half an interpreter.
        shutil.rmtree(left[0] / "bin")
        self.works(self.ensure())
        self.assertEqual([], list((self.root / ".venv").glob("*.new")))
        again = self.ensure(PIP_INDEX_URL=_NOWHERE)
        self.assertEqual((0, ""), (again.returncode, again.stderr))
