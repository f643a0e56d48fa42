"""What the seam promises, for every adapter in the ``ADAPTERS`` of ``conftest.py``.

A test of what a server does not offer is skipped; that it refuses it cleanly is one of them.
"""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Final

import pytest

from hosttools.servers import Answer, Can, NotOfferedError, Outcome, Server, ServerError
from tests.hosttools.servers.conftest import RACED
from tests.hosttools.servers.fob import (
    EVENT,
    SECOND_OF_ONE_USER,
    START_NS,
    TIMED,
    Fob,
)

SKIPPED_PRESSES: Final = 20
"""More than servers look ahead for one code, less than for two."""

MANY_FAILURES: Final = 30
"""More than servers take until they lock, if they do."""

NO_CODES: Final = (
    "",
    "12345",
    "1234567",
    "abcdef",
    "\uff11\uff12\uff13\uff14\uff15\uff16",
    "-12345",
    "\x00",
    "%s",
    "' OR 1=1",
    "9" * 5_000,
)

DAY_NS: Final = 86_400_000_000_000

VERBS: Final[dict[Can, Callable[[Server], object]]] = {
    Can.ENROL: lambda server: server.enrol(EVENT),
    Can.SYNC: lambda server: server.sync(EVENT.serial, "123456", "654321"),
    Can.RESYNC: lambda server: server.resync(EVENT.serial, "123456", "654321"),
    Can.UNLOCK: lambda server: server.unlock(EVENT.serial),
    Can.REMOVE: lambda server: server.remove(EVENT.serial),
    Can.VIEW: lambda server: server.view(EVENT.serial),
    Can.CLOCK: lambda server: server.set_clock(START_NS),
    Can.PROCEDURE: lambda server: server.ask("devices", "dr.adams", {}),
}


def needs(server: Server, *offered: Can) -> None:
    """Skip a test of what the server does not offer."""
    missing = [can.value for can in offered if can not in server.can]
    if missing:
        pytest.skip(f"{server.name} does not offer {', '.join(missing)}")


def test_has_a_name_and_takes_tokens(server: Server) -> None:
    """It is called something, and takes tokens of one type at least."""
    assert server.name.isprintable()
    assert server.name
    assert server.can & {Can.EVENT, Can.TIME}


def test_refuses_what_it_does_not_offer(server: Server) -> None:
    """A verb that ``can`` does not name says so, with the server's name."""
    for verb in VERBS.keys() - server.can:
        with pytest.raises(NotOfferedError, match="has not got") as caught:
            VERBS[verb](server)

        assert server.name in str(caught.value)


def test_takes_the_next_code_once(server: Server) -> None:
    """The next code is accepted; the same again is not."""
    needs(server, Can.EVENT)
    fob = Fob(server)
    code = fob.press()

    assert server.verify(fob.serial, code).accepted
    assert not server.verify(fob.serial, code).accepted
    assert server.verify(fob.serial, fob.press()).accepted


def test_takes_a_skipped_press(server: Server) -> None:
    """One press that nobody entered does no harm (RFC 4226 section 7.4)."""
    needs(server, Can.EVENT)
    fob = Fob(server)
    fob.press()

    assert server.verify(fob.serial, fob.press()).accepted


def test_takes_codes_of_a_time_token(server: Server) -> None:
    """Its clock is put to each step; each code is good once."""
    needs(server, Can.TIME, Can.CLOCK)
    fob = Fob(server, TIMED)
    for _ in range(3):
        code = fob.press()
        assert server.verify(fob.serial, code).accepted
        assert not server.verify(fob.serial, code).accepted


def test_a_clock_goes_where_it_is_put(server: Server) -> None:
    """A code is too old a day later, and good again at its own time."""
    needs(server, Can.TIME, Can.CLOCK)
    fob = Fob(server, TIMED)
    code, at_ns = fob.press(), fob.now_ns
    server.set_clock(at_ns + DAY_NS)
    late = server.verify(fob.serial, code)
    server.set_clock(at_ns)

    assert [False, True] == [late.accepted, server.verify(fob.serial, code).accepted]


def test_refuses_a_wrong_code(server: Server) -> None:
    """One that is none of the token's is not accepted, and the next right one is."""
    needs(server, Can.EVENT)
    fob = Fob(server)

    assert not server.verify(fob.serial, *fob.wrong(1)).accepted
    assert server.verify(fob.serial, fob.press()).accepted


def test_takes_whatever_is_typed(server: Server) -> None:
    """What is no code is refused as one, however it looks; it breaks nothing."""
    needs(server, Can.EVENT)
    fob = Fob(server)

    for typed in NO_CODES:  # in one test: to start some servers takes long
        assert not server.verify(fob.serial, typed).accepted, typed[:12]
        assert server.verify(fob.serial, fob.press()).accepted, typed[:12]


def test_add_form_takes_two_codes_in_a_row(server: Server) -> None:
    """Wrong ones are refused, and do not make the token active."""
    needs(server, Can.EVENT, Can.ENROL, Can.SYNC)
    fob = Fob(server, ready=False)
    first, second, third = fob.press(), fob.press(), fob.press()

    assert not server.sync(fob.serial, second, first).accepted
    assert server.sync(fob.serial, second, third).accepted
    assert server.verify(fob.serial, fob.press()).accepted


def test_resync_brings_a_token_back(server: Server) -> None:
    """After too many presses one code is refused, two in a row help, and old ones do not."""
    needs(server, Can.EVENT, Can.RESYNC)
    fob = Fob(server)
    for _ in range(SKIPPED_PRESSES):
        fob.press()
    alone, first, second = fob.press(), fob.press(), fob.press()

    assert not server.verify(fob.serial, alone).accepted
    assert server.resync(fob.serial, first, second).accepted
    assert not server.verify(fob.serial, first).accepted
    assert server.verify(fob.serial, fob.press()).accepted


def test_resync_refuses_two_that_are_not_in_a_row(server: Server) -> None:
    """A press lies between them."""
    needs(server, Can.EVENT, Can.RESYNC)
    fob = Fob(server)
    for _ in range(SKIPPED_PRESSES):
        fob.press()
    first, _, third = fob.press(), fob.press(), fob.press()

    assert not server.resync(fob.serial, first, third).accepted


def test_unlock_helps_after_many_failures(server: Server) -> None:
    """However a server defends itself, after an operator's unlock the next code is good."""
    needs(server, Can.EVENT, Can.UNLOCK)
    fob = Fob(server)
    for code in fob.wrong(MANY_FAILURES):
        assert not server.verify(fob.serial, code).accepted
    server.unlock(fob.serial)

    assert server.verify(fob.serial, fob.press()).accepted


def test_removed_is_unknown(server: Server) -> None:
    """No code of a removed token is accepted; it can be enrolled anew."""
    needs(server, Can.EVENT, Can.ENROL, Can.REMOVE)
    fob = Fob(server)
    server.remove(fob.serial)
    try:
        answer = server.verify(fob.serial, fob.press())
    except ServerError:
        answer = Answer(Outcome.REFUSED)

    assert not answer.accepted
    again = Fob(server)
    assert server.verify(again.serial, again.press()).accepted


def test_tells_where_it_is(server: Server) -> None:
    """A view's next counter is that of the next press, and goes on with it."""
    needs(server, Can.EVENT, Can.VIEW)
    fob = Fob(server)
    before, now = server.view(fob.serial), fob.factor
    server.verify(fob.serial, fob.press())

    assert [now, now + 1] == [before.next_counter, server.view(fob.serial).next_counter]
    assert not before.locked


def test_keeps_the_tokens_of_one_user_apart(server: Server) -> None:
    """A code is good for the token it is of, whoever else's that is."""
    needs(server, Can.EVENT, Can.ENROL, Can.APART)
    fobs = Fob(server), Fob(server, SECOND_OF_ONE_USER)
    codes = [fob.press() for fob in fobs]

    assert not server.verify(fobs[0].serial, codes[1]).accepted
    assert [True, True] == [
        server.verify(fob.serial, code).accepted for fob, code in zip(fobs, codes, strict=True)
    ]


def test_a_token_needs_no_user(server: Server) -> None:
    """One without has a holder of its own."""
    needs(server, Can.EVENT, Can.ENROL)
    fob = Fob(server, replace(EVENT, user=None))

    assert server.verify(fob.serial, fob.press()).accepted


def test_starts_where_the_enrolment_says(server: Server) -> None:
    """An event token's counter need not be 0."""
    needs(server, Can.EVENT, Can.ENROL)
    fob = Fob(server, replace(EVENT, counter=1_000))

    assert server.verify(fob.serial, fob.press()).accepted


def test_reasons_hold_no_codes(server: Server) -> None:
    """Whatever it answers, what was typed is not in it."""
    needs(server, Can.EVENT)
    fob = Fob(server)
    good, (bad,) = fob.press(), fob.wrong(1)
    answers = [server.verify(fob.serial, code) for code in (good, good, bad)]
    if Can.RESYNC in server.can:
        answers.append(server.resync(fob.serial, bad, good))

    for answer in answers:
        assert bad not in answer.reason
        assert good not in answer.reason
        assert answer.reason.isprintable()


def test_of_many_at_once_one_wins(server: Server) -> None:
    """Eight threads submit one code at once: it is accepted once."""
    needs(server, Can.EVENT, Can.AT_ONCE)
    if server.name in RACED:
        pytest.skip(RACED[server.name])
    fob = Fob(server)
    code = fob.press()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: server.verify(fob.serial, code), range(8)))

    assert {True: 1, False: 7} == Counter(answer.accepted for answer in answers)


def test_can_be_closed_twice(server: Server) -> None:
    """Whoever closes it may not be the only one."""
    server.close()
    server.close()
