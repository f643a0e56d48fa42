"""How one person treats their token, as data: when, how fast, and what goes wrong.

Every setting says what it means and where its default comes from. Of people with
this very fob nobody has published figures: most are our defaults, with the reason.

Times of people are lognormal: most are near the median, a few are far longer, none is
negative. Their ``_sigma`` is the standard deviation of the natural logarithm: 0.4 puts
two thirds between 0.67 and 1.5 times the median, 1.2 between 0.3 and 3.3 times.
"""

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from hosttools.errors import UsageError

OUR_DEFAULT: Final = "our default"
ARTICLE: Final = "support article of the GALH fob"
MAX_WEIGHT: Final = 1000
_LONGEST_SHOWN: Final = 60
_HOURS: Final = 24


def _setting(doc: str, source: str, default: float, low: float, high: float) -> Any:  # noqa: ANN401 - a field specifier has the type of its field
    bounds = {"doc": doc, "source": source, "low": low, "high": high}
    return dataclasses.field(default=default, metadata=bounds)


def _chance(doc: str, source: str, default: float) -> Any:  # noqa: ANN401 - as above
    return _setting("Probability that " + doc, source, default, 0, 1)


def _weights(doc: str, source: str, default: tuple[float, ...]) -> Any:  # noqa: ANN401 - as above
    return dataclasses.field(default=default, metadata={"doc": doc, "source": source})


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """One person's habits.

    Raises:
        UsageError: a value that can't be.
    """

    # When the holder signs.
    uses_per_day: float = _setting(
        "Times that the holder wants a code on a day of weight 1, on average",
        OUR_DEFAULT + ": a Symantec VIP fob's 15,000 codes in 5 years are 8 a day",
        8,
        0,
        1000,
    )
    use_hours: tuple[float, ...] = _weights(
        "How likely a use is in each hour of the day, from midnight: 24 weights",
        OUR_DEFAULT + ": surgery hours with a lunch break, a little in the evening",
        (0, 0, 0, 0, 0, 0, 0, 0.5, 2, 3, 3, 3, 1, 1, 3, 3, 3, 2, 1, 0.3, 0.2, 0.2, 0.1, 0),
    )
    use_weekdays: tuple[float, ...] = _weights(
        "How much the holder signs on each day of the week, from Monday: 7 weights",
        OUR_DEFAULT + ": a working week, and a few emergencies at the weekend",
        (1, 1, 1, 1, 1, 0.2, 0.1),
    )
    utc_offset_min: int = _setting(
        "Minutes that the holder's clock on the wall is ahead of UTC, all year round",
        OUR_DEFAULT,
        0,
        -720,
        840,
    )

    # What presses the button unasked.
    pocket_bursts_per_day: float = _setting(
        "Times a day that pocket, bag or keys press the button, on average",
        OUR_DEFAULT + ": Univ. of Maryland, Cornell and Mines warn of it, nobody counted;"
        " three times a month",
        0.1,
        0,
        1000,
    )
    pocket_hours: tuple[float, ...] = _weights(
        "How likely such a burst is in each hour of the day, from midnight: 24 weights",
        OUR_DEFAULT + ": awake, and twice as likely on the way to work and back",
        (0, 0, 0, 0, 0, 0, 0, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 1, 0.5, 0.5, 0.5, 0),
    )
    pocket_presses: float = _setting(
        "Presses in a burst, median", OUR_DEFAULT + ": a few steps", 3, 1, 10_000
    )
    pocket_presses_sigma: float = _setting(
        "Spread of that number",
        OUR_DEFAULT + ": one burst in a hundred has about 50 presses, a walk with keys",
        1.2,
        0,
        2,
    )
    pocket_gap_s: float = _setting(
        "Seconds from one press of a burst to the next, median",
        OUR_DEFAULT + ": shorter than the lit time, so that a token that ignores presses"
        " while lit counts one in a few",
        8,
        0.01,
        3600,
    )
    pocket_gap_sigma: float = _setting(
        "Spread of that time", OUR_DEFAULT + ": steps, then a pause in a chair", 1, 0, 2
    )
    pocket_hold_s: float = _setting(
        "Seconds that a pocket holds the button, median",
        OUR_DEFAULT + ": longer than a finger, as nothing lets go on purpose",
        0.3,
        0.001,
        3600,
    )
    pocket_hold_sigma: float = _setting(
        "Spread of that time", OUR_DEFAULT + ": one in a hundred leans on it for 3 s", 1, 0, 2
    )
    child_bursts_per_year: float = _setting(
        "Times in 365 days that a child gets hold of it, on average",
        OUR_DEFAULT + ": rare; 0 for who lives without",
        1,
        0,
        10_000,
    )
    child_hours: tuple[float, ...] = _weights(
        "How likely that is in each hour of the day, from midnight: 24 weights",
        OUR_DEFAULT + ": at home and awake, mostly in the evening",
        (0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 3, 3, 2, 0, 0, 0, 0),
    )
    child_presses: float = _setting(
        "Presses of a child, median", OUR_DEFAULT + ": minutes of play", 80, 1, 10_000
    )
    child_presses_sigma: float = _setting("Spread of that number", OUR_DEFAULT, 0.8, 0, 2)
    child_gap_s: float = _setting(
        "Seconds from one press of a child to the next, median",
        OUR_DEFAULT + ": quick presses, and looks at the digits",
        3,
        0.01,
        3600,
    )
    child_gap_sigma: float = _setting("Spread of that time", OUR_DEFAULT, 0.8, 0, 2)
    child_hold_s: float = _setting(
        "Seconds that a child holds the button, median",
        OUR_DEFAULT + ": twice a deliberate press",
        0.2,
        0.001,
        3600,
    )
    child_hold_sigma: float = _setting("Spread of that time", OUR_DEFAULT, 0.6, 0, 2)

    # How fast the holder is.
    hold_s: float = _setting(
        "Seconds that the holder holds the button, median",
        "button-press study: a deliberate press lasts about 100 ms",
        0.1,
        0.001,
        3600,
    )
    hold_sigma: float = _setting(
        "Spread of that time", OUR_DEFAULT + ": nearly all within 50 to 200 ms", 0.3, 0, 2
    )
    reading_s: float = _setting(
        "Seconds from letting go to having read the code, median", OUR_DEFAULT, 2, 0.01, 3600
    )
    typing_s: float = _setting(
        "Seconds to type a code and submit it, median",
        OUR_DEFAULT + ": two or three looks back at the LCD",
        4,
        0.01,
        3600,
    )
    pace_sigma: float = _setting(
        "Spread of reading, typing and the other times of the holder below",
        OUR_DEFAULT + ": one in a hundred takes 2.5 times as long",
        0.4,
        0,
        2,
    )
    lit_s: float = _setting(
        "Seconds that the holder takes a code to stay on the LCD",
        ARTICLE + ": about 30 s",
        30,
        0,
        3600,
    )
    dark_wait_s: float = _setting(
        "Seconds beyond lit_s that the holder waits before pressing again, median",
        OUR_DEFAULT + ": looks up, sees it dark",
        5,
        0.01,
        3600,
    )

    # What the holder gets wrong.
    transposed: float = _chance(
        "two neighbouring digits change places", OUR_DEFAULT + ": rarer than a wrong key", 0.005
    )
    mistyped: float = _chance("a digit is mistyped", OUR_DEFAULT + ": one code in a hundred", 0.01)
    previous_code: float = _chance(
        "the code of the press before is typed",
        OUR_DEFAULT + ": noted on paper, or left in the browser's form",
        0.003,
    )
    again_while_lit: float = _chance(
        "the button is pressed again while the code is lit",
        OUR_DEFAULT + ": impatience, as no light tells that the press was felt",
        0.02,
    )
    again_after_s: float = _setting(
        "Seconds from letting go to pressing again while lit, median", OUR_DEFAULT, 1.5, 0.1, 3600
    )
    too_late: float = _chance(
        "the code is typed after the LCD went dark",
        OUR_DEFAULT + ": the phone rings, a patient asks",
        0.02,
    )
    late_s: float = _setting(
        "Seconds beyond lit_s that it is then late, on average (exponential)",
        OUR_DEFAULT + ": the code of a minute ago",
        60,
        0,
        86_400,
    )
    submitted_twice: float = _chance(
        "what was typed is submitted twice",
        OUR_DEFAULT + "; the article of the GALH fob warns: submit once",
        0.01,
    )
    submit_again_s: float = _setting(
        "Seconds until the second submit, median",
        OUR_DEFAULT + ": a double click, or a page that is slow",
        1,
        0.01,
        3600,
    )
    first_twice: float = _chance(
        "the first code is typed into both fields of the resync form",
        OUR_DEFAULT + ": a form that few see twice",
        0.05,
    )

    # What the holder does about a refusal.
    retries: int = _setting(
        "Fresh codes that the holder tries before turning to the resync form",
        OUR_DEFAULT + ": most refusals are typing errors",
        1,
        0,
        100,
    )

    def __post_init__(self) -> None:
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            if isinstance(field.default, tuple):
                _check_weights(field.name, value, len(field.default))
            else:
                kind = "a whole number" if field.type is int else "a number"
                _check_number(field.name, value, kind, field.metadata)


def _check_number(name: str, value: object, kind: str, bounds: Mapping[str, Any]) -> None:
    allowed = (int,) if kind == "a whole number" else (int, float)
    if not isinstance(value, allowed) or isinstance(value, bool):
        raise UsageError(f"{name} = {_shown(value)}; it must be {kind}")
    if not bounds["low"] <= value <= bounds["high"]:
        raise UsageError(
            f"{name} = {_shown(value)}; allowed are {bounds['low']} to {bounds['high']}"
        )


def _check_weights(name: str, value: object, count: int) -> None:
    if not isinstance(value, tuple) or len(value) != count:
        raise UsageError(f"{name} = {_shown(value)}; it must be {count} weights")
    for i, weight in enumerate(value):
        _check_number(f"{name}[{i}]", weight, "a number", {"low": 0, "high": MAX_WEIGHT})
    if count == _HOURS and not math.fsum(value):
        raise UsageError(f"{name} has no weight above 0; to rule it out, set its rate to 0")


def _shown(value: object) -> str:
    """Return a foreign value as an error message can bear it."""
    try:
        text = repr(value)
    except ValueError:  # Python prints no number of more than 4,300 digits
        return "a number of thousands of digits"
    return text if len(text) <= _LONGEST_SHOWN else text[:_LONGEST_SHOWN] + "…"


def habits_from_mapping(data: Mapping[str, object]) -> Habits:
    """Build habits from what a file holds; what is left out keeps its default.

    Args:
        data: settings by name, as TOML gives them; weights are arrays.

    Raises:
        UsageError: an unknown setting, or a value that can't be.

    >>> habits_from_mapping({"uses_per_day": 12, "mistyped": 0.05}).uses_per_day
    12
    """
    known = [f.name for f in dataclasses.fields(Habits)]
    for name in data:
        if name not in known:
            raise UsageError(f"unknown habit {_shown(name)}; known are {', '.join(known)}")
    settings: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in data.items()
    }
    return Habits(**settings)


def describe() -> list[tuple[str, str, str, str, str]]:
    """Return ``(setting, default, allowed, meaning, source)`` of every setting, for the docs."""
    return [
        (f.name, *_range(f.default, f.metadata), f.metadata["doc"], f.metadata["source"])
        for f in dataclasses.fields(Habits)
    ]


def _range(default: Any, metadata: Mapping[str, Any]) -> tuple[str, str]:  # noqa: ANN401 - as above
    if isinstance(default, tuple):
        return " ".join(f"{weight:g}" for weight in default), f"0 to {MAX_WEIGHT} each"
    return f"{default:g}", f"{metadata['low']} to {metadata['high']}"
