"""Links: names that stay, and whose they are."""

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.errors import BusyError, PortError, UsageError
from emulator.ports.links import Link, _read_claim, plan_links
from hosttools.testing import BACKSTOP_S

HOLD = (
    "import sys; from emulator.ports.links import Link\n"
    "link = Link.create(sys.argv[1], sys.argv[2])\n"
    "print('made', flush=True); sys.stdin.read()"
)


def owner(path: Path, target: str) -> subprocess.Popen[str]:
    """Start a process that holds a link until its standard input closes."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, path, target],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert "made\n" == process.stdout.readline()
    return process


def sidecar(path: Path) -> Path:
    """Where the link's owner says what it points to."""
    return path.with_name(f".{path.name}.galh")


def test_a_link_points_to_its_target_until_closed(tmp_path: Path) -> None:
    """It is there from create to close, and nothing stays."""
    link = Link.create(tmp_path / "token", "/dev/pts/5")
    assert Path("/dev/pts/5") == (tmp_path / "token").readlink()
    assert 0o600 == stat.S_IMODE(sidecar(tmp_path / "token").stat().st_mode)

    link.close()
    link.close()

    assert [] == list(tmp_path.iterdir())


def test_a_relative_link_is_removed_from_where_it_was_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A later change of directory does not matter."""
    monkeypatch.chdir(tmp_path)
    link = Link.create("token", "/dev/pts/5")
    monkeypatch.chdir("/")

    link.close()

    assert [] == list(tmp_path.iterdir())


def test_a_live_process_keeps_its_link(tmp_path: Path) -> None:
    """A second owner is refused, and told who has it."""
    path = tmp_path / "token"
    process = owner(path, "/dev/pts/5")

    with pytest.raises(BusyError, match=f"process {process.pid};") as refused:
        Link.create(path, "/dev/pts/6")

    assert 75 == refused.value.exit_code
    assert Path("/dev/pts/5") == path.readlink()
    process.communicate(timeout=BACKSTOP_S)


def test_one_process_can_t_make_a_link_twice(tmp_path: Path) -> None:
    """The same holds within a process."""
    link = Link.create(tmp_path / "token", "/dev/pts/5")

    with pytest.raises(BusyError):
        Link.create(tmp_path / "token", "/dev/pts/6")

    link.close()


def test_a_killed_process_s_link_is_replaced(tmp_path: Path) -> None:
    """After kill -9 the link is stale, and the next run takes it over."""
    path = tmp_path / "token"
    process = owner(path, "/dev/pts/5")
    process.kill()
    process.communicate(timeout=BACKSTOP_S)
    assert path.is_symlink()

    link = Link.create(path, "/dev/pts/6")

    assert Path("/dev/pts/6") == path.readlink()
    link.close()
    assert [] == list(tmp_path.iterdir())


def test_a_sidecar_without_a_link_is_taken_over(tmp_path: Path) -> None:
    """Killed between claim and link, or the link removed by hand: nothing is in the way."""
    path = tmp_path / "token"
    sidecar(path).write_text(json.dumps({"pid": 1, "target": "/dev/pts/5"}))

    Link.create(path, "/dev/pts/6").close()

    assert [] == list(tmp_path.iterdir())


@pytest.mark.parametrize("what", ["file", "directory", "symlink", "changed symlink"])
def test_what_is_not_ours_stays(tmp_path: Path, what: str) -> None:
    """A foreign thing at the path is refused, said what it is, and not touched."""
    path = tmp_path / "token"
    if what == "file":
        path.write_text("precious")
    elif what == "directory":
        path.mkdir()
    else:
        path.symlink_to("/dev/ttyUSB0")
    if what == "changed symlink":
        sidecar(path).write_text(json.dumps({"pid": 1, "target": "/dev/pts/5"}))
    before = path.lstat()
    there = sorted(tmp_path.iterdir())

    with pytest.raises(UsageError, match=f"a {what.removeprefix('changed ')}.* not ours"):
        Link.create(path, "/dev/pts/6")

    after = path.lstat()
    assert (before.st_ino, before.st_mode, before.st_mtime_ns) == (
        after.st_ino,
        after.st_mode,
        after.st_mtime_ns,
    )
    assert there == sorted(tmp_path.iterdir())


@pytest.mark.parametrize("what", ["text", "directory", "symlink", "pipe"])
def test_a_foreign_sidecar_stays(tmp_path: Path, what: str) -> None:
    """The sidecar's name may be taken as well."""
    beside = sidecar(tmp_path / "token")
    if what == "text":
        beside.write_text("[1, 2]")
    elif what == "directory":
        beside.mkdir()
    elif what == "symlink":
        beside.symlink_to("/dev/null")
    else:
        os.mkfifo(beside)

    with pytest.raises(UsageError, match=r"\.token\.galh is a .* not ours"):
        Link.create(tmp_path / "token", "/dev/pts/6")

    assert [beside] == list(tmp_path.iterdir())


def test_close_leaves_what_was_put_in_its_place(tmp_path: Path) -> None:
    """A link that somebody replaced is theirs."""
    path = tmp_path / "token"
    link = Link.create(path, "/dev/pts/5")
    path.unlink()
    path.symlink_to("/dev/ttyUSB0")

    link.close()

    assert [path] == list(tmp_path.iterdir())
    assert Path("/dev/ttyUSB0") == path.readlink()


def test_a_missing_directory_is_named(tmp_path: Path) -> None:
    """A link's own directory is not made."""
    with pytest.raises(PortError, match="directory must be there"):
        Link.create(tmp_path / "missing" / "token", "/dev/pts/5")


def test_of_many_that_start_at_once_one_wins(tmp_path: Path) -> None:
    """Eight processes want one link: one has it, seven are told who."""
    path = tmp_path / "token"
    script = (
        "import sys; from emulator.errors import BusyError\n"
        "from emulator.ports.links import Link\n"
        "print('ready', flush=True); sys.stdin.readline()\n"
        "try:\n link = Link.create(sys.argv[1], f'/dev/pts/{sys.argv[2]}')\n"
        "except BusyError: print('busy', flush=True)\n"
        "else: print('made', flush=True); sys.stdin.read()"
    )
    racers = [
        subprocess.Popen(
            [sys.executable, "-c", script, path, str(number)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(8)
    ]
    for racer in racers:
        assert racer.stdout is not None
        assert "ready\n" == racer.stdout.readline()
    for racer in racers:
        assert racer.stdin is not None
        racer.stdin.write("go\n")
        racer.stdin.flush()

    said = [racer.stdout.readline() for racer in racers if racer.stdout is not None]

    assert ["busy\n"] * 7 + ["made\n"] == sorted(said)
    assert Path(f"/dev/pts/{said.index('made' + chr(10))}") == path.readlink()
    for racer in racers:
        racer.communicate(timeout=BACKSTOP_S)


def test_one_token_s_link_is_the_path_itself(tmp_path: Path) -> None:
    """A path that is no directory is the link."""
    path = tmp_path / "token"
    assert {"GALH00000042": path} == plan_links(str(path), ["GALH00000042"])
    assert not path.exists()


def test_a_stale_link_is_no_directory(tmp_path: Path) -> None:
    """The link of an earlier run at the path is the path again."""
    path = tmp_path / "token"
    path.symlink_to("/dev/pts/99999")
    assert {"GALH00000042": path} == plan_links(str(path), ["GALH00000042"])


@pytest.mark.parametrize(("link", "serials"), [("there", 1), ("new/", 1), ("new", 2)])
def test_a_directory_takes_a_link_for_each_token(tmp_path: Path, link: str, serials: int) -> None:
    """It is one if it is there, ends with a slash, or has several tokens; it is made."""
    (tmp_path / "there").mkdir()
    names = [f"GALH0000000{number}" for number in range(serials)]

    planned = plan_links(f"{tmp_path}/{link}", names)

    place = tmp_path / link.rstrip("/")
    assert {name: place / name for name in names} == planned
    assert place.is_dir()


def test_a_file_is_no_directory_for_several(tmp_path: Path) -> None:
    """A file in the way is named and left alone."""
    (tmp_path / "file").write_text("precious")
    with pytest.raises(UsageError, match="a file"):
        plan_links(str(tmp_path / "file"), ["A", "B"])
    assert "precious" == (tmp_path / "file").read_text()


def test_a_directory_s_parents_are_not_made(tmp_path: Path) -> None:
    """A misspelt path does not grow a tree."""
    with pytest.raises(PortError, match="parent"):
        plan_links(str(tmp_path / "a" / "b") + "/", ["A"])
    assert [] == list(tmp_path.iterdir())


def test_an_empty_link_is_refused() -> None:
    """An empty name is a mistake, not the working directory."""
    with pytest.raises(UsageError):
        plan_links("", ["A"])


@given(
    st.binary() | st.recursive(st.integers() | st.text(), st.lists).map(json.dumps).map(str.encode)
)
def test_no_sidecar_s_content_raises(content: bytes) -> None:
    """Whatever the file holds, it is a claim or it is not."""
    fd = os.memfd_create("sidecar")
    os.write(fd, content)
    claim = _read_claim(fd)
    os.close(fd)
    assert claim is None or isinstance(claim["target"], str)
