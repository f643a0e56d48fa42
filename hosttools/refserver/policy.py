"""How a server treats its tokens, as data: windows, limits, throttling.

Every setting says what it means and where its default comes from. All windows
are inclusive counts of what is skipped: a look-ahead of 10 accepts the next
counter and the ten after it. (Other servers count otherwise: privacyIDEA's
window of 10 is 10 counters.)
"""

import dataclasses
from dataclasses import dataclass
from typing import Any, Final

from hosttools.errors import PolicyError

OUR_DEFAULT: Final = "our default"
MAX_WINDOW: Final = 100_000
"""A wider window costs a third of a second for each code and proves nothing any more."""


def _setting(doc: str, source: str, default: int, low: int, high: int) -> Any:  # noqa: ANN401 - a field specifier has the type of its field
    bounds = {"doc": doc, "source": source, "low": low, "high": high}
    return dataclasses.field(default=default, metadata=bounds)


def _switch(doc: str, source: str, *, default: bool) -> Any:  # noqa: ANN401 - as above
    return dataclasses.field(default=default, metadata={"doc": doc, "source": source})


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What a server accepts, and what it does about what it refuses.

    Raises:
        PolicyError: a value out of range, or windows that contradict each other.
    """

    look_ahead: int = _setting(
        "Presses that may be skipped before a code is refused",
        "RFC 4226 section 7.4 asks for one; 10 at Airlock, Mideye and privacyIDEA",
        10,
        0,
        MAX_WINDOW,
    )
    look_back: int = _setting(
        "How far behind, in presses or steps, an old code is still told from a wrong one",
        OUR_DEFAULT + "; CA AuthMinder has a look-back too",
        100,
        1,
        MAX_WINDOW,
    )
    resync_window: int = _setting(
        "Presses that may be skipped before the first of two codes when adding or resyncing",
        "privacyIDEA: up to 1,000",
        1000,
        0,
        MAX_WINDOW,
    )
    steps_back: int = _setting(
        "Time steps that a time token may be late",
        "RFC 6238 section 5.2: at most one step for the way of the code",
        1,
        0,
        MAX_WINDOW,
    )
    steps_forward: int = _setting(
        "Time steps that a time token may be early", OUR_DEFAULT, 1, 0, MAX_WINDOW
    )
    resync_steps: int = _setting(
        "Time steps, early or late, at which a time token can be added or resynced",
        OUR_DEFAULT + ": an hour at 30 s; a poor crystal needs five years for 30 min",
        120,
        0,
        MAX_WINDOW,
    )
    pair_gap: int = _setting(
        "Time steps from the first to the second code of a time token, at most",
        OUR_DEFAULT + ": waiting until dark takes one step, a slow typist two more",
        3,
        1,
        100,
    )
    track_drift: bool = _switch(
        "Whether an accepted code of a time token moves the step that is expected next",
        "RFC 6238 section 6",
        default=True,
    )
    lock_after: int = _setting(
        "Refused codes in a row that lock a token; 0 for never",
        OUR_DEFAULT + "; RFC 4226 section 7.3 asks for a limit",
        10,
        0,
        1_000_000,
    )
    resync_limit: int = _setting(
        "Refused pairs in a row after which only an operator helps; 0 for never",
        OUR_DEFAULT,
        10,
        0,
        1_000_000,
    )
    resync_unlocks: bool = _switch(
        "Whether a valid pair unlocks a locked token",
        "Exostar: a locked token is unlocked by a resync",
        default=True,
    )
    throttle_s: int = _setting(
        "Seconds to wait after the first refused code, twice that after the second,"
        " and so on; 0 for no throttling",
        "RFC 4226 section 7.3 (example: 5 s); off by " + OUR_DEFAULT + ", as the lock is on",
        0,
        0,
        86_400,
    )
    throttle_max_s: int = _setting(
        "Longest wait that throttling asks for, seconds", OUR_DEFAULT, 300, 0, 86_400
    )
    operator_search: int = _setting(
        "How far, in presses or steps, a refused pair is looked for beyond the window,"
        " to tell the operator the distance: a reset takes it from there",
        OUR_DEFAULT,
        10_000,
        0,
        MAX_WINDOW,
    )

    def __post_init__(self) -> None:
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            if field.type is bool:
                if not isinstance(value, bool):
                    raise PolicyError(f"{field.name} = {value!r}; allowed are true and false")
            elif not isinstance(value, int) or isinstance(value, bool):
                raise PolicyError(f"{field.name} = {value!r}; it must be a whole number")
            elif not field.metadata["low"] <= value <= field.metadata["high"]:
                raise PolicyError(
                    f"{field.name} = {value}; allowed are {field.metadata['low']}"
                    f" to {field.metadata['high']}"
                )
        wider = (
            ("look_ahead", "resync_window"),
            ("steps_back", "resync_steps"),
            ("steps_forward", "resync_steps"),
        )
        for narrow, wide in wider:
            if getattr(self, narrow) > getattr(self, wide):
                raise PolicyError(
                    f"{narrow} = {getattr(self, narrow)} is wider than {wide} ="
                    f" {getattr(self, wide)}: a resync would reach less than a plain"
                    f" code; make {wide} at least as wide"
                )

    def throttle_ns(self, failures: int) -> int:
        """Return how long to wait after ``failures`` refused codes in a row, ns."""
        return min(self.throttle_s * failures, self.throttle_max_s) * 1_000_000_000


def describe() -> list[tuple[str, object, str, str]]:
    """Return ``(setting, default, meaning, source)`` of every setting, in order, for the docs."""
    return [
        (f.name, f.default, f.metadata["doc"], f.metadata["source"])
        for f in dataclasses.fields(Policy)
    ]
