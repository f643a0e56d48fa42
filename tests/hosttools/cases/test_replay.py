"""Replaying cases."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from emulator.annotations import Submitted
from emulator.bench import Bench
from emulator.clock import VirtualClock
from emulator.errors import StateError
from emulator.journal import Event, Record
from firmware_model.nvm import configure
from firmware_model.products import GALH
from firmware_model.profile import SECOND
from firmware_model.stimuli import Lit
from hosttools.attached import AttachedReference
from hosttools.cases import Case, acts_of, load, replay, rerun, save, take
from hosttools.cases.acts import Press
from hosttools.errors import CaseError
from hosttools.refserver import Policy, Store
from tests.hosttools.cases.scene import EVENT, SECRETS, START_NS, Scene

TakeIt = Callable[..., Case]


def _submitted(case: Case) -> list[Any]:
    return [record for record in case.records if isinstance(record.event, Submitted)]


def _with(case: Case, old: Record, event: Event) -> Case:
    """Return a case in which one record tells something else."""
    records = [old._replace(event=event) if record is old else record for record in case.records]
    return replace(case, records=tuple(records))


def test_same(busy: Scene, take_it: TakeIt, tmp_path: Path) -> None:
    """A re-keyed case replays to the same digest and the same verdicts, from its file too."""
    case = take_it(busy)
    path = tmp_path / "x.galh-case.json"
    save(path, case)
    assert case == load(path)
    done = replay(load(path))
    assert (True, None) == (done.same, done.first_difference)
    assert done.digest_expected == done.digest_got == case.digest
    assert (8, 8) == (len(done.judged), done.verdicts)


def test_every_verdict(scene: Scene, take_it: TakeIt) -> None:
    """Whatever the server says comes out again, unknown and mistyped codes included."""
    verdicts = [scene.submit("verify", scene.code()), scene.submit("verify", "12")]
    verdicts += [scene.submit("verify", "x" * 6), scene.submit("sync", "1" * 6, "2" * 6)]
    verdicts.append(scene.submit("verify", scene.shown[0]))
    one, two = scene.code(), scene.code()
    forms = [("1", "2"), (two, one), (one, one), ("111111", "222222"), ("111111", "222222")]
    forms += [("333333", "333333"), (one, two), (one, two), ("444444", "555555")]
    verdicts += [scene.submit("resync", *form) for form in forms]
    for _ in range(15):
        scene.code()
    verdicts += [scene.submit("verify", scene.shown[-1]) for _ in range(11)]
    verdicts.append(scene.submit("resync", scene.shown[-3], scene.shown[-1]))
    scene.server.unlock(EVENT)
    verdicts += [scene.submit("verify", scene.shown[3]), scene.submit("verify", scene.code())]
    done = replay(take_it(scene))
    told = [judged.kind for judged in done.judged if judged.told.verb != "unlock"]
    assert verdicts == told
    assert {"double_submit", "same_code", "locked", "replayed", "out_of_sync"} <= set(verdicts)
    assert done.same


def test_form_before_the_case(scene: Scene, take_it: TakeIt) -> None:
    """A form that repeats one from before the case is still told as such."""
    pair = scene.code(), scene.code()
    scene.submit("resync", *pair)
    later = AttachedReference(scene.bench, store=scene.server._store, name="later")
    assert "double_submit" == later.submit(EVENT, "resync", pair)["kind"]
    done = replay(take_it(scene))
    assert ["resynced", "double_submit"] == [judged.kind for judged in done.judged]


def test_throttled(scene: Scene, take_it: TakeIt) -> None:
    """The server judges by the times of the journal."""
    with Store(":memory:", Policy(throttle_s=5)) as store:
        scene.server = AttachedReference(scene.bench, store=store, name="throttling")
        kinds = [scene.submit("verify", "000000"), scene.submit("verify", "000000")]
        scene.bench.advance(6 * SECOND)
        kinds.append(scene.submit("verify", scene.code()))
    assert ["invalid", "throttled", "accepted"] == kinds
    assert replay(take_it(scene)).same


def test_other_servers_are_not_judged(scene: Scene, take_it: TakeIt) -> None:
    """What a server of which nothing is kept said is told, and not judged."""
    case = take_it(scene)
    scene.submit("verify", scene.code())
    case = take_it(scene)
    (told,) = _submitted(case)
    renamed = _with(case, told, replace(told.event, server="vpn"))
    done = replay(renamed)
    assert (1, 0, True) == (len(done.judged), done.verdicts, done.same)


def test_first_difference(busy: Scene, take_it: TakeIt) -> None:
    """A record that does not follow is named, with what the case says and what comes out."""
    case = take_it(busy)
    (lit, event) = next(
        (r, r.event) for r in case.records if isinstance(r.event, Lit) and r.event.factor == 2
    )
    wrong = _with(case, lit, event._replace(factor=3))
    found = replay(wrong).first_difference
    assert found is not None
    assert (lit.sequence, EVENT) == (found.sequence, EVENT)
    assert '"factor": 3' in found.expected
    assert '"factor": 2' in found.got


def test_wrong_verdict(busy: Scene, take_it: TakeIt) -> None:
    """A verdict that comes out otherwise is a difference."""
    case = take_it(busy)
    told = _submitted(case)[0]
    wrong = _with(case, told, replace(told.event, verdict="replayed"))
    found = replay(wrong).first_difference
    assert found is not None
    assert told.sequence == found.sequence
    assert "accepted" in found.got


def test_wrong_digest(busy: Scene, take_it: TakeIt) -> None:
    """An end that is another is a difference even if all records agree."""
    case = take_it(busy)
    tokens = (replace(case.tokens[0], digest="0" * 64), *case.tokens[1:])
    done = replay(replace(case, tokens=tokens))
    assert not done.same
    assert done.first_difference is not None
    assert "digest " + "0" * 64 == done.first_difference.expected


def test_acts(scene: Scene, take_it: TakeIt) -> None:
    """A press is one act, with when and how long; without it the token is one counter behind."""
    for _ in range(3):
        scene.code()
    case = take_it(scene, serials=[EVENT])
    acts = acts_of(case)
    presses = [act for act in acts if isinstance(act, Press)]
    assert 3 == len(presses)
    assert START_NS == presses[0].at_ns
    assert presses[0].hold_ns > 0
    outcome = rerun(case, [act for act in acts if act is not presses[1]])
    assert 2 == outcome.lives[EVENT][-1].state.counter


def test_acts_without_a_start(scene: Scene, take_it: TakeIt) -> None:
    """A press of a token that was never placed can't be done."""
    scene.code()
    case = take_it(scene)
    presses = [act for act in acts_of(case) if isinstance(act, Press)]
    with pytest.raises(CaseError, match="where the token was before"):
        rerun(case, presses)


def test_dead_memory(scene: Scene, take_it: TakeIt, monkeypatch: pytest.MonkeyPatch) -> None:
    """A token whose memory failed replays up to there."""
    scene.code()

    def fails(*_: object) -> None:
        raise StateError("the disk is full")

    scene.bench.wait(EVENT, lit=False, timeout_ns=120 * SECOND)
    monkeypatch.setattr("emulator.device.commit", fails)
    assert scene.bench.press(EVENT).result.code is None
    case = take_it(scene)
    done = replay(case)
    assert (True, None) == (done.same, case.tokens[0].digest)
    assert 1 == done.outcome.lives[EVENT][-1].state.counter


def test_new_lineage(scene: Scene, take_it: TakeIt) -> None:
    """A token that was put back to what it was lives twice."""
    scene.code()
    before = scene.bench.state(EVENT)
    scene.code()
    scene.bench.put(before, "restored")
    scene.code()
    done = replay(take_it(scene))
    assert (True, None) == (done.same, done.first_difference)
    assert 2 == len(done.outcome.lives[EVENT])


@pytest.mark.full
def test_ten_thousand_presses(tmp_path: Path) -> None:
    """10,000 presses are taken, saved, read and replayed."""
    bench = Bench(VirtualClock(START_NS))
    bench.open(configure(EVENT, GALH, SECRETS[EVENT]))
    bench.press_many(EVENT, 10_000)
    path = tmp_path / "x.galh-case.json"
    save(path, take(bench))
    done = replay(load(path))
    assert (True, 10_000) == (done.same, done.outcome.lives[EVENT][-1].state.counter)
