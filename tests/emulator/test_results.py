"""Results, views and tickets."""

from collections.abc import Callable

import pytest

from emulator.results import PressResult, Ticket, View
from firmware_model.segments import Lcd, encode


def test_no_repr_shows_digits() -> None:
    """A result and a view name the counter, not the code."""
    result = PressResult("755224", None, 0, 5)
    view = View("GALH00004226", Lcd(encode("755224")), 1, False, "lit", 1, None)
    assert repr(result) == "<PressResult lit factor=0 at_ns=5>"
    assert repr(view) == "<View GALH00004226 lit counter=1>"
    assert repr(PressResult(None, "busy", None, 5)) == (
        "<PressResult refused='busy' factor=None at_ns=5>"
    )


def test_a_ticket_has_one_result() -> None:
    """Before it there is none, after it there is no other."""
    ticket: Ticket[int] = Ticket()
    before = ticket.done
    with pytest.raises(LookupError, match="not there yet"):
        _ = ticket.result
    ticket.resolve(7)
    assert (before, ticket.done, ticket.result) == (False, True, 7)
    with pytest.raises(LookupError, match="already"):
        ticket.resolve(8)


def test_who_waits_is_told_in_order() -> None:
    """Callbacks come once, in order, and at once if the result is there."""
    ticket: Ticket[int] = Ticket()
    told: list[str] = []
    ticket.then(lambda value: told.append(f"first {value}"))
    ticket.then(lambda value: told.append(f"second {value}"))
    ticket.resolve(7)
    ticket.then(lambda value: told.append(f"late {value}"))
    assert told == ["first 7", "second 7", "late 7"]


def test_callbacks_never_nest() -> None:
    """A callback that leads to another returns before that one is called."""
    told: list[str] = []

    def outer(_: int) -> None:
        told.append("outer begins")
        inner: Ticket[int] = Ticket()
        inner.resolve(2)
        inner.then(lambda _: told.append("inner"))
        told.append("outer ends")

    ticket: Ticket[int] = Ticket()
    ticket.then(outer)
    ticket.resolve(1)
    assert told == ["outer begins", "outer ends", "inner"]


def test_a_long_chain_is_no_deep_one() -> None:
    """A hundred thousand callbacks, each leading to the next, need no deeper stack."""
    left = 100_000

    def again(_: int) -> None:
        nonlocal left
        left -= 1
        if left:
            ticket: Ticket[int] = Ticket()
            ticket.resolve(0)
            ticket.then(again)

    first: Ticket[int] = Ticket()
    first.then(again)
    first.resolve(0)
    assert left == 0


def test_a_callback_that_raises_stops_no_later_one() -> None:
    """Its error reaches who resolved the ticket; the others are still told."""
    told: list[str] = []

    def fails(_: int) -> None:
        raise ValueError("made to fail")

    def note(text: str) -> Callable[[int], None]:
        return lambda _: told.append(text)

    ticket: Ticket[int] = Ticket()
    ticket.then(fails)
    ticket.then(note("second"))
    with pytest.raises(ValueError, match="made to fail"):
        ticket.resolve(1)
    later: Ticket[int] = Ticket()
    later.then(note("later"))
    later.resolve(1)
    assert told == ["second", "later"]
