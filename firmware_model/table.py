"""The firmware as a transition table.

Theory of operation
-------------------

The token sleeps until its contact closes. The debouncer wants the contact at
rest for the profile's debounce time; only then is there a press. An event token
first writes the next counter into its non-volatile memory (COMMITTING), then
computes the code of the present one (COMPUTING), then lights the LCD (LIT): what
has been seen is always already spent. A time token has nothing to write and
computes at once. After the lit time the LCD goes dark and the token sleeps.

What a press does while lit, and what a hold shows, differ from product to
product: the profile picks the trigger, the table says where it leads. A pair of
mode and trigger that is not in the table changes nothing. Before it goes to sleep
the firmware looks at the contact once more: one that is being debounced keeps it
awake.

What was written is read back before anything lights: a worn cell leads to ERROR. A
product with a menu (MENU) opens it when the button is held; presses leaf through it.

At power-on the memory decides: good slots lead to ASLEEP, two broken ones or an
erased secret to ERROR (dashes, no code), a used-up counter to DEAD (nothing
lights). Power can fail in any mode: for an instant, and the firmware boots, or for
good (OFF) until there is a battery again.

The diagram in docs/ is drawn from :data:`TABLE`.
"""

import enum
from collections.abc import Mapping
from typing import Final, NamedTuple


class Mode(enum.IntEnum):
    """What the firmware is doing."""

    ASLEEP = 0
    DEBOUNCING = 1
    COMMITTING = 2
    COMPUTING = 3
    LIT = 4
    SCREEN = 5
    ERROR = 6
    DEAD = 7
    MENU = 8
    OFF = 9


class Trigger(enum.IntEnum):
    """What makes it go on."""

    CONTACT = 0
    """The contact closed."""
    GLITCH = 1
    """The contact opened again before the debounce time was over."""
    PRESS_EVENT = 2
    """A press of an event token that gives a code."""
    PRESS_TIME = 3
    """A press of a time token that gives a code."""
    PRESS_SPENT = 4
    """A press of an event token whose counter is used up."""
    PRESS_IGNORED = 5
    """A press while lit that the profile ignores."""
    PRESS_EXTENDS = 6
    """A press while lit that starts the lit time again."""
    PRESS_CLEARS = 7
    """A press while lit that clears the LCD."""
    RELEASE = 8
    """The debounced button opened."""
    HELD = 9
    """The button has been held for the profile's hold time."""
    DONE = 10
    """What the mode was waiting for is over: the write, the computation, the lit time."""
    BARS = 11
    """The number of time bars changes."""
    STEP_REFRESHES = 12
    """The time step changes and the profile shows the new code."""
    STEP_DARKENS = 13
    """The time step changes and the profile clears the LCD."""
    PROGRAM = 14
    """A tool sets the counter."""
    BOOT_GOOD = 15
    """Power-on with a counter to go on from."""
    BOOT_BROKEN = 16
    """Power-on with both slots broken."""
    BOOT_SPENT = 17
    """Power-on with a used-up counter."""
    COMMIT_FAILED = 18
    """What was read back from the NVM is not what was written."""
    PRESS_EXPIRED = 19
    """A press of a token whose life is over."""
    HELD_FOR_MENU = 20
    """The button has been held for the hold time of a product that has a menu."""
    PRESS_TURNS = 21
    """A press that turns the page of the menu."""
    PRESS_LEAVES = 22
    """A press on the menu's last page."""
    POWER_GONE = 23
    """The battery is out or empty."""


class Action(enum.Enum):
    """What is done on the way; the machine has a function for each."""

    NOTHING = "nothing"
    ACCEPT_EVENT = "accept; begin the write"
    ACCEPT_TIME = "accept; latch the time step"
    COMMIT = "next counter into the NVM"
    LIGHT = "light the code"
    DARKEN = "go dark"
    EXTEND = "lit time starts again"
    SHOW_SCREEN = "show counter or test pattern"
    UPDATE_BARS = "update the bars"
    REFRESH = "light the new step's code"
    REFUSE_LIT = "refuse: lit"
    REFUSE_BUSY = "refuse: busy"
    REFUSE_ERROR = "refuse: error"
    REFUSE_DEAD = "refuse: dead"
    CLEAR = "refuse: cleared; go dark"
    PROGRAM = "counter into both slots"
    PROGRAM_SHOWN = "counter into both slots; show it"
    REVIVE = "go dark; counter into both slots"
    BOOT = "repair a damaged slot"
    SHOW_ERROR = "show dashes"
    FAIL_COMMIT = "write fails; show dashes"
    REFUSE_EXPIRED = "refuse: expired"
    OPEN_MENU = "show the first page"
    TURN_PAGE = "show the next page"


class Transition(NamedTuple):
    """What a trigger does in a mode: an action, and the mode it leads to."""

    action: Action
    to: Mode


_BUSY: Final = {
    Trigger.PRESS_EVENT: Action.REFUSE_BUSY,
    Trigger.PRESS_TIME: Action.REFUSE_BUSY,
    Trigger.PRESS_SPENT: Action.REFUSE_BUSY,
    Trigger.PRESS_EXPIRED: Action.REFUSE_BUSY,
}


def _stay(mode: Mode, actions: Mapping[Trigger, Action]) -> dict[Trigger, Transition]:
    return {trigger: Transition(action, mode) for trigger, action in actions.items()}


_BOOT: Final = {
    Trigger.BOOT_GOOD: Transition(Action.BOOT, Mode.ASLEEP),
    Trigger.BOOT_BROKEN: Transition(Action.SHOW_ERROR, Mode.ERROR),
    Trigger.BOOT_SPENT: Transition(Action.BOOT, Mode.DEAD),
    Trigger.POWER_GONE: Transition(Action.NOTHING, Mode.OFF),
}
_PRESSES: Final = {
    Trigger.PRESS_EVENT: Transition(Action.ACCEPT_EVENT, Mode.COMMITTING),
    Trigger.PRESS_TIME: Transition(Action.ACCEPT_TIME, Mode.COMPUTING),
    Trigger.PRESS_SPENT: Transition(Action.REFUSE_DEAD, Mode.DEAD),
    Trigger.PRESS_EXPIRED: Transition(Action.REFUSE_EXPIRED, Mode.ASLEEP),
}

TABLE: Final[Mapping[Mode, Mapping[Trigger, Transition]]] = {
    Mode.ASLEEP: {
        Trigger.CONTACT: Transition(Action.NOTHING, Mode.DEBOUNCING),
        Trigger.PROGRAM: Transition(Action.PROGRAM, Mode.ASLEEP),
        **_BOOT,
    },
    Mode.DEBOUNCING: {
        Trigger.GLITCH: Transition(Action.NOTHING, Mode.ASLEEP),
        **_PRESSES,
        Trigger.PROGRAM: Transition(Action.PROGRAM, Mode.DEBOUNCING),
        **_BOOT,
    },
    Mode.COMMITTING: {
        Trigger.DONE: Transition(Action.COMMIT, Mode.COMPUTING),
        Trigger.COMMIT_FAILED: Transition(Action.FAIL_COMMIT, Mode.ERROR),
        **_stay(Mode.COMMITTING, _BUSY),
        **_BOOT,
    },
    Mode.COMPUTING: {
        Trigger.DONE: Transition(Action.LIGHT, Mode.LIT),
        **_stay(Mode.COMPUTING, _BUSY),
        **_BOOT,
    },
    Mode.LIT: {
        Trigger.DONE: Transition(Action.DARKEN, Mode.ASLEEP),
        **_PRESSES,
        Trigger.PRESS_IGNORED: Transition(Action.REFUSE_LIT, Mode.LIT),
        Trigger.PRESS_EXTENDS: Transition(Action.EXTEND, Mode.LIT),
        Trigger.PRESS_CLEARS: Transition(Action.CLEAR, Mode.ASLEEP),
        Trigger.HELD: Transition(Action.SHOW_SCREEN, Mode.SCREEN),
        Trigger.HELD_FOR_MENU: Transition(Action.OPEN_MENU, Mode.MENU),
        Trigger.BARS: Transition(Action.UPDATE_BARS, Mode.LIT),
        Trigger.STEP_REFRESHES: Transition(Action.REFRESH, Mode.LIT),
        Trigger.STEP_DARKENS: Transition(Action.DARKEN, Mode.ASLEEP),
        Trigger.PROGRAM: Transition(Action.PROGRAM, Mode.LIT),
        **_BOOT,
    },
    Mode.SCREEN: {
        Trigger.RELEASE: Transition(Action.DARKEN, Mode.ASLEEP),
        Trigger.PROGRAM: Transition(Action.PROGRAM_SHOWN, Mode.SCREEN),
        **_BOOT,
    },
    Mode.ERROR: {
        Trigger.PRESS_EVENT: Transition(Action.REFUSE_ERROR, Mode.ERROR),
        Trigger.PRESS_TIME: Transition(Action.REFUSE_ERROR, Mode.ERROR),
        Trigger.PRESS_SPENT: Transition(Action.REFUSE_ERROR, Mode.ERROR),
        Trigger.PRESS_EXPIRED: Transition(Action.REFUSE_ERROR, Mode.ERROR),
        Trigger.PROGRAM: Transition(Action.REVIVE, Mode.ASLEEP),
        **_BOOT,
    },
    Mode.DEAD: {
        Trigger.PRESS_SPENT: Transition(Action.REFUSE_DEAD, Mode.DEAD),
        Trigger.PRESS_TIME: Transition(Action.REFUSE_DEAD, Mode.DEAD),
        Trigger.PRESS_EXPIRED: Transition(Action.REFUSE_DEAD, Mode.DEAD),
        Trigger.PROGRAM: Transition(Action.PROGRAM, Mode.ASLEEP),
        **_BOOT,
    },
    Mode.MENU: {
        Trigger.DONE: Transition(Action.DARKEN, Mode.ASLEEP),
        Trigger.PRESS_TURNS: Transition(Action.TURN_PAGE, Mode.MENU),
        Trigger.PRESS_LEAVES: Transition(Action.DARKEN, Mode.ASLEEP),
        Trigger.PROGRAM: Transition(Action.PROGRAM, Mode.MENU),
        **_BOOT,
    },
    Mode.OFF: dict(_BOOT),
}
"""Mode, trigger → action, mode. A pair that is missing changes nothing."""
