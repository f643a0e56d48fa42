"""Recipes on a running bench."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from emulator.annotations import Note, Submitted
from emulator.bench import Bench
from emulator.clock import RealClock, VirtualClock, parse_utc
from emulator.errors import BusyError, ConflictError, UsageError
from firmware_model.profile import TokenType
from firmware_model.stimuli import Edge, Lit
from hosttools.attached import AttachedReference
from hosttools.manufacture import config_of
from hosttools.recipebook import LABELS, Book
from hosttools.recipes import RECIPES
from hosttools.seedfiles import read_seeds, sample

EVENT, TIME = "GALH12345678", "GALT00000042"
START_NS = parse_utc("2026-01-05T08:00:00Z")
CONFIGS = {record.serial: config_of(record) for record in read_seeds(sample("ward.csv"))}
MakeBook = Callable[..., tuple[Book, Bench]]


@pytest.fixture
def make_book() -> MakeBook:
    """Return a function that makes a bench of two tokens, and its recipes."""

    def make(*, attached: bool = True, real: bool = False) -> tuple[Book, Bench]:
        bench = Bench(RealClock() if real else VirtualClock(START_NS))
        for serial in (EVENT, TIME):
            bench.open(CONFIGS[serial])
        return Book(bench, AttachedReference(bench) if attached else None), bench

    return make


def _play(book: Book, serial: str, name: str, by: float | None = None) -> dict[str, Any]:
    return asyncio.run(book.play(serial, name, by))


def _notes(bench: Bench) -> list[str]:
    return [r.event.text for r in bench.journal.since(0) if isinstance(r.event, Note)]


def test_pocket(make_book: MakeBook) -> None:
    """Pressed 37 times, the token is 37 ahead, and stays so for its holder to find out."""
    book, bench = make_book()
    told = _play(book, EVENT, "hotp-ahead")

    assert {
        "recipe": "hotp-ahead",
        "serial": EVENT,
        "by": 37,
        "history": ["pressed 37 times in a pocket; the server hears nothing of it"],
        "token": 37,
        "server": 0,
        "distance": 37,
        "reactions": [],
    } == told
    assert 37 == bench.look(EVENT).counter


def test_told_in_the_journal(make_book: MakeBook) -> None:
    """Beginning, history and end are notes; all that is done is told as the recipe's."""
    book, bench = make_book()
    _play(book, EVENT, "hotp-ahead", 2)
    records = list(bench.journal.since(0))

    assert [
        "recipe pocket: 2 presses",
        "pressed 2 times in a pocket; the server hears nothing of it",
        "recipe pocket: 2 presses: done, token +2",
    ] == _notes(bench)
    assert {"recipe hotp-ahead"} == {r.by for r in records if isinstance(r.event, Edge | Note)}
    assert 2 == sum(isinstance(r.event, Lit) for r in records)


def test_with_the_server(make_book: MakeBook) -> None:
    """A recipe that hands codes to the server goes through to its reactions."""
    book, bench = make_book()
    told = _play(book, EVENT, "replay")
    submitted = [r for r in bench.journal.since(0) if isinstance(r.event, Submitted)]

    assert ["replayed", "accepted"] == [reaction["kind"] for reaction in told["reactions"]]
    assert [True, False, True] == [r.event.accepted for r in submitted]  # type: ignore[union-attr]  # chosen above
    assert {"recipe replay"} == {r.by for r in submitted}


def test_time_token(make_book: MakeBook) -> None:
    """A clock that is slow by steps is so many steps from what the server expects."""
    book, _ = make_book()
    told = _play(book, TIME, "time-slow", 4.5)

    assert told["distance"] in {-4, -5}
    assert isinstance(told["token"], int)


def test_without_a_server(make_book: MakeBook) -> None:
    """Without a server the token's part is played, and nothing is said of a distance."""
    book, bench = make_book(attached=False)
    told = _play(book, EVENT, "hotp-inside")

    assert (5, None, None) == (told["token"], told["server"], told["distance"])
    assert "recipe pocket, inside the window: 5 presses: done" == _notes(bench)[-1]


def test_names(make_book: MakeBook) -> None:
    """Buttons say what happens and how often, each for its kind of token."""
    book, _ = make_book()
    titles = {info.name: info.title for info in book.names(TokenType.EVENT)}
    pocket = next(info for info in book.names(TokenType.EVENT) if info.name == "hotp-ahead")

    assert ("pocket: 37 presses", "torn write") == (titles["hotp-ahead"], titles["torn-write"])
    assert ("presses", 37, 1, 20_000) == (pocket.unit, pocket.default, pocket.low, pocket.high)
    assert {i.name for i in book.names(TokenType.TIME)}.isdisjoint(titles)


def test_names_without_a_server(make_book: MakeBook) -> None:
    """Without a server there is no button that could only be refused."""
    book, _ = make_book(attached=False)
    names = {info.name for kind in TokenType for info in book.names(kind)}

    assert {name for name, recipe in RECIPES.items() if not recipe.needs_server} == names


def test_every_recipe_has_a_label() -> None:
    """None is forgotten, and no two recipes are called the same."""
    assert set(RECIPES) == set(LABELS)
    assert len(LABELS) == len(set(LABELS.values()))


@pytest.mark.parametrize(
    ("serial", "name", "by", "wanted"),
    [
        (EVENT, "hotp-ahed", None, UsageError),
        (EVENT, "hotp-ahead", 0, UsageError),
        (EVENT, "replay", 3, UsageError),
        ("GALH99999999", "hotp-ahead", None, UsageError),
        (TIME, "hotp-ahead", None, ConflictError),
        (EVENT, "time-slow", None, ConflictError),
    ],
)
def test_refusals(
    make_book: MakeBook, serial: str, name: str, by: float | None, wanted: type[UsageError]
) -> None:
    """What can't be played is an error that HTTP has a status for; nothing is pressed."""
    book, bench = make_book()
    with pytest.raises(wanted) as refused:
        _play(book, serial, name, by)

    assert isinstance(refused.value, ConflictError) is (wanted is ConflictError)
    assert not any(isinstance(r.event, Edge) for r in bench.journal.since(0))


def test_not_without_a_server(make_book: MakeBook) -> None:
    """A recipe that needs a server says so."""
    book, _ = make_book(attached=False)
    with pytest.raises(ConflictError, match="without a server"):
        _play(book, EVENT, "replay")


@pytest.mark.parametrize(("serial", "name"), [(EVENT, "hotp-ahead"), (TIME, "time-slow")])
def test_not_on_a_real_clock(make_book: MakeBook, serial: str, name: str) -> None:
    """What would take minutes, or months, on a real clock is refused at once."""
    book, bench = make_book(real=True)
    with pytest.raises(UsageError, match="clock"):
        _play(book, serial, name)

    assert "broken off" in _notes(bench)[-1]


@pytest.mark.parametrize("other", [EVENT, TIME])
def test_one_at_a_time(make_book: MakeBook, other: str) -> None:
    """A second recipe is refused while one is played: they share the clock."""
    book, _ = make_book()
    names = {EVENT: "hotp-inside", TIME: "time-slow"}

    async def both() -> list[Any]:
        plays = [book.play(EVENT, "hotp-inside", 5), book.play(other, names[other], 5)]
        return list(await asyncio.gather(*plays, return_exceptions=True))

    first, second = asyncio.run(both())

    assert 5 == first["distance"]
    assert isinstance(second, BusyError)
    assert 10 == _play(book, EVENT, "hotp-inside", 5)["distance"]


def test_given_up(make_book: MakeBook) -> None:
    """A recipe whose caller goes away ends; the token can be played on again."""
    book, bench = make_book()

    async def give_up() -> None:
        task = asyncio.create_task(book.play(EVENT, "hotp-ahead", 20_000))
        pressed = asyncio.Event()
        bench.journal.subscribe(
            lambda: (
                pressed.set()
                if any(isinstance(r.event, Lit) for r in bench.journal.since(0))
                else None
            )
        )
        await pressed.wait()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(give_up())
    counter = bench.look(EVENT).counter

    assert counter is not None
    assert counter < 20_000
    assert "broken off" in _notes(bench)[-1]
    assert _play(book, EVENT, "hotp-inside", 1)["token"] == counter + 1
