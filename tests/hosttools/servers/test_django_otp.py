"""What is special of django-otp, measured on it; docs/known-servers.md has it for people."""

from dataclasses import replace

import pytest
from django import conf

from firmware_model.oath import Algorithm
from hosttools.errors import UsageError
from hosttools.servers import Outcome, ServerError
from hosttools.servers.django_otp import DjangoOtp, open_server
from tests.hosttools.servers.fob import EVENT, START_NS, TIMED, Fob
from tests.hosttools.servers.measured import taken

NOW = START_NS // 30_000_000_000
SECOND_NS = 1_000_000_000


def test_the_windows_are_inclusive() -> None:
    """A tolerance of 3 is four counters, of a used token too; one of 2 is five steps."""
    with DjangoOtp(hotp_tolerance=3, totp_tolerance=2, throttle=0) as server:
        server.set_clock(START_NS)

        assert [0, 1, 2, 3] == taken(server, EVENT, range(6))
        assert [1, 2, 3, 4] == taken(server, EVENT, range(6), after=1)
        steps = [NOW + off for off in range(-2, 3)]
        assert steps == taken(server, TIMED, range(NOW - 4, NOW + 5))


def test_takes_a_code_as_a_number() -> None:
    """Leading zeros, blanks, signs and underscores are no matter: it compares integers."""
    with DjangoOtp(throttle=0) as server:
        fob = Fob(server)
        zero = next(number for number in range(1_000) if fob.code(number).startswith("0"))
        server.remove(fob.serial)
        answers = {}
        for typed in (lambda code: code.lstrip("0"), " {} ".format, "+{}".format, "_".join):
            server.enrol(replace(EVENT, counter=zero))
            shown = typed(fob.code(zero))
            answers[shown] = server.verify(fob.serial, shown).accepted
            server.remove(fob.serial)

    assert {True} == set(answers.values()), answers


def test_learns_a_drift_if_told_so() -> None:
    """Each accepted code moves the window with it, but only with OTP_TOTP_SYNC."""
    walk = {}
    for sync in (True, False):
        with DjangoOtp(throttle=0, sync=sync) as server:
            fob = Fob(server, TIMED)
            server.set_clock(START_NS)
            answers = [server.verify(fob.serial, fob.code(NOW + off)).accepted for off in (1, 2)]
            walk[sync] = answers, server.view(fob.serial).step_offset

    assert {True: ([True, True], 2), False: ([True, False], 0)} == walk


def test_makes_one_wait_after_a_failure() -> None:
    """A second after the first, two after the second: by its own clock."""
    with DjangoOtp() as server:
        server.set_clock(START_NS)
        fob = Fob(server)
        outcomes = [server.verify(fob.serial, wrong).outcome for wrong in fob.wrong(2)]
        throttled = server.view(fob.serial).locked
        server.set_clock(START_NS + SECOND_NS)
        good = server.verify(fob.serial, fob.press())

    assert [Outcome.REFUSED, Outcome.THROTTLED] == outcomes
    assert throttled
    assert good.accepted


def test_unlocking_ends_the_wait() -> None:
    """At the same moment."""
    with DjangoOtp() as server:
        server.set_clock(START_NS)
        fob = Fob(server)
        server.verify(fob.serial, *fob.wrong(1))
        server.unlock(fob.serial)

        assert server.verify(fob.serial, fob.press()).accepted


@pytest.mark.parametrize(
    "changes", [{"algorithm": Algorithm.SHA256}, {"digits": 7}], ids=["hash", "digits"]
)
def test_refuses_what_it_has_not_got(changes: dict[str, object]) -> None:
    """SHA-1 and 6 or 8 digits only."""
    with DjangoOtp() as server, pytest.raises(ServerError, match=r"SHA1 only|digits"):
        server.enrol(replace(EVENT, **changes))  # type: ignore[arg-type]  # parametrize knows no types


def test_leaves_the_django_of_this_process_alone() -> None:
    """Its settings are those of a child."""
    with DjangoOtp():
        assert not conf.settings.configured


def test_takes_settings_only() -> None:
    """There is no place to go to."""
    with pytest.raises(UsageError, match="settings only"):
        open_server("somewhere")
