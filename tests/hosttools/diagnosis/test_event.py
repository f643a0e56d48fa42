"""What an event token's counters say of its server."""

from hosttools.diagnosis import EventFacts, event_facts
from tests.hosttools.diagnosis.ward import EVENT, Ask, Codes


def _facts(ask: Ask, typed: list[str], counter: int | None) -> EventFacts:
    best = ask(EVENT, typed, counter=counter).best
    assert best is not None
    return event_facts(best)


def test_ahead(ask: Ask, codes: Codes) -> None:
    """Presses that the server has not heard of are counted to the first code."""
    facts = _facts(ask, codes(EVENT, 57, 58), 20)
    assert EventFacts((57, 58), (1,), 59, 20, 37, ()) == facts


def test_replayed(ask: Ask, codes: Codes) -> None:
    """Codes that lie behind what the server expects are named by their numbers."""
    facts = _facts(ask, codes(EVENT, 57, 58), 58)
    assert (-1, (1,)) == (facts.ahead, facts.replayed)


def test_no_server(ask: Ask, codes: Codes) -> None:
    """What nobody said of a server is not made up."""
    facts = _facts(ask, codes(EVENT, 57, 60), None)
    assert ((3,), None, None) == (facts.gaps, facts.expected, facts.ahead)


def test_none_of_its_codes(ask: Ask, codes: Codes) -> None:
    """A code of another token counts as none, the gap as that of the others."""
    other = codes("GALH12345678", 9)
    facts = _facts(ask, [*codes(EVENT, 57), *other, *codes(EVENT, 58)], 57)
    assert ((57, None, 58), (1,), ()) == (facts.counters, facts.gaps, facts.replayed)
