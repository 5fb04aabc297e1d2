"""The engine's image: the official one, or a stand-in where no container registry answers.

The stand-in is the real engine: the Python package `tenzir` carries its static binary.
It is put on a small Debian root, with the user, the directories, the environment and the
entry point that the official Dockerfile gives. It never bears the official name.
"""

import glob
import platform
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path
from typing import Callable, Iterator, Optional

from . import debian, docker_api, virtual_environment
from .errors import LocalAwsError, USER_ERROR
from .exclusive import exclusive
from .instance import home
from .python_environment import for_pip

OFFICIAL_REPOSITORIES = ("tenzir/tenzir", "tenzir/tenzir-node")
_REGISTRY_PREFIXES = ("", "docker.io/", "index.docker.io/", "ghcr.io/")
# Raised when the recipe below changes: an image of an older recipe is then not reused.
_RECIPE = "3"
_STAND_IN = "cdk-vast.local/"
BASE = "cdk-vast.local/debian:bookworm-2"
_SUITE = "bookworm"
_PULL_SECONDS = 20
_UID = 999
_ENGINE = "libexec/tenzir-engine"

Say = Callable[[str], None]


def official(image: str) -> Optional[tuple[str, str]]:
    """(repository, version) when an image name is that of an official engine release."""
    name, _, tag = image.partition(":")
    for prefix in _REGISTRY_PREFIXES:
        repository = name[len(prefix):] if name.startswith(prefix) else None
        if repository in OFFICIAL_REPOSITORIES and re.fullmatch(r"v\d+\.\d+\.\d+", tag):
            return repository, tag
    return None


def stand_in_name(repository: str, version: str) -> str:
    return f"{_STAND_IN}{repository.split('/')[-1]}:{version}"


def ensure(repository: str, version: str, say: Say) -> str:
    """The name of an image that runs this engine version here."""
    if not re.fullmatch(r"v\d+\.\d+\.\d+", version):
        hint = f"; did you mean v{version}?" if re.fullmatch(r"\d+\.\d+\.\d+", version) else ""
        raise LocalAwsError(f"the engine version {version!r} is not of the form v1.2.3{hint}", USER_ERROR)
    name = f"{repository}:{version}"
    if docker_api.image_exists(name):
        return name
    substitute = stand_in_name(repository, version)
    if _is_current(substitute):
        return substitute
    reason = pull(name, _PULL_SECONDS)
    if reason is None:
        say(f"pulled {name}")
        return name
    say(f"{name} cannot be pulled ({reason}); building a stand-in from the Python package tenzir")
    with exclusive(home() / "engine-image.lock", "builds an engine image"):
        if not _is_current(substitute):
            _build(version, say)
    return substitute


def pull(name: str, seconds: Optional[float], platform_name: str = "") -> Optional[str]:
    """Pulls an image; returns None, or why that failed."""
    query = {"fromImage": name, **({"platform": platform_name} if platform_name else {})}
    try:
        for _ in docker_api.progress(docker_api.request("POST", "/images/create", query, timeout=seconds)):
            pass
        return None
    except docker_api.DockerApiError as error:
        return str(error)
    except TimeoutError:
        return f"no answer from the registry within {seconds:.0f} s"


def _is_current(name: str) -> bool:
    try:
        image = docker_api.call("GET", f"/images/{name}/json")
    except docker_api.DockerApiError:
        return False
    return (image["Config"].get("Labels") or {}).get("cdk-vast.stand-in") == _RECIPE


def _build(version: str, say: Say) -> None:
    if sys.platform != "linux" or platform.machine() not in ("x86_64", "aarch64"):
        raise LocalAwsError("a stand-in for the engine's image can be built on Linux (x86_64 or aarch64) only; "
                            "elsewhere Docker must be able to pull the official image.", USER_ERROR)
    ensure_base(say)
    with tempfile.TemporaryDirectory(prefix="cdk-vast-engine-") as scratch:
        wheel = _download(version, Path(scratch), say)
        say(f"putting the engine {version} on the base image")
        _docker_build(_context(wheel, Path(scratch)), stand_in_name(OFFICIAL_REPOSITORIES[0], version))
    _variant(version)
    say(f"built {stand_in_name(OFFICIAL_REPOSITORIES[0], version)}")


# --- the base: a minimal Debian root -------------------------------------------------

def ensure_base(say: Say) -> None:
    if docker_api.image_exists(BASE):
        return
    if not shutil.which("debootstrap"):
        if not debian.can_install():
            raise LocalAwsError("no container registry answers, and building a stand-in for the engine's image "
                                "needs debootstrap (and root to run it); install it, or give Docker access "
                                "to a registry.", USER_ERROR)
        debian.install(["debootstrap"], "to build a base image without a container registry")
    say("building a Debian base image with debootstrap (about half a minute; kept for later versions)")
    with tempfile.TemporaryDirectory(prefix="cdk-vast-base-") as scratch:
        root = Path(scratch) / "root"
        command = ["debootstrap", "--variant=minbase", "--include=ca-certificates", _SUITE, str(root)]
        mirror = _mirror()
        done = subprocess.run(command + ([mirror] if mirror else []), capture_output=True, text=True,
                              umask=0o022)
        if done.returncode != 0:
            last = (done.stdout.strip() or done.stderr.strip()).splitlines()[-1:] or ["no message"]
            raise LocalAwsError(f"debootstrap failed: {last[0]}")
        _slim(root)
        process = subprocess.Popen(["tar", "--numeric-owner", "--one-file-system", "-C", str(root), "-c", "."],
                                   stdout=subprocess.PIPE)
        assert process.stdout is not None
        repository, tag = BASE.split(":")
        response = docker_api.request(
            "POST", "/images/create",
            {"fromSrc": "-", "repo": repository, "tag": tag, "changes": 'CMD ["/bin/sh"]'},
            body=_chunks(process.stdout), timeout=600)
        for _ in docker_api.progress(response):
            pass
        if process.wait() != 0:
            raise LocalAwsError("packing the Debian base image failed.")


def _mirror() -> Optional[str]:
    """The package mirror that this machine itself uses."""
    for name in sorted(glob.glob("/etc/apt/sources.list.d/*.sources")) + ["/etc/apt/sources.list"] \
            + sorted(glob.glob("/etc/apt/sources.list.d/*.list")):
        try:
            text = Path(name).read_text()
        except OSError:
            continue
        match = (re.search(r"^URIs:\s*(https?://\S+)", text, re.M) if name.endswith(".sources")
                 else re.search(r"^deb\s+(?:\[[^]]*\]\s*)?(https?://\S+)", text, re.M))
        if match:
            return match.group(1)
    return None


def _slim(root: Path) -> None:
    # As in Debian's own slim images; what debootstrap leaves of apt's sources is what an image built on this installs from.
    for pattern in ("var/cache/apt/archives/*.deb", "var/cache/apt/*.bin", "var/lib/apt/lists/*",
                    "usr/share/doc/*", "usr/share/man/*", "usr/share/locale/*", "usr/share/info/*",
                    "var/log/*.log", "var/log/apt/*"):
        for path in root.glob(pattern):
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()


def _chunks(stream) -> Iterator[bytes]:  # type: ignore[no-untyped-def]
    while chunk := stream.read(1 << 20):
        yield chunk


# --- the engine ----------------------------------------------------------------------

def _download(version: str, directory: Path, say: Say) -> Path:
    say(f"fetching tenzir {version[1:]} from the Python package index")
    python = [str(virtual_environment.ensure()), "-I"]
    command = [*python, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-input",
               "--no-deps", "--only-binary", ":all:", "--dest", str(directory), f"tenzir=={version[1:]}"]
    done = subprocess.run(command, capture_output=True, text=True, env=for_pip(python))
    if done.returncode != 0:
        text = done.stderr
        if "No matching distribution" in text:
            raise LocalAwsError(f"no container registry answers, and the Python package index has no "
                                f"tenzir {version[1:]} for this machine; the versions from v6.0.0 on that it has "
                                "can be built.", USER_ERROR)
        last = text.strip().splitlines()[-1:] or ["no message"]
        raise LocalAwsError(f"fetching tenzir {version[1:]} failed: {last[0]}")
    wheels = list(directory.glob("*.whl"))
    if not wheels:
        raise LocalAwsError(f"tenzir {version[1:]} has no package for this machine.")
    return wheels[0]


_DOCKERFILE = f"""\
FROM {BASE}
# The engine last, so that a change above it costs nothing; util-linux (and flock) is absent as in the official image.
RUN groupadd --system --gid {_UID} tenzir \\
 && useradd --system --uid {_UID} --gid tenzir --home-dir /var/lib/tenzir --shell /usr/sbin/nologin tenzir \\
 && mkdir -p /etc/tenzir /var/lib/tenzir /var/cache/tenzir /var/log/tenzir \\
 && chown tenzir:tenzir /var/lib/tenzir /var/cache/tenzir /var/log/tenzir \\
 && dpkg --purge --force-remove-essential --force-depends util-linux
ADD engine.tar /
ENV PATH=/opt/tenzir/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \\
    TENZIR_STATE_DIRECTORY=/var/lib/tenzir \\
    TENZIR_CACHE_DIRECTORY=/var/cache/tenzir \\
    TENZIR_LOG_FILE=/var/log/tenzir/server.log \\
    TENZIR_ENDPOINT=0.0.0.0
LABEL cdk-vast.stand-in="{_RECIPE}"
USER tenzir:tenzir
WORKDIR /var/lib/tenzir
EXPOSE 5158/tcp
ENTRYPOINT ["tenzir"]
CMD ["--help"]
"""


def _context(wheel: Path, scratch: Path) -> Path:
    """The build context: the Dockerfile and a tar of the engine as it lies in the image."""
    engine = scratch / "engine.tar"
    with zipfile.ZipFile(wheel) as archive, tarfile.open(engine, "w") as tar:
        prefix = "tenzir/bundled/"
        names = archive.namelist()
        # Older packages have the engine itself in bin/, newer ones a front for it.
        binary = next((n for n in (f"{prefix}{_ENGINE}", f"{prefix}bin/tenzir") if n in names), None)
        if binary is None:
            raise LocalAwsError(f"the package {wheel.name} has no engine in it.")
        for entry in archive.infolist():
            # uv serves Python operators only, and the image has no Python.
            if not entry.filename.startswith(prefix) or entry.is_dir() or entry.filename.endswith("/uv"):
                continue
            path = entry.filename[len(prefix):]
            if entry.filename == binary:
                path = _ENGINE
            elif path.startswith(("bin/", "share/doc/")) or path.endswith(".whl"):
                continue
            info = tarfile.TarInfo(f"opt/tenzir/{path}")
            info.size = entry.file_size
            info.mode = 0o755 if path.startswith("libexec/") else 0o644
            with archive.open(entry) as content:
                tar.addfile(info, content)
        # One binary, named three times: it looks at the name it was called by.
        for name in ("tenzir", "tenzir-node", "tenzir-ctl"):
            link = tarfile.TarInfo(f"opt/tenzir/bin/{name}")
            link.type, link.linkname = tarfile.SYMTYPE, f"../{_ENGINE}"
            tar.addfile(link)
    context = scratch / "context.tar"
    dockerfile = scratch / "Dockerfile"
    dockerfile.write_text(_DOCKERFILE)
    with tarfile.open(context, "w") as tar:
        tar.add(dockerfile, "Dockerfile")
        tar.add(engine, "engine.tar")
    engine.unlink()
    return context


def _docker_build(context: Path, name: str) -> None:
    with open(context, "rb") as stream:
        response = docker_api.request("POST", "/build", {"t": name, "rm": "true", "forcerm": "true"},
                                      body=_chunks(stream), timeout=600, content_type="application/x-tar")
        for _ in docker_api.progress(response):
            pass


def _variant(version: str) -> None:
    """`tenzir-node` is the same image with another entry point."""
    source = stand_in_name(OFFICIAL_REPOSITORIES[0], version)
    dockerfile = f'FROM {source}\nENTRYPOINT ["tenzir-node"]\nCMD []\n'
    with tempfile.TemporaryDirectory(prefix="cdk-vast-engine-") as scratch:
        file, context = Path(scratch) / "Dockerfile", Path(scratch) / "context.tar"
        file.write_text(dockerfile)
        with tarfile.open(context, "w") as tar:
            tar.add(file, "Dockerfile")
        _docker_build(context, stand_in_name(OFFICIAL_REPOSITORIES[1], version))


