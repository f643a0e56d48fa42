"""Snapshots in the bench's folder: take, list, restore, delete.

A passphrase comes in a request's body and goes no further than the key that it makes.
Making one takes 128 MiB and a good part of a second: in a thread, one at a time.
"""

from pathlib import Path as File
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Response

from emulator import snapshots
from emulator.errors import ConflictError, UsageError
from emulator.http.desk import AtDesk
from emulator.http.hand import Client, its_own_fault
from emulator.http.problems import Problem, known_serial, problem_responses
from emulator.http.schemas import snapshots as schemas
from emulator.snapshots import SUFFIX, SnapshotError, SnapshotKey, SnapshotKeyError

router = APIRouter(tags=["snapshots"], responses=problem_responses(409))


async def folder(desk: AtDesk) -> File:
    """Return where snapshots are kept.

    Raises:
        ConflictError: nowhere.
    """
    if desk.snapshots is None:
        raise ConflictError("this bench keeps no snapshots; serve it with a folder for them")
    return desk.snapshots


Folder = Annotated[File, Depends(folder)]


async def snapshot_file(
    where: Folder,
    name: Annotated[str, Path(description="Name of a snapshot.", examples=["before-resync"])],
) -> File:
    """Return the file of the snapshot in a path.

    Raises:
        Problem: there is none (404).
    """
    try:
        path = snapshots.file_of(where, name)
    except UsageError as e:
        raise Problem(404, str(e)) from None
    if not path.is_file():
        raise Problem(404, f"no snapshot {name!r}; GET /api/v1/snapshots lists those there are")
    return path


SnapshotFile = Annotated[File, Depends(snapshot_file)]


@router.get("/snapshots")
async def get_snapshots(desk: AtDesk, where: Folder) -> schemas.SnapshotList:
    """List the snapshots."""
    return await desk.beside(lambda: _list(where))


def _list(where: File) -> schemas.SnapshotList:
    found, damaged = [], []
    for path in snapshots.files_in(where) if where.is_dir() else ():
        try:
            found.append(_info(path))
        except SnapshotError as e:
            name = path.name.removesuffix(SUFFIX)
            damaged.append(schemas.DamagedSnapshot(name=name, detail=str(e)))
    return schemas.SnapshotList(snapshots=found, damaged=damaged)


def _info(path: File) -> schemas.SnapshotInfo:
    return schemas.SnapshotInfo.model_validate(snapshots.describe(path).to_mapping())


@router.post("/snapshots", status_code=201, responses=problem_responses(404, 507))
async def post_snapshot(
    desk: AtDesk, where: Folder, body: schemas.SnapshotRequest, response: Response
) -> schemas.SnapshotInfo:
    """Take a snapshot of the bench, or of some of its tokens. None is ever overwritten."""
    path = snapshots.file_of(where, body.name)
    for serial in body.tokens or ():
        known_serial(desk.bench, serial)
    key = _key(body.passphrase)
    with its_own_fault():
        taken = snapshots.take(desk.bench, body.tokens, body.at, note=body.note)

    def save() -> schemas.SnapshotInfo:
        if path.exists():
            raise ConflictError(f"there is a snapshot {body.name!r}; delete it, or name another")
        where.mkdir(parents=True, exist_ok=True)
        snapshots.save(path, taken, key=key)
        return _info(path)

    info = await desk.beside(save)
    response.headers["Location"] = f"/api/v1/snapshots/{body.name}"
    return info


@router.get("/snapshots/{name}", responses=problem_responses(404))
async def get_snapshot(desk: AtDesk, path: SnapshotFile) -> schemas.SnapshotInfo:
    """Tell what is in a snapshot, as far as that is no secret."""
    return await desk.beside(lambda: _info(path))


@router.delete("/snapshots/{name}", status_code=204, responses=problem_responses(404))
async def delete_snapshot(path: SnapshotFile) -> None:
    """Delete a snapshot."""
    path.unlink(missing_ok=True)


@router.post("/snapshots/{name}/restore", responses=problem_responses(403, 404))
async def post_restore(
    desk: AtDesk, client: Client, path: SnapshotFile, body: schemas.RestoreRequest
) -> schemas.Restored:
    """Put its tokens back on the bench; one that is on it begins a new lineage."""
    key = _key(body.passphrase)
    try:
        snapshot = await desk.beside(lambda: snapshots.load(path, key))
    except SnapshotKeyError as e:
        raise Problem(403, str(e), kind="snapshot-key") from None
    for serial in body.tokens or ():
        if serial not in snapshot.serials:
            raise Problem(404, f"no token {serial[:24]!r} in the snapshot; GET it for a list")
    with desk.bench.acting(client), its_own_fault():
        restored = snapshots.restore(desk.bench, snapshot, serials=body.tokens)
    return schemas.Restored(
        tokens=list(restored.serials),
        rekeyed=list(restored.rekeyed),
        moved_ns=restored.moved_ns,
        sequence=desk.bench.journal.visible,
    )


def _key(passphrase: str | None) -> SnapshotKey | None:
    return None if passphrase is None else SnapshotKey.from_passphrase(passphrase)
