"""Windows are what an independent count by brute force says: press n, submit, for every n."""

from collections.abc import Callable
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hosttools.prober.finding import Measured
from hosttools.refserver import Policy
from hosttools.servers import Can, Server
from hosttools.servers.django_otp import DjangoOtp
from hosttools.servers.reference import ReferenceServer
from tests.hosttools.prober.counting import Count
from tests.hosttools.prober.probing import probed
from tests.hosttools.servers import real

_FRESH: Final = "hotp.look_ahead.fresh"
_USED: Final = "hotp.look_ahead.used"
_RESYNC: Final = "hotp.resync.ahead"
_BACK: Final = "totp.first_use.back"
_FORWARD: Final = "totp.first_use.forward"


_EXAMPLES: Final = settings().max_examples // 8
"""Each takes half a second."""


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    """Policies with windows small enough to count, each other than the next."""
    look_ahead = draw(st.integers(0, 12))
    steps_back, steps_forward = draw(st.integers(0, 4)), draw(st.integers(0, 4))
    return Policy(
        look_ahead=look_ahead,
        look_back=draw(st.integers(1, 20)),
        resync_window=draw(st.integers(look_ahead, look_ahead + 20)),
        steps_back=steps_back,
        steps_forward=steps_forward,
        resync_steps=draw(st.integers(4, 8)),
        pair_gap=draw(st.integers(1, 4)),
        track_drift=draw(st.booleans()),
        lock_after=draw(st.sampled_from([0, 1, 3, 10])),
        throttle_s=draw(st.sampled_from([0, 5])),
        operator_search=draw(st.sampled_from([0, 100])),
    )


def measured(server: Server, *rules: str) -> dict[str, Measured]:
    """Return what the prober makes of some rules."""
    report = probed(server, rules)
    return {result.rule: result.finding.measured for result in report.results}


@settings(max_examples=_EXAMPLES)
@given(policy=policies())
def test_reference_server(policy: Policy) -> None:
    """Whatever the policy: look-ahead, resync window and steps."""
    with ReferenceServer(policy=policy) as server:
        found = measured(server, _FRESH, _USED, _RESYNC, _BACK, _FORWARD)
    with ReferenceServer(policy=policy) as server:
        count = Count(server, policy.resync_window + 4)
        assert count.look_ahead(used=False) == found[_FRESH]
        assert count.look_ahead(used=True) == found[_USED]
        assert count.resync() == found[_RESYNC]
        assert count.steps(-1) == found[_BACK]
        assert count.steps(1) == found[_FORWARD]


@settings(max_examples=_EXAMPLES)
@given(policy=policies())
def test_what_the_policy_says(policy: Policy) -> None:
    """What else a policy fixes: the gap of a pair, drift, and after how many failures it locks."""
    with ReferenceServer(policy=policy) as server:
        found = measured(server, "totp.drift_tracking", "lockout.after", "hotp.resync.gap")

    drift = found["totp.drift_tracking"]
    assert isinstance(drift, int)
    assert (policy.track_drift and policy.steps_forward > 0) == (drift > 0)
    assert 0 == found["hotp.resync.gap"]
    assert (policy.lock_after or None) == found["lockout.after"]


_REAL: Final[dict[str, Callable[[], Server]]] = {
    "django-otp": lambda: DjangoOtp(throttle=0),
    "django-otp, set otherwise": lambda: DjangoOtp(hotp_tolerance=9, totp_tolerance=3, throttle=0),
    "liboath": real.liboath,
    "liboath, set otherwise": lambda: real.liboath(window=3),
}


@pytest.mark.parametrize("name", _REAL)
def test_real_server(name: str) -> None:
    """Servers that others wrote, each with its own idea of what a window is."""
    with _REAL[name]() as server:
        rules = [_FRESH, _USED] + ([_BACK, _FORWARD] if Can.CLOCK in server.can else [])
        found = measured(server, *rules)
        count = Count(server, 14)
        assert count.look_ahead(used=False) == found[_FRESH]
        assert count.look_ahead(used=True) == found[_USED]
        if Can.CLOCK in server.can:
            assert count.steps(-1) == found[_BACK]
            assert count.steps(1) == found[_FORWARD]


@pytest.mark.full
@pytest.mark.timeout(1_800)
def test_privacyidea() -> None:
    """PrivacyIDEA, whose window of 10 is 10 counters, and its thousand of a resync."""
    with real.launched_privacyidea() as launched, real.emptied(launched) as server:
        found = measured(server, _FRESH, _USED, _RESYNC, _BACK, _FORWARD)
        count = Count(server, 14)
        assert count.look_ahead(used=False) == found[_FRESH]
        assert count.look_ahead(used=True) == found[_USED]
        assert count.steps(-1) == found[_BACK]
        assert count.steps(1) == found[_FORWARD]
        assert Count(server, 1_010).resync() == found[_RESYNC]
