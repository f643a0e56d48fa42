"""Policies that make the reference server treat tokens much as servers do that people know.

Data with sources; what was measured of the servers stands in docs/known-servers.md. None
of them is that server: what it does that a policy can't say is told beside it, and the
prober measures the real one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from hosttools.refserver.policy import Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedPolicy:
    """A policy after a server, or after a standard.

    Attributes:
        title: after what.
        policy: the settings.
        sources: where those that are not our defaults come from, by setting.
        differs: what it does that the settings can't say.
    """

    title: str
    policy: Policy
    sources: Mapping[str, str]
    differs: tuple[str, ...] = ()


_NO_FORM: Final = "has no resync form: a pair reaches no further than one code"

POLICIES: Final[Mapping[str, NamedPolicy]] = {
    "default": NamedPolicy(title="the reference server by default", policy=Policy(), sources={}),
    "rfc-strict": NamedPolicy(
        title="RFC 4226 and RFC 6238, at their narrowest",
        policy=Policy(
            look_ahead=3,
            resync_window=1000,
            steps_back=1,
            steps_forward=0,
            track_drift=False,
            lock_after=0,
            throttle_s=5,
        ),
        sources={
            "look_ahead": "RFC 4226 section 7.4: as low as can be used; the 3 is ours",
            "steps_back": "RFC 6238 section 5.2: at most one step for the way of the code",
            "steps_forward": "RFC 6238 section 5.2 allows for delay, which is never early",
            "track_drift": "RFC 6238 section 6: a server may; one that takes a code typed late for"
            " a slow clock, and looks no step ahead, refuses the next one that is in time",
            "lock_after": "RFC 4226 section 7.3 names throttling or a lock; this is throttling",
            "throttle_s": "RFC 4226 section 7.3: T * A seconds after A failures, T = 5",
        },
    ),
    "exostar-like": NamedPolicy(
        title="what Exostar's help pages tell; their numbers are not known",
        policy=Policy(resync_window=100, resync_steps=60, lock_after=5),
        sources={
            "resync_window": "there is a re-activation window, past which only support helps;"
            " how wide it is isn't known: the 100 is ours, within reach of a patient thumb",
            "resync_steps": "likewise; the 60 is ours",
            "lock_after": "repeated failures lock; how many isn't known: the 5 is ours",
            "resync_unlocks": "a locked token is unlocked by a resync",
        },
        differs=("its windows and limits are our guesses: measure the server that you have",),
    ),
    "privacyidea": NamedPolicy(
        title="privacyIDEA by default",
        policy=Policy(
            look_ahead=9,
            resync_window=999,
            steps_back=6,
            steps_forward=5,
            resync_steps=999,
            lock_after=10,
            resync_limit=0,
            resync_unlocks=False,
        ),
        sources={
            "look_ahead": "count window 10: counters next to next + 9, a half-open range",
            "resync_window": "sync window 1000, half-open too",
            "resync_steps": "likewise, of steps",
            "steps_back": "timeWindow 180 s at 30 s: steps -6 to 5, half-open",
            "steps_forward": "likewise",
            "lock_after": "max failcount 10",
            "resync_limit": "pairs are not counted",
            "resync_unlocks": "the fail counter is reset by an operator, or by a login",
        },
        differs=(
            "the code after a time token's resync is refused as used",
            "AutoResync, off by default, takes two logins in a row for a pair",
        ),
    ),
    "liboath": NamedPolicy(
        title="liboath with pam_oath by default",
        policy=Policy(
            look_ahead=5,
            resync_window=5,
            steps_back=5,
            steps_forward=5,
            resync_steps=5,
            track_drift=False,
            lock_after=0,
            resync_limit=0,
            operator_search=0,
        ),
        sources={
            "look_ahead": "pam_oath window=5, inclusive",
            "resync_window": _NO_FORM,
            "steps_back": "the same window, to both sides",
            "steps_forward": "likewise",
            "resync_steps": _NO_FORM,
            "track_drift": "the usersfile keeps an offset, which pam_oath does not follow",
            "lock_after": "neither lock nor throttling",
            "resync_limit": "likewise",
        },
        differs=(
            "its window is narrower by one after a success than for a fresh token",
            "a code of any of a user's tokens will do",
            "it may accept one code twice at once",
        ),
    ),
    "django-otp": NamedPolicy(
        title="django-otp by default",
        policy=Policy(
            look_ahead=5,
            resync_window=5,
            resync_steps=1,
            steps_back=1,
            steps_forward=1,
            lock_after=0,
            resync_limit=0,
            operator_search=0,
            throttle_s=1,
            throttle_max_s=86_400,
        ),
        sources={
            "look_ahead": "HOTPDevice.tolerance = 5, inclusive",
            "resync_window": _NO_FORM,
            "resync_steps": _NO_FORM,
            "steps_back": "TOTPDevice.tolerance = 1",
            "steps_forward": "likewise",
            "lock_after": "throttling instead",
            "resync_limit": "no pairs",
            "throttle_s": "OTP_HOTP_THROTTLE_FACTOR = 1",
            "throttle_max_s": "there is no longest wait",
        },
        differs=(
            "its wait doubles with every failure: 1, 2, 4, 8 s; ours grows by as much each time",
            "codes are compared as numbers: leading zeros may be left out",
        ),
    ),
    "google-authenticator": NamedPolicy(
        title="google-authenticator's PAM module by default",
        policy=Policy(
            look_ahead=2,
            resync_window=2,
            resync_steps=1,
            steps_back=1,
            steps_forward=1,
            track_drift=False,
            lock_after=0,
            resync_limit=0,
            operator_search=0,
        ),
        sources={
            "look_ahead": "WINDOW_SIZE 3: counters next to next + 2, a half-open range",
            "resync_window": _NO_FORM,
            "resync_steps": _NO_FORM,
            "steps_back": "WINDOW_SIZE 3: steps -1 to 1",
            "steps_forward": "likewise",
            "track_drift": "TIME_SKEW is learnt from three logins, not from each",
            "lock_after": "RATE_LIMIT instead, off unless asked for",
            "resync_limit": "no pairs",
        },
        differs=(
            "a refused HOTP code moves its counter by one, unless no_increment_hotp is given",
            "RATE_LIMIT counts logins, right ones too",
        ),
    ),
}
"""By name, in the order of the documentation."""
