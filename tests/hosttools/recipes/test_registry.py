"""Each recipe reaches what it says, by a history and by nothing else."""

from collections.abc import Callable
from typing import Any

import pytest

from emulator.annotations import Note
from firmware_model.profile import TokenType
from firmware_model.stimuli import ClockJump, Edge, Retune, SetClock, SetCounter, SupplyDip
from hosttools.errors import RecordError, UsageError
from hosttools.recipes import RECIPES, NotApplicable, Recipe, desync, recipe
from hosttools.refserver import Kind, Policy, Store

MakeHand = Callable[..., Any]
SERIALS = {TokenType.EVENT: "GALH12345678", TokenType.TIME: "GALT00000042"}
ALONE = [r for r in RECIPES.values() if not r.needs_server]
TOGETHER = [r for r in RECIPES.values() if r.needs_server]


def _name(chosen: Recipe) -> str:
    return chosen.name


@pytest.mark.parametrize("chosen", RECIPES.values(), ids=_name)
def test_server_reacts_as_documented(chosen: Recipe, make_hand: MakeHand) -> None:
    """On a new token and the default server, the verdicts are those of the registry."""
    hand = make_hand(SERIALS[chosen.token_type], crystal_ppb=chosen.crystal_ppb)
    reached = desync(hand.token, chosen.name, serial=hand.serial, server=hand.server)

    assert chosen.expected == tuple(r.verdict.kind for r in reached.reactions)
    assert chosen.expected == tuple(r.expected for r in reached.reactions)
    assert reached.ok


@pytest.mark.parametrize("chosen", RECIPES.values(), ids=_name)
def test_nothing_is_poked(chosen: Recipe, make_hand: MakeHand) -> None:
    """The journal holds what happened, and no counter or clock that was set."""
    hand = make_hand(SERIALS[chosen.token_type], crystal_ppb=chosen.crystal_ppb)
    journal = hand.runner.bench.journal

    def note(text: str) -> None:
        journal.append(hand.serial, Note(0, text))

    reached = desync(hand.token, chosen.name, serial=hand.serial, server=hand.server, note=note)
    events = [record.event for record in journal.since(0)]

    assert [] == [e for e in events if isinstance(e, SetCounter | SetClock | ClockJump | Retune)]
    assert any(isinstance(e, Edge) for e in events)
    assert reached.history == tuple(e.text for e in events if isinstance(e, Note))


@pytest.mark.parametrize("by", [1, 10, 11, 37, 999, 1000])
def test_hotp_distance_is_the_number(by: int, make_hand: MakeHand) -> None:
    """So many presses apart, on the token's side; the server has not moved."""
    hand = make_hand("GALH12345678")
    reached = desync(hand.token, "hotp-ahead", by=by, serial=hand.serial, server=hand.server)
    where = reached.position

    assert (by, by, 0) == (where.distance, where.token_moved, where.server_moved)
    assert reached.ok


@pytest.mark.parametrize("other", ["GALH00000042", "GALH20140711"])
def test_chance_is_told(other: str, make_hand: MakeHand) -> None:
    """A code that is another counter's too is tried again, and the history says so."""
    hand = make_hand(other)
    reached = desync(hand.token, "hotp-beyond", serial=hand.serial, server=hand.server)

    assert reached.ok
    assert ("chance" in reached.history[-1]) is (other == "GALH00000042")


def test_server_ahead(make_hand: MakeHand) -> None:
    """The token has not moved, the server has; nothing counts as a failure."""
    hand = make_hand("GALH12345678")
    reached = desync(hand.token, "server-ahead", by=7, serial=hand.serial, server=hand.server)
    where = reached.position

    assert (-7, 0, 7) == (where.distance, where.token_moved, where.server_moved)
    assert [False] * 3 == [r.verdict.counted for r in reached.reactions]
    assert reached.ok


@pytest.mark.parametrize("by", [1, 2, 3, 50, 100])
def test_server_ahead_by_any(by: int, make_hand: MakeHand) -> None:
    """As far as the server looks back, it tells a used code from a wrong one."""
    hand = make_hand("GALH12345678")
    assert desync(hand.token, "server-ahead", by=by, serial=hand.serial, server=hand.server).ok


def test_torn_write_skips_counters(make_hand: MakeHand) -> None:
    """Each tear is a power loss in the middle of a commit, and costs one counter."""
    hand = make_hand("GALH12345678")
    reached = desync(hand.token, "torn-write", by=4, serial=hand.serial)
    events = [record.event for record in hand.runner.bench.journal.since(0)]

    assert 4 == sum(isinstance(event, SupplyDip) for event in events)
    assert (4, None, None) == (
        reached.position.token_moved,
        reached.position.server,
        reached.position.distance,
    )


@pytest.mark.parametrize(
    ("name", "by", "crystal_ppb", "told"),
    [
        ("time-slow", 4.5, 0, "car in winter"),
        ("time-slow", 4.5, 3_000, "car in winter"),
        ("time-slow", 4.5, -11_600, "in the drawer"),
        ("time-slow", 130.0, 0, "car in winter"),
        ("time-slow", 0.5, -500, "in the drawer"),
        ("time-fast", 4.5, 11_600, "in the drawer"),
        ("time-fast", 119.25, 40_000, "in the drawer"),
    ],
)
def test_clock_is_off_by_the_number(
    name: str, by: float, crystal_ppb: int, told: str, make_hand: MakeHand
) -> None:
    """To a millisecond, by time on a shelf or, where the crystal won't, by cold."""
    hand = make_hand("GALT00000042", crystal_ppb=crystal_ppb)
    reached = desync(hand.token, name, by=by, serial=hand.serial, server=hand.server)
    wanted = by if name == "time-fast" else -by

    assert wanted == pytest.approx(reached.position.token_moved, abs=0.001)
    assert told in reached.history[-1]
    assert abs((reached.position.distance or 0) - wanted) <= 1
    assert reached.ok


def test_cold_token_is_warm_again(make_hand: MakeHand) -> None:
    """After the cold car it is as warm as it was before."""
    hand = make_hand("GALT00000042")
    before = hand.token.temperature()
    desync(hand.token, "time-slow", serial=hand.serial)

    assert before == hand.token.temperature()


def test_nothing_makes_a_crystal_fast(make_hand: MakeHand) -> None:
    """A token whose crystal is right won't be fast in its life."""
    hand = make_hand("GALT00000042")
    with pytest.raises(NotApplicable, match="take one whose crystal runs fast"):
        desync(hand.token, "time-fast", serial=hand.serial, server=hand.server)


@pytest.mark.parametrize("serial", ["GALT00000042", "GALT87654321", "GALT00000256"])
@pytest.mark.parametrize("name", ["stale-code", "same-step", "time-slow"])
def test_time_recipes_on_other_tokens(serial: str, name: str, make_hand: MakeHand) -> None:
    """Steps of 30 s and 60 s, six digits and eight."""
    hand = make_hand(serial)
    reached = desync(hand.token, name, serial=serial, server=hand.server)

    assert reached.ok
    dropped = any("dropped" in line for line in reached.history)
    assert dropped is (name == "same-step" and serial != "GALT87654321")


def test_past_help(make_hand: MakeHand) -> None:
    """A token past the resync window can't be brought in step for the next recipe."""
    hand = make_hand("GALH12345678")
    desync(hand.token, "hotp-beyond", serial=hand.serial, server=hand.server)
    with pytest.raises(NotApplicable, match="can't be brought in step"):
        desync(hand.token, "hotp-edge", serial=hand.serial, server=hand.server)


def test_one_after_the_other(make_hand: MakeHand) -> None:
    """A token that was left out of step is resynced first, and the history says so."""
    hand = make_hand("GALH12345678")
    desync(hand.token, "hotp-inside", serial=hand.serial, server=hand.server)
    desync(hand.token, "hotp-ahead", serial=hand.serial)  # nobody resyncs it
    reached = desync(hand.token, "hotp-ahead", serial=hand.serial, server=hand.server)

    assert "is out of step from before: resynced with two codes" == reached.history[0]
    assert 37 == reached.position.distance
    assert reached.ok


def test_another_policy_another_reaction(make_hand: MakeHand) -> None:
    """What has to come follows from the server's own windows."""
    hand = make_hand("GALH12345678", policy=Policy(look_ahead=40))
    reached = desync(hand.token, "hotp-ahead", serial=hand.serial, server=hand.server)

    assert [Kind.ACCEPTED] == [r.verdict.kind for r in reached.reactions]
    assert reached.ok


@pytest.mark.parametrize("chosen", TOGETHER, ids=_name)
def test_not_without_a_server(chosen: Recipe, make_hand: MakeHand) -> None:
    """What hands the server something is nothing without one; the token is left alone."""
    hand = make_hand(SERIALS[chosen.token_type])
    with pytest.raises(NotApplicable, match="not applicable without a server: "):
        desync(hand.token, chosen.name, serial=hand.serial)
    assert [] == [
        r for r in hand.runner.bench.journal.since(0) if isinstance(r.event, Edge | SupplyDip)
    ]


@pytest.mark.parametrize("chosen", ALONE, ids=_name)
def test_token_steps_alone(chosen: Recipe, make_hand: MakeHand) -> None:
    """Without a server the token's steps are done, and nothing is said of a server."""
    hand = make_hand(SERIALS[chosen.token_type], crystal_ppb=chosen.crystal_ppb)
    reached = desync(hand.token, chosen.name, serial=hand.serial)

    assert ((), None) == (reached.reactions, reached.position.server)
    assert chosen.number is not None
    assert chosen.number.default == pytest.approx(abs(reached.position.token_moved), abs=0.001)


def test_not_on_the_other_kind(make_hand: MakeHand) -> None:
    """A recipe for event tokens is none for time tokens."""
    hand = make_hand("GALT00000042")
    with pytest.raises(NotApplicable, match="is time-based"):
        desync(hand.token, "hotp-ahead", serial=hand.serial)


def test_server_that_knows_it_not(make_hand: MakeHand) -> None:
    """A server without the token's record is an error of the server's."""
    hand = make_hand("GALH12345678")
    with Store(":memory:") as other, pytest.raises(RecordError, match="add it first"):
        desync(hand.token, "hotp-ahead", serial=hand.serial, server=other)


def test_revoked_token(make_hand: MakeHand) -> None:
    """A revoked token can't be brought in step."""
    hand = make_hand("GALH12345678")
    hand.server.revoke(hand.serial, 0)
    with pytest.raises(NotApplicable, match="the server says: revoked"):
        desync(hand.token, "hotp-ahead", serial=hand.serial, server=hand.server)


@pytest.mark.parametrize(
    ("name", "by"),
    [
        ("hotp-ahead", 0),
        ("hotp-ahead", 1.5),
        ("hotp-ahead", -3),
        ("hotp-ahead", float("nan")),
        ("hotp-ahead", float("inf")),
        ("time-slow", 0.1),
        ("server-ahead", 101),
    ],
)
def test_impossible_number(name: str, by: float) -> None:
    """The error says what was given and what is allowed."""
    with pytest.raises(UsageError, match="allowed are"):
        recipe(name).by(by)


def test_number_where_there_is_none() -> None:
    """A recipe without a number takes none."""
    with pytest.raises(UsageError, match="takes no number"):
        recipe("replay").by(2)


@pytest.mark.parametrize(("name", "hint"), [("hotp-ahed", "'hotp-ahead'"), ("x", "there are")])
def test_unknown_recipe(name: str, hint: str) -> None:
    """The error says which one was meant, or which there are."""
    with pytest.raises(UsageError, match=hint):
        recipe(name)


def test_codes_stay_hidden(make_hand: MakeHand) -> None:
    """No code is in what a recipe returns."""
    hand = make_hand("GALH12345678")
    seen: list[str] = []
    press = hand.token.press

    def listen() -> Any:  # noqa: ANN401  # a Pressed
        pressed = press()
        seen.append(pressed.code)
        return pressed

    hand.token.press = listen
    told = repr(desync(hand.token, "hotp-inside", serial=hand.serial, server=hand.server))

    assert seen
    assert [] == [code for code in seen if code in told]
