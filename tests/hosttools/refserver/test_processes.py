"""Several processes on one database, and what kill -9 leaves of it."""

import dataclasses
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from hosttools.refserver import Record, Status, Store
from tests.hosttools.atonce import ENVIRONMENT, run_at_once

Code = Callable[[int], str]
HERE = Path(__file__).parent
PROCESSES = 20


def _submit_at_once(path: Path, *arguments: str) -> Counter[str]:
    return run_at_once(
        [sys.executable, str(HERE / "submitter.py"), str(path), *arguments], PROCESSES
    )


def test_one_code_is_accepted_once(tmp_path: Path, event: Record, code: Code) -> None:
    """Twenty processes submit one code at the same instant: exactly one is accepted."""
    path = tmp_path / "server.db"
    with Store(path) as store:
        store.add(event)

    kinds = _submit_at_once(path, event.serial, code(10))

    assert kinds == {"accepted": 1, "replayed": PROCESSES - 1}
    with Store(path) as store:
        assert store.get(event.serial).next_factor == 11


def test_add_form_is_taken_once(tmp_path: Path, event: Record, code: Code) -> None:
    """Twenty processes submit one add form: one makes it active, the others are errors."""
    path = tmp_path / "server.db"
    with Store(path) as store:
        store.add(dataclasses.replace(event, status=Status.ASSIGNED))

    kinds = _submit_at_once(path, event.serial, code(10), code(11))

    assert kinds == {"active": 1, "double_submit": PROCESSES - 1}
    with Store(path) as store:
        record = store.get(event.serial)
        assert (record.next_factor, record.resync_failures) == (12, 0)


def test_database_is_created_once(tmp_path: Path, event: Record) -> None:
    """Twenty processes create one database at once: all of them open the same one."""
    path = tmp_path / "server.db"
    script = (
        "import sys; from hosttools.refserver import Store; print('ready', flush=True)\n"
        "sys.stdin.read(); print(len(Store(sys.argv[1]).list()))"
    )

    printed = run_at_once([sys.executable, "-c", script, str(path)], PROCESSES)

    assert printed == {"0": PROCESSES}
    with Store(path) as store:
        store.add(event)
    assert [p.name for p in tmp_path.iterdir()] == ["server.db"]


def _kill_again_and_again(path: Path, record: Record, times: int) -> None:
    draw = random.Random(times)  # noqa: S311 - when to kill, no secret
    with Store(path) as store:
        store.add(dataclasses.replace(record, next_factor=0))
    told = -1
    for _ in range(times):
        command = [
            sys.executable,
            str(HERE / "writer.py"),
            str(path),
            record.serial,
            record.secret.reveal().hex(),
        ]
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, text=True, env=ENVIRONMENT
        ) as writer:
            assert writer.stdout is not None
            for _ in range(draw.randrange(1, 40)):
                told = int(writer.stdout.readline())
            writer.kill()
            # What it told before it died is in the pipe; a last line may be torn.
            for line in writer.stdout.read().split("\n")[:-1]:
                told = int(line)
        with Store(path) as store:
            assert store.get(record.serial).next_factor > told


def test_kill_rolls_no_counter_back(tmp_path: Path, event: Record) -> None:
    """After kill -9 the database is never behind what was told to be accepted."""
    _kill_again_and_again(tmp_path / "server.db", event, 4)


@pytest.mark.full
@pytest.mark.timeout(1200)
def test_two_hundred_kills_roll_no_counter_back(tmp_path: Path, event: Record) -> None:
    """The same for two hundred kills."""
    _kill_again_and_again(tmp_path / "server.db", event, 200)
