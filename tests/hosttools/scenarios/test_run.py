"""Playing scenarios: what steps do, what is compared, and what is skipped."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from firmware_model.oath import Key, hotp
from firmware_model.profile import SECOND
from hosttools.refserver import Policy
from hosttools.scenarios import Bed, Result, Scenario, Status, read_scenario, reference, run
from hosttools.servers import Answer, Can, Enrolment, Outcome, Server, ServerError
from hosttools.servers.reference import ReferenceServer

EVENT = 'version = 1\n[[token]]\nserial = "GALH00004226"\nsample = "GALH00004226"\n'
TIMED = 'version = 1\n[[token]]\nserial = "GALT00000042"\nsample = "GALT00000042"\n'


def steps(*lines: str) -> str:
    """Return steps, each given as the inline table that it is."""
    return "".join(f"[[step]]\n{line.replace('; ', chr(10))}\n" for line in lines)


def played(head: str, *lines: str, keep_going: bool = False) -> Result:
    """Play steps on the reference server."""
    return run(read_scenario(head + steps(*lines)), keep_going=keep_going)


def passes(head: str, *lines: str) -> Result:
    """Play steps, which must pass."""
    result = played(head, *lines)
    assert (Status.PASSED, "") == (result.status, result.reason)
    return result


def test_codes_by_name() -> None:
    """Codes are remembered by name: swapped, stale and replayed ones can be told."""
    passes(
        EVENT,
        'do = "press"; as = "first"; expect = {lcd = "755224", counter = 1}',
        'do = "press"; as = "second"',
        'do = "sync"; codes = ["second", "first"]; expect = {kind = "wrong_order"}',
        'do = "sync"; codes = ["first", "first"]; expect = {kind = "same_code"}',
        'do = "sync"; codes = ["first", "second"]; expect = {kind = "active", next = 2}',
        'do = "submit"; expect = {outcome = "replayed"}',
        'do = "submit"; code = "first"; expect = {accepted = false, kind = "replayed"}',
    )


def test_typed() -> None:
    """What is typed may be anything."""
    passes(
        EVENT,
        'do = "add"',
        'do = "submit"; typed = "12345"; expect = {kind = "malformed"}',
        'do = "press"',
        'do = "submit"; form = "transposed"; expect = {kind = "invalid"}',
        'do = "submit"; form = "spaced"; expect = {kind = "malformed"}',
        'do = "submit"; form = "shortened"; expect = {kind = "malformed"}',
        'do = "submit"; expect = {accepted = true}',
        'do = "resync"; typed = ["000000", "000001"]; expect = {accepted = false}',
    )


def test_wrong_until_locked() -> None:
    """Wrong codes are new ones each time, and lock a token."""
    passes(
        EVENT + "[policy]\nlock_after = 3\n",
        'do = "add"',
        'do = "submit"; wrong = true; times = 3; expect = {kind = "invalid", locked = true}',
        'do = "submit"; wrong = true; expect = {outcome = "locked"}',
        'do = "unlock"; expect = {locked = false}',
        'do = "press"',
        'do = "submit"; expect = {accepted = true}',
    )


def test_race() -> None:
    """Of submissions at once, one wins."""
    passes(EVENT, 'do = "add"', 'do = "press"', 'do = "race"; times = 8; expect = {winners = 1}')


def test_refused_press() -> None:
    """A press that gives no code fails its step, unless that is expected."""
    passes(
        EVENT,
        'do = "press"',
        'do = "press"; fresh = false; expect = {refused = "lit", counter = 1}',
    )
    result = played(EVENT, 'do = "press"', 'do = "press"; fresh = false')
    assert "step 2 (press): expected a code, got no code: lit" == result.reason


def test_fault() -> None:
    """A fault strikes as it does elsewhere."""
    passes(
        EVENT,
        'do = "fault"; fault = {press = 2, tear = {byte = 13}}',
        'do = "press"',
        'do = "press"; expect = {refused = "reset", counter = 2}',
    )


def test_recipes() -> None:
    """A recipe brings the token out of step; with its trial it asks the server too."""
    passes(
        EVENT,
        'do = "add"',
        'do = "desync"; recipe = "hotp-ahead"; by = 12; expect = {distance = 12}',
        'do = "desync"; recipe = "resync-gap"; trial = true; expect = {kind = "resynced"}',
    )


def test_time_token() -> None:
    """A time token drifts, and the server learns how far."""
    passes(
        TIMED + "ppm = 11.6\n",
        'do = "add"; expect = {drift = 0}',
        'do = "advance"; days = 400; expect = {distance = [12, 14]}',
        'do = "press"',
        'do = "submit"; expect = {accepted = false, kind = "out_of_sync"}',
        'do = "resync"; expect = {accepted = true, drift = [12, 14], distance = 0}',
        'do = "wait"; expect = {lcd = "dark"}',
    )


def test_two_tokens() -> None:
    """Tokens swapped by their holders are refused; each is good for its own user."""
    head = EVENT + 'name = "hers"\n[[token]]\nserial = "GALH00000042"\nname = "his"\nuser = "he"\n'
    passes(
        head,
        'do = "add"; token = "hers"',
        'do = "add"; token = "his"',
        'do = "press"; token = "hers"; as = "h"',
        'do = "submit"; token = "his"; code = "h"; expect = {accepted = false, next = 2}',
        'do = "submit"; token = "hers"; expect = {accepted = true}',
    )


def test_removed() -> None:
    """A token that the server forgot is refused; enrolled again, it begins anew."""
    passes(
        EVENT,
        'do = "add"',
        'do = "remove"',
        'do = "press"',
        'do = "submit"; expect = {accepted = false}',
        'do = "enrol"',
        'do = "add"; expect = {next = 5}',
    )


def test_holder() -> None:
    """A person signs for a week, and the seed says how."""
    line = 'do = "holder"; days = 7'
    one, same = (passes(EVENT, 'do = "add"', line).steps[1].said for _ in range(2))
    assert one == same
    assert one != passes("seed = 8\n" + EVENT, 'do = "add"', line).steps[1].said


def test_stops() -> None:
    """After a failure nothing more is done, unless it is asked to go on."""
    lines = ('do = "press"; expect = {counter = 7}', 'do = "press"')
    stopped, went_on = (played(EVENT, *lines, keep_going=k) for k in (False, True))
    assert [Status.FAILED, Status.NOT_RUN] == [step.status for step in stopped.steps]
    assert [Status.FAILED, Status.PASSED] == [step.status for step in went_on.steps]
    assert "step 1 (press): counter: expected 7, got 1" == stopped.reason == went_on.reason


def test_deterministic() -> None:
    """The same scenario gives the same result."""
    lines = ('do = "add"', 'do = "submit"; wrong = true', 'do = "holder"; days = 3')
    assert played(EVENT, *lines) == played(EVENT, *lines)


def test_no_digits() -> None:
    """No result has a code in it, used or not."""
    result = played(EVENT, 'do = "press"; expect = {lcd = "000000"}')
    assert "expected what is given, got something else" in result.reason
    assert "755224" not in repr(result)
    assert "755224" not in str(result.as_dict())


def test_policy() -> None:
    """The reference server is set up as the scenario says, or by name."""
    lines = ('do = "add"', 'do = "press_many"; times = 4', 'do = "submit"')
    narrow = '[policy]\nlike = "google-authenticator"\n'
    assert "out_of_sync" != played(EVENT, *lines).steps[-1].kind
    assert "refused" == played(EVENT + narrow, *lines).steps[-1].outcome
    given = run(read_scenario(EVENT + steps(*lines)), reference(Policy(look_ahead=1)))
    assert "refused" == given.steps[-1].outcome


class Plain(Server):
    """A server that checks codes and has nothing else, as many do."""

    name = "plain"
    can = frozenset({Can.EVENT, Can.ENROL})

    def __init__(self, *, broken: bool = False) -> None:
        self._reference = ReferenceServer()
        self._broken = broken

    def enrol(self, token: Enrolment) -> None:
        """Make a token known, ready to be used."""
        self._reference.enrol(token)

    def verify(self, serial: str, code: str) -> Answer:
        """Take every code, or fall over."""
        if self._broken:
            raise ServerError(f"{serial}, {len(code)} digits: the server is down")
        return Answer(Outcome.ACCEPTED)

    def close(self) -> None:
        """Close it."""
        self._reference.close()


class OneStep(Plain):
    """A server for time tokens that takes the code of this very step."""

    can = frozenset({Can.TIME, Can.CLOCK, Can.ENROL})

    def enrol(self, token: Enrolment) -> None:
        """Make a token known."""
        self._token = token

    def verify(self, serial: str, code: str) -> Answer:  # noqa: ARG002  # the seam's signature
        """Take the code of the step that it is."""
        step = self._now_ns // (self._token.step_s * SECOND)
        right = code == hotp(Key(self._token.secret), step, self._token.digits)
        return Answer(Outcome.ACCEPTED if right else Outcome.LOCKED)

    def set_clock(self, now_ns: int) -> None:
        """Put its clock to a time."""
        self._now_ns = now_ns


def on_plain(*lines: str, head: str = EVENT, broken: bool = False) -> Result:
    """Play steps on the plain server."""
    return on(lambda: Plain(broken=broken), *lines, head=head)


def on(make: Callable[[], Server], *lines: str, head: str) -> Result:
    """Play steps on a server."""

    @contextmanager
    def opened(_: Scenario) -> Iterator[Bed]:
        with make() as server:
            yield Bed(server)

    return run(read_scenario(head + steps(*lines)), opened)


@pytest.mark.parametrize(
    ("head", "line", "lacks"),
    [
        (EVENT, 'do = "resync"', "step 1 needs: resync"),
        (EVENT, 'do = "remove"', "step 1 needs: remove"),
        (TIMED, 'do = "press"', "step 1 needs: clock and time"),
    ],
)
def test_skipped(head: str, line: str, lacks: str) -> None:
    """What a server can't do makes the scenario skipped, and nothing is done."""
    result = on_plain(line, head=head)
    assert Status.SKIPPED is result.status
    assert result.ok
    assert result.reason == f"plain has not got what {lacks}"
    assert [Status.NOT_RUN] == [step.status for step in result.steps]


def test_add_by_logging_in() -> None:
    """Without an add form each of the two codes is submitted as it shows, before it is too old."""
    result = on(OneStep, 'do = "add"', head=TIMED)
    assert (Status.PASSED, "") == (result.status, result.reason)


def test_reason_says_what_was_let_on() -> None:
    """A server that is locked is told from one that refuses."""
    result = on(
        OneStep, 'do = "add"', 'do = "submit"; wrong = true; expect = {accepted = true}', head=TIMED
    )
    assert "step 2 (submit): accepted: expected true, got false (locked)" == result.reason


def test_not_compared() -> None:
    """What a server doesn't tell is not compared, and that is told."""
    result = on_plain(
        'do = "add"',
        'do = "press"',
        'do = "submit"; expect = {accepted = true, kind = "accepted", next = 3}',
    )
    assert Status.PASSED is result.status
    assert ("kind", "next") == result.steps[2].not_compared


def test_broken() -> None:
    """A server that can't be reached breaks the step: that is no finding about it."""
    result = on_plain('do = "press"', 'do = "submit"', broken=True)
    assert (Status.BROKEN, False) == (result.status, result.ok)
    assert "the server is down" in result.reason
