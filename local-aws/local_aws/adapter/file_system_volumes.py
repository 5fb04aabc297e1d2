"""EFS: a file system is a Docker volume, an access point a directory in it."""

import io
import tarfile
import threading
from posixpath import normpath
from typing import Any, Optional

from docker.errors import APIError, NotFound
from docker.types import Mount

from ..labels import ACCESS_POINT, FILE_SYSTEM
from . import engine, security_groups
from .patching import replace
from .task_failures import ResourceInitializationError

_lock = threading.Lock()
# The names of volumes whose file system or access point is deleted.
_held: set[str] = set()
_ROOT = "/file-system"
_NFS = 2049


def install() -> None:
    from ministack.services import efs

    def delete_file_system(file_system_id: str) -> Any:
        points = [p["AccessPointId"] for p in efs._access_points.values() if p["FileSystemId"] == file_system_id]
        answer = deleting_file_system(file_system_id)
        if answer[0] < 400:
            # EFS takes the access points along.
            for point in points:
                efs._access_points.pop(point, None)
                _remove(_view_name(point))
            _remove(_volume_name(file_system_id))
        return answer

    def delete_access_point(access_point_id: str) -> Any:
        answer = deleting_access_point(access_point_id)
        if answer[0] < 400:
            _remove(_view_name(access_point_id))
        return answer

    def describe_access_points(query: dict) -> Any:
        wanted = query.get("AccessPointId")
        if wanted and wanted not in efs._access_points:
            return efs._error(404, "AccessPointNotFound", f"Access point '{wanted}' does not exist.")
        return describing_access_points(query)

    deleting_file_system = replace(efs, "_delete_file_system", delete_file_system)
    deleting_access_point = replace(efs, "_delete_access_point", delete_access_point)
    describing_access_points = replace(efs, "_describe_access_points", describe_access_points)


def _volume_name(file_system_id: str) -> str:
    return engine.object_name(file_system_id)


def _view_name(access_point_id: str) -> str:
    return engine.object_name(access_point_id)


def _remove(name: str) -> None:
    try:
        engine.client().volumes.get(name).remove()
    except NotFound:
        pass
    except APIError:
        # A task that is still stopping holds it.
        _held.add(name)
    else:
        _held.discard(name)


def remove_held() -> None:
    """Removes volumes of deleted file systems that a container held, which is gone now."""
    for name in list(_held):
        _remove(name)


def posix_user(volume: dict) -> Optional[dict]:
    """The user that a volume's access point acts as."""
    point = _access_point(volume)
    return (point or {}).get("PosixUser") or None


def _access_point(volume: dict) -> Optional[dict]:
    from ministack.services import efs
    configuration = volume["efsVolumeConfiguration"]
    point_id = (configuration.get("authorizationConfig") or {}).get("accessPointId")
    if not point_id:
        return None
    point = efs._access_points.get(point_id)
    if point is None or point["FileSystemId"] != configuration["fileSystemId"]:
        raise ResourceInitializationError(
            "failed to invoke EFS utils commands to set up EFS volumes: access point "
            f"{point_id} does not exist for file system {configuration['fileSystemId']}")
    return point


def mount(volume: dict, target: str, read_only: bool, subnet: dict, groups: list[str], image: str) -> Mount:
    """How a task mounts an EFS volume; makes what is missing, as EFS does on the first mount."""
    from ministack.services import efs
    configuration = volume["efsVolumeConfiguration"]
    file_system_id = configuration["fileSystemId"]
    if file_system_id not in efs._file_systems:
        raise ResourceInitializationError(
            "failed to invoke EFS utils commands to set up EFS volumes: stderr: Failed to resolve "
            f"\"{file_system_id}\" - check that your file system ID is correct")
    targets = [t for t in efs._mount_targets.values()
               if t["FileSystemId"] == file_system_id and t["VpcId"] == subnet["VpcId"]]
    if not targets:
        raise ResourceInitializationError(
            "failed to invoke EFS utils commands to set up EFS volumes: stderr: Failed to resolve "
            f"\"{file_system_id}\": the file system has no mount target in {subnet['VpcId']}")
    here = next((t for t in targets if t["AvailabilityZoneName"] == subnet["AvailabilityZone"]), targets[0])
    if not security_groups.allow(groups, subnet["CidrBlock"], here["SecurityGroups"], here["IpAddress"], _NFS):
        raise ResourceInitializationError(
            "failed to invoke EFS utils commands to set up EFS volumes: stderr: mount.nfs4: Connection timed out "
            f"(the security groups {groups} of the task and {here['SecurityGroups']} of the mount target do not let "
            f"TCP {_NFS} pass)")
    point = _access_point(volume)
    path = normpath(((point or {}).get("RootDirectory") or {}).get("Path")
                    or configuration.get("rootDirectory") or "/")
    with _lock:
        source = _volume(file_system_id)
        if path != "/":
            source = _view(source, path, point, image)
    # EFS never gets a copy of what the image has at that place.
    return Mount(target, source, type="volume", read_only=read_only, no_copy=True)


def _volume(file_system_id: str) -> str:
    name = _volume_name(file_system_id)
    engine.client().volumes.create(name, labels=engine.labels(**{FILE_SYSTEM: file_system_id}))
    return name


def _view(volume: str, path: str, point: Optional[dict], image: str) -> str:
    """A volume that shows one directory of another one."""
    point_id = (point or {}).get("AccessPointId") or "dir-" + path.strip("/").replace("/", "-")
    # Created but never started: Docker lets one read and write the files of such a container.
    scratch = engine.client().containers.create(
        image, entrypoint=["/none"], labels=engine.labels(), network_mode="none",
        mounts=[Mount(_ROOT, volume, type="volume", no_copy=True)])
    try:
        _refuse_links(scratch, path)
        _make_directories(scratch, path, (point or {}).get("RootDirectory") or {})
    finally:
        scratch.remove(force=True)
    root = engine.client().volumes.get(volume).attrs["Mountpoint"]
    name = _view_name(point_id)
    engine.client().volumes.create(
        name, driver="local", labels=engine.labels(**{ACCESS_POINT: point_id}),
        driver_opts={"type": "none", "o": "bind", "device": root + path})
    return name


def _refuse_links(scratch: Any, path: str) -> None:
    """A link that a task has left there would lead to a directory of this machine, as the engine follows it."""
    parts = path.strip("/").split("/")
    for end in range(1, len(parts) + 1):
        prefix = "/".join(parts[:end])
        try:
            stream, stat = scratch.get_archive(f"{_ROOT}/{prefix}")
        except NotFound:
            return
        stream.close()
        if stat["linkTarget"]:
            raise ResourceInitializationError(
                "failed to invoke EFS utils commands to set up EFS volumes: mount.nfs4: mounting failed, reason given "
                f"by server: Not a directory (/{prefix} is a symbolic link)")


def _make_directories(scratch: Any, path: str, root_directory: dict) -> None:
    parts = path.strip("/").split("/")
    missing = next((i for i in range(len(parts)) if not _exists(scratch, "/".join(parts[:i + 1]))), None)
    if missing is None:
        # Creation info is for a directory that is not there yet.
        return
    info = root_directory.get("CreationInfo")
    if not info:
        raise ResourceInitializationError(
            "failed to invoke EFS utils commands to set up EFS volumes: mount.nfs4: mounting failed, reason given "
            f"by server: No such file or directory ({path} does not exist and the access point has no CreationInfo)")
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for end in range(missing, len(parts)):
            entry = tarfile.TarInfo("/".join(parts[:end + 1]))
            entry.type = tarfile.DIRTYPE
            entry.mode = int(str(info["Permissions"]), 8)
            entry.uid, entry.gid = int(info["OwnerUid"]), int(info["OwnerGid"])
            tar.addfile(entry)
    scratch.put_archive(_ROOT, buffer.getvalue())


def _exists(scratch: Any, path: str) -> bool:
    try:
        scratch.get_archive(f"{_ROOT}/{path}")[0].close()
        return True
    except NotFound:
        return False
