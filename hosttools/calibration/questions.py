"""The questions in plain words: for what codes and moments can't tell."""

from typing import Final

from firmware_model.profile import HoldAction, StepChange, TokenType, WeakBattery
from hosttools.calibration.dialog import DARK, Again, Dialog, ask
from hosttools.calibration.observations import Hold
from hosttools.calibration.prompts import Choice, Cue

_UNKNOWN: Final = {"unknown": "don't know: leave it to the base"}


def went_at_once() -> Dialog[None]:
    """Ask whether the press made it dark.

    Raises:
        Again: its time was over.
    """
    answer = yield from ask(
        Choice(
            Cue.WENT_AT_ONCE,
            "Did it go dark at your press, or was its time over?",
            {"press": "at the press, at once", "time": "by itself"},
        )
    )
    if answer.text == "time":
        raise Again("press sooner after the code appears")


def changed_by_press() -> Dialog[bool]:
    """Ask whether the press made the other code, or it changed by itself.

    Raises:
        Again: a code was mistyped.
    """
    answer = yield from ask(
        Choice(
            Cue.HOW_CHANGED,
            "That is another code. When did it change?",
            {
                "press": "at your press",
                "itself": "by itself, at another moment",
                "mistyped": "it didn't: a code was mistyped",
            },
        )
    )
    if answer.text == "mistyped":
        raise Again("with the code typed right")
    return answer.text == "press"


def told_longer() -> Dialog[bool | None]:
    """Ask whether a press made a code stay longer."""
    answer = yield from ask(
        Choice(
            Cue.STAYED_LONGER,
            "The times don't tell it: did the second press make the code stay longer?",
            {
                "longer": "it stayed as long as if it had just appeared",
                "same": "it went dark when it would have without the press",
                **_UNKNOWN,
            },
        )
    )
    return {"longer": True, "same": False}.get(answer.text)


def told_type() -> Dialog[TokenType | None]:
    """Ask for the type."""
    answer = yield from ask(
        Choice(
            Cue.TOKEN_TYPE,
            "What was seen can't tell it. What do its leaflet, its maker or its"
            " seed file say? (A clock, bars or dots for the time left mean time.)",
            {
                "event": "event-based, HOTP, OATH counter: each press a new code",
                "time": "time-based, TOTP: a new code every 30 or 60 s",
                **_UNKNOWN,
            },
        )
    )
    return None if answer.text == "unknown" else TokenType(answer.text)


def told_step_change() -> Dialog[StepChange | None]:
    """Ask what the end of a time step does to a lit code."""
    answer = yield from ask(
        Choice(
            Cue.STEP_CHANGE,
            "When its time step ended while a code was lit, what became of the code?",
            {
                "keep": "it stayed",
                "refresh": "it changed to the next one by itself",
                DARK: "it went dark, sooner than others",
                **_UNKNOWN,
            },
        )
    )
    return None if answer.text == "unknown" else StepChange(answer.text)


def what_hold_shows(after_ns: int) -> Dialog[Hold]:
    """Ask what a hold led to, some time after the code appeared.

    Raises:
        Again: nothing but a new time step.
    """
    answer = yield from ask(
        Choice(
            Cue.HOLD_SHOWS,
            "What is there? Let go now, and see whether it stays.",
            {
                "counter": "a number, perhaps with letters A to F; dark when you let go",
                "test": "every segment, all eights; dark when you let go",
                "menu": "time, battery or serial number; it stays, and a press leafs on",
                DARK: "nothing: it went dark",
                "code": "another code",
                "other": "something else",
            },
        )
    )
    if answer.text == "code":
        raise Again("its time step ended in between")
    action = {
        "counter": HoldAction.SHOW_COUNTER,
        "test": HoldAction.LCD_TEST,
        "menu": HoldAction.MENU,
        DARK: HoldAction.NONE,
    }.get(answer.text)
    return Hold(action, after_ns, went_dark=answer.text == DARK)


def told_weak_battery() -> Dialog[WeakBattery | None]:
    """Ask how a weak battery shows."""
    answer = yield from ask(
        Choice(
            Cue.WEAK_BATTERY,
            "What does it show when its battery is weak? (Few have seen it: its leaflet may say.)",
            {
                "sign": "a battery beside the code",
                "error": "Err instead of the code",
                "nothing": "nothing, until it is dead",
                **_UNKNOWN,
            },
        )
    )
    return None if answer.text == "unknown" else WeakBattery(answer.text)
