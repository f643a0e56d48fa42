"""The steps of a measurement: what each asks for, and what it adds to what was seen.

Each is a dialog that takes the observations so far and returns them with its own.
The order matters: a step uses what those before it have found out.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from firmware_model.profile import (
    BOUNDS,
    SECOND,
    HoldAction,
    PressWhileLit,
    StepChange,
    TokenType,
)
from hosttools.calibration.dialog import DARK, Again, Dialog, Fob, ask, fresh_code, press_again
from hosttools.calibration.evidence import (
    MARGIN_NS,
    MAX_STEP_S,
    lit_ns,
    stayed_longer,
    type_evidence,
)
from hosttools.calibration.findings import findings
from hosttools.calibration.observations import (
    AfterDouble,
    Change,
    Glow,
    Hold,
    Observations,
    Sighting,
    WhileLit,
)
from hosttools.calibration.prompts import Choice, Cue, Mark, Number, Tell
from hosttools.calibration.questions import (
    changed_by_press,
    told_longer,
    told_step_change,
    told_type,
    told_weak_battery,
    went_at_once,
    what_hold_shows,
)

TRIALS: Final = 3
HOLD_S: Final = 10
"""How long the button is held: the longest hold known is 6 s (Digipass GO 7)."""

QUICK_NS: Final = 12 * SECOND
"""Three codes that go dark by then are made within the shortest time step of products."""

_ONCE_DARK: Final = "Wait until the LCD is dark. Press, and hit Enter when the code appears."
_MOST_TRIES: Final = 3


@dataclass(frozen=True, slots=True)
class Step:
    """One step.

    Attributes:
        title: what it finds out.
        why: what it is good for and how it goes, for the person.
        run: its dialog.
        applies: whether there is anything to find out, by what was seen before.
    """

    title: str
    why: str
    run: Callable[[Observations, Fob], Dialog[Observations]]
    applies: Callable[[Observations, Fob], bool] = lambda _seen, _fob: True


def _timed(seen: Observations, fob: Fob) -> bool:
    """Whether it is a time token by what was seen so far, else by its base."""
    return findings(seen, fob.base).apply(fob.base).token_type is TokenType.TIME


def _light(seen: Observations, fob: Fob) -> Dialog[Observations]:
    glows = []
    for number in range(TRIALS):
        yield Tell(f"Code {number + 1} of {TRIALS}.")
        sighting = yield from fresh_code(fob, Cue.PRESS, _ONCE_DARK)
        dark = yield from ask(Mark(Cue.DARK, "Don't press. Hit Enter when the LCD goes dark."))
        glows.append(Glow(sighting, dark.at_ns))
    return replace(seen, glows=tuple(glows))


def _while_lit(seen: Observations, fob: Fob) -> Dialog[Observations]:
    usual_ns = lit_ns(seen)
    before = yield from fresh_code(fob, Cue.PRESS, _ONCE_DARK)
    pressed_ns, code = yield from press_again(fob)
    gap_ns = pressed_ns - before.at_ns
    if code is None:
        if usual_ns is None or gap_ns > usual_ns - MARGIN_NS:
            yield from went_at_once()
        return replace(seen, while_lit=WhileLit((before,), Change.DARK, gap_ns))
    if code != before.code:
        if (yield from changed_by_press()):
            both = (before, Sighting(pressed_ns, code))
            return replace(seen, while_lit=WhileLit(both, Change.OTHER, gap_ns))
        seen = replace(seen, step_change=StepChange.REFRESH)
    dark = yield from ask(Mark(Cue.DARK, "Don't press. Hit Enter when the LCD goes dark."))
    press = WhileLit((before,), Change.SAME, gap_ns, dark.at_ns - before.at_ns)
    if stayed_longer(press, usual_ns) is None:
        press = replace(press, told_longer=(yield from told_longer()))
    return replace(seen, while_lit=press)


def _kind(seen: Observations, fob: Fob) -> Dialog[Observations]:
    for _ in range(_MOST_TRIES - 1):
        if type_evidence(seen.sightings).proved is not None or not _quick(seen):
            break
        chain = yield from _chain(seen, fob)
        seen = replace(seen, chain=(*seen.chain, *chain))
    if type_evidence(seen.sightings).proved is None and seen.step_change is None:
        seen = replace(seen, told_type=(yield from told_type()))
    if _timed(seen, fob):
        seen = replace(seen, told_step_s=(yield from _told_step(seen, fob)))
    return seen


def _quick(seen: Observations) -> bool:
    """Whether three codes can be made before two time steps can have ended."""
    press, usual_ns = seen.while_lit, lit_ns(seen)
    if press is not None and press.change is not Change.SAME:
        return True
    return usual_ns is not None and usual_ns <= QUICK_NS


def _chain(seen: Observations, fob: Fob) -> Dialog[list[Sighting]]:
    """Have three codes made, each as soon as the token makes another."""
    change = Change.SAME if seen.while_lit is None else seen.while_lit.change
    yield Tell("Three codes, each as soon after the last as you can.")
    chain = [(yield from fresh_code(fob, Cue.PRESS, _ONCE_DARK))]
    while len(chain) < TRIALS:
        if change is Change.OTHER:
            pressed_ns, code = yield from press_again(fob)
            if code is None:
                raise Again("that press made it dark, the one before didn't")
            chain.append(Sighting(pressed_ns, code))
        elif change is Change.DARK:
            how = "Press to make it dark, press again; hit Enter when a code appears."
            chain.append((yield from fresh_code(fob, Cue.CLEAR_AND_PRESS, how)))
        else:
            chain.append((yield from fresh_code(fob, Cue.PRESS, _ONCE_DARK)))
    return chain


def _told_step(seen: Observations, fob: Fob) -> Dialog[int | None]:
    low, high = BOUNDS["step_s"]
    evidence = type_evidence(seen.sightings)
    while True:
        answer = yield from ask(
            Number(
                Cue.STEP,
                "After how many seconds does its code change (30 or 60, its leaflet says)?"
                f" Enter alone: not known, {fob.base.step_s} from the base.",
                low,
                high,
            )
        )
        if not answer.text:
            return None
        step_ns = int(answer.text) * SECOND
        if step_ns < evidence.shortest_ns:
            least = -(-evidence.shortest_ns // SECOND)
            yield Tell(f"It can't be: a code came again after {least} s.")
        elif evidence.longest_ns is not None and step_ns > evidence.longest_ns:
            most = evidence.longest_ns // SECOND
            yield Tell(f"It can't be: codes changed faster than every {most} s.")
        else:
            return int(answer.text)


def _may_be_of_its_step(seen: Observations, fob: Fob) -> bool:
    """Whether presses left the same code, perhaps for its time step was the same."""
    known = findings(seen, fob.base).mapping()
    return (
        known.get("press_while_lit") == PressWhileLit.SAME_CODE.value
        and known.get("token_type") != TokenType.EVENT.value
        and seen.step_change is not StepChange.REFRESH
    )


def _across(seen: Observations, fob: Fob) -> Dialog[Observations]:
    step_ns = (seen.told_step_s or MAX_STEP_S) * SECOND
    for _ in range(_MOST_TRIES):
        first = yield from fresh_code(fob, Cue.PRESS, _ONCE_DARK)
        while True:
            pressed_ns, code = yield from press_again(fob)
            if code is None:
                yield Tell("Its time was over; from a new code once more.")
                break
            if code != first.code:
                if (yield from changed_by_press()):
                    return replace(seen, across=True)
                return replace(seen, across=None, step_change=StepChange.REFRESH)
            if pressed_ns - first.at_ns > step_ns + MARGIN_NS:
                return replace(seen, across=False)
    return replace(seen, across=None)


def _double(seen: Observations, fob: Fob) -> Dialog[Observations]:  # noqa: ARG001  # as all steps
    how = "Wait until the LCD is dark. Press twice, as quickly as you can; then hit Enter."
    yield from ask(Mark(Cue.DOUBLE_PRESS, how, timed=False))
    answer = yield from ask(
        Choice(
            Cue.AFTER_DOUBLE,
            "What came of it?",
            {
                "code": "a code, and it stayed",
                "changed": "a code that changed to another at once",
                DARK: "the LCD is dark again",
            },
        )
    )
    return replace(seen, double=AfterDouble[answer.text.upper()])


def _hold(seen: Observations, fob: Fob) -> Dialog[Observations]:  # noqa: ARG001  # as all steps
    how = "Wait until the LCD is dark. Press and DON'T let go. Hit Enter when the code appears."
    appeared = yield from ask(Mark(Cue.HOLD, how))
    changed = yield from ask(
        Mark(
            Cue.HOLD_CHANGE,
            "Keep holding. Hit Enter the moment anything else is on the LCD, or nothing at all.",
            {"same": f"the code is still there after {HOLD_S} seconds"},
        )
    )
    hold = Hold(HoldAction.NONE)
    if not changed.text:
        hold = yield from what_hold_shows(changed.at_ns - appeared.at_ns)
    yield from ask(
        Mark(Cue.LET_GO, "Let go if you haven't yet. Hit Enter when the LCD is dark.", timed=False)
    )
    return replace(seen, hold=hold)


def _signs(seen: Observations, fob: Fob) -> Dialog[Observations]:
    if _timed(seen, fob):
        most = BOUNDS["time_bars"][1]
        bars = yield from ask(
            Number(
                Cue.BARS,
                "How many bars or dots for the time left does a fresh code have at most?"
                " 0: it shows none. Enter alone: not known.",
                0,
                most,
            )
        )
        seen = replace(seen, bars=int(bars.text) if bars.text else None)
        if seen.step_change is not StepChange.REFRESH:
            seen = replace(seen, step_change=(yield from told_step_change()))
    return replace(seen, weak_battery=(yield from told_weak_battery()))


STEPS: Final = (
    Step(
        "How long a code stays",
        f"{TRIALS} codes are timed from their appearance until dark. Your reaction takes 0.2 to"
        " 0.3 s at both ends, so most of it cancels; the median of the three is taken, to 0.1 s.",
        _light,
    ),
    Step(
        "A press while a code is lit",
        "It decides how fast keys in a pocket bring the token out of sync. You press, type the"
        " code, and press again at once while it is lit. The token may ignore that, show the"
        " same code for longer, go dark, or show another code.",
        _while_lit,
    ),
    Step(
        "Event or time",
        "A time-based token shows the same code to two presses within a time step; an"
        " event-based one a new code to each press that makes one.",
        _kind,
    ),
    Step(
        "Presses in another time step",
        "The press while lit left the code as it was. That may be because its time step was"
        " still the same. So the code is kept lit, by presses, until another step has begun.",
        _across,
        _may_be_of_its_step,
    ),
    Step(
        "A quick double press",
        "What a key does that hits the button twice.",
        _double,
    ),
    Step(
        "A long hold",
        f"The button is held for {HOLD_S} seconds. Some tokens show their counter, a test of the"
        " LCD, or a menu then.",
        _hold,
    ),
    Step(
        "What else it shows",
        "Questions only; no more presses.",
        _signs,
    ),
)
"""All steps, in order."""
