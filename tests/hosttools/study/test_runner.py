"""Parts of a study spread over processes and machines: the same numbers, whatever dies."""

import functools
import os
import signal
from pathlib import Path
from typing import Any

import pytest
from distributed import LocalCluster

from hosttools.errors import StateError
from hosttools.refserver import Policy
from hosttools.study.dask import Cluster
from hosttools.study.model import PolicyChoice, Study
from hosttools.study.part import run_part
from hosttools.study.runner import Here, Part, parts_of, run_parts
from hosttools.study.tally import Tally
from hosttools.study.workdir import WorkDir

STUDY = Study(count=12, months=2, policies=(PolicyChoice(name="only", policy=Policy()),))
CLUSTER: Any = LocalCluster
"""It has no types."""
PARTS: list[Part] = [(STUDY, range(start, start + 3)) for start in range(0, 12, 3)]


def die_once(mark: str, study: Study, tokens: range) -> Tally:
    """Run a part; the first to come to the third one kills its process."""
    if tokens.start == 6:
        try:
            Path(mark).touch(exist_ok=False)
        except FileExistsError:
            pass
        else:
            os.kill(os.getpid(), signal.SIGKILL)
    return run_part(study, tokens)


def forgotten(_study: Study) -> WorkDir | None:
    """Keep nothing."""
    return None


def test_parts_add_up_to_the_whole() -> None:
    """However a study is cut, and whatever part comes first, the sums are the same."""
    whole = run_part(STUDY, range(12))
    tallies = [run_part(*part) for part in reversed(PARTS)]
    assert whole.same(functools.reduce(Tally.merged, tallies, Tally.empty(STUDY)))


def test_parts_cover_every_token_once() -> None:
    """No token is left out or lived twice."""
    parts = parts_of(Study(count=100_003))
    assert list(range(100_003)) == [token for _, tokens in parts for token in tokens]


def test_a_worker_killed_costs_no_number(tmp_path: Path) -> None:
    """A process of the pool is killed in the middle: the rest is finished, the sums are right."""
    here = Here(2, functools.partial(die_once, str(tmp_path / "died")))
    seen: list[Part] = []
    sums = run_parts(PARTS, here, forgotten, seen.append)
    assert (tmp_path / "died").exists()
    assert run_part(STUDY, range(12)).same(sums[id(STUDY)])
    assert sorted(t.start for _, t in PARTS) == sorted(t.start for _, t in seen)


@pytest.mark.full
@pytest.mark.timeout(300)
def test_a_dask_worker_killed_costs_no_number(tmp_path: Path) -> None:
    """The same on a real Dask cluster whose worker dies under a part."""
    with CLUSTER(
        n_workers=2, threads_per_worker=1, dashboard_address=None, host="127.0.0.1"
    ) as cluster:
        run = functools.partial(die_once, str(tmp_path / "died"))
        sums = run_parts(PARTS, Cluster(cluster.scheduler_address, run), forgotten, lambda _: None)
    assert (tmp_path / "died").exists()
    assert run_part(STUDY, range(12)).same(sums[id(STUDY)])


def mark_process(folder: str, study: Study, tokens: range) -> Tally:
    """Run a part; leave the number of the process that did."""
    Path(folder, str(os.getpid())).touch()
    return run_part(study, tokens)


def test_one_pool_does_all_parts(tmp_path: Path) -> None:
    """While no worker dies, nobody is forked but the first ones."""
    parts: list[Part] = [(STUDY, range(token, token + 1)) for token in range(12)]
    list(Here(2, functools.partial(mark_process, str(tmp_path))).map(parts))
    assert len(list(tmp_path.iterdir())) <= 2


def test_what_is_done_is_not_done_again(tmp_path: Path) -> None:
    """A study that goes on takes the parts it has, and comes to the same sums."""
    folder = WorkDir(tmp_path, STUDY)
    ran: list[range] = []

    def counting(study: Study, tokens: range) -> Tally:
        ran.append(tokens)
        return run_part(study, tokens)

    run_parts(PARTS[:2], Here(1, counting), lambda _: folder, lambda _: None)
    again = WorkDir(tmp_path, STUDY)
    sums = run_parts(PARTS, Here(1, counting), lambda _: again, lambda _: None)
    assert [tokens for _, tokens in PARTS] == ran
    assert run_part(STUDY, range(12)).same(sums[id(STUDY)])
    assert {0o600} == {path.stat().st_mode & 0o777 for path in folder.files()}


def test_a_damaged_part_is_done_again(tmp_path: Path) -> None:
    """A file that is no part any more costs time alone."""
    folder = WorkDir(tmp_path, STUDY)
    folder.save(range(3), run_part(STUDY, range(3)))
    next(folder.files()).write_bytes(b"PK\x03\x04 torn")
    assert folder.load(range(3)) is None


def test_another_study_is_refused(tmp_path: Path) -> None:
    """A folder takes the parts of one study."""
    WorkDir(tmp_path, STUDY)
    with pytest.raises(StateError, match="another study"):
        WorkDir(tmp_path, Study(count=13, months=2))
