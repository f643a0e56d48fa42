"""A person for tests: answers a measurement by pressing an emulated fob and looking.

It knows what a person knows: what the LCD shows, and what the leaflet says. Ships
with the library, as its other test doubles do.
"""

import itertools
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from emulator.bench import Bench
from firmware_model.profile import MILLISECOND, SECOND
from hosttools.calibration.prompts import Answer, Cue, Prompt, Tell
from hosttools.calibration.steps import HOLD_S

HAND_NS: Final = 100 * MILLISECOND
"""A deliberate press lasts about 100 ms (button-press study), and so does the gap before a
second one; our default."""

TYPING_NS: Final = 4 * SECOND
"""How long reading and typing six digits takes; our default."""

WORD_NS: Final = SECOND
"""How long typing a word takes; our default."""

PATIENCE_NS: Final = HOLD_S * SECOND
_LOOK_NS: Final = 600 * SECOND  # longer than any LCD stays lit


class Person:
    """Someone with an emulated fob in hand, and its leaflet.

    Args:
        bench: on a manual clock, with one token.
        reactions: how long after what they see they hit Enter, ns, in turn, over and
            over; more than the 0.12 s that a press takes.
        says: what they type instead, by cue, given what they would have typed.

    Attributes:
        asked: the cues of all questions so far.
        told: all that they were told.
    """

    def __init__(
        self,
        bench: Bench,
        *,
        reactions: Iterable[int] = (250 * MILLISECOND,),
        says: Mapping[Cue, Callable[[str], str]] | None = None,
    ) -> None:
        self.asked: list[Cue] = []
        self.told: list[str] = []
        self._bench = bench
        (self._serial,) = bench.serials()
        self._reactions = itertools.cycle(reactions)
        self._says = dict(says or {})
        self._typed = ""
        self._by_press = False  # whether the last press changed the code
        self._left = ""  # what the last double press left
        self._hands = {
            Cue.PRESS: self._press,
            Cue.CODE: self._type,
            Cue.CODE_OR_DARK: self._type,
            Cue.DARK: self._see_dark,
            Cue.CLEAR_AND_PRESS: self._clear_and_press,
            Cue.DOUBLE_PRESS: self._double,
            Cue.HOLD: self._hold,
            Cue.HOLD_CHANGE: self._hold_on,
            Cue.LET_GO: self._let_go,
        }

    def answer(self, prompt: Prompt) -> Answer | None:
        """Do what a prompt asks for, and answer it."""
        if isinstance(prompt, Tell):
            self.told.append(prompt.text)
            return None
        self.asked.append(prompt.cue)
        text, at_ns = self._act(prompt.cue)
        if prompt.cue in self._says:
            text = self._says[prompt.cue](text)
        return Answer(text, at_ns)

    def _act(self, cue: Cue) -> tuple[str, int]:
        if cue is Cue.PRESS_AGAIN:  # Enter and button at the same time
            at_ns = self._bench.settled_ns
            self._press_again()
            return "", at_ns
        if cue in self._hands:
            text = self._hands[cue]()
        else:
            text = self._word(cue)
            self._bench.advance(WORD_NS)
        return text, self._bench.settled_ns

    def _word(self, cue: Cue) -> str:
        profile = self._bench.profile(self._serial)
        return {
            Cue.BEGIN: "",
            Cue.CONFIRM: "",
            Cue.HOW_CHANGED: "press" if self._by_press else "itself",
            Cue.WENT_AT_ONCE: "press",
            Cue.STAYED_LONGER: "unknown",
            Cue.TOKEN_TYPE: profile.token_type.value,
            Cue.STEP: str(profile.step_s),
            Cue.AFTER_DOUBLE: self._left,
            Cue.HOLD_SHOWS: self._what_is_there(),
            Cue.BARS: str(profile.time_bars),
            Cue.STEP_CHANGE: profile.step_change.value,
            Cue.WEAK_BATTERY: profile.weak_battery.value,
        }[cue]

    def _what_is_there(self) -> str:
        view = self._bench.look(self._serial)
        if not view.lcd.lit:
            return "dark"
        if view.mode == "menu":
            return "menu"
        if view.mode == "lit":
            return "code"
        return "test" if set(view.lcd.text) == {"8"} else "counter"

    # Hands and eyes.

    def _text(self) -> str:
        return self._bench.look(self._serial).lcd.text

    def _react(self, since_ns: int) -> None:
        due_ns = since_ns + next(self._reactions)
        self._bench.advance(max(due_ns - self._bench.settled_ns, 0))

    def _wait(self, *, lit: bool) -> None:
        self._bench.wait(self._serial, lit=lit, timeout_ns=_LOOK_NS)
        self._react(self._bench.settled_ns)

    def _press(self) -> str:
        self._wait(lit=False)
        self._react(self._bench.press(self._serial).result.at_ns)
        return ""

    def _type(self) -> str:
        self._typed = self._text()
        self._bench.advance(TYPING_NS if self._typed else WORD_NS)
        return self._typed or "dark"

    def _see_dark(self) -> str:
        self._wait(lit=False)
        return ""

    def _press_again(self) -> None:
        before = self._text()
        self._bench.press(self._serial)
        self._by_press = before == self._typed != self._text()

    def _clear_and_press(self) -> str:
        self._bench.press(self._serial)
        self._bench.advance(HAND_NS)
        return self._press()

    def _double(self) -> str:
        self._wait(lit=False)
        self._bench.press(self._serial)
        first = self._text()
        self._bench.advance(HAND_NS)
        self._bench.press(self._serial)
        second = self._text()
        self._left = "dark" if not second else "code" if second == first else "changed"
        return ""

    def _hold(self) -> str:
        self._wait(lit=False)
        self._bench.down(self._serial)
        self._wait(lit=True)
        return ""

    def _hold_on(self) -> str:
        shown, bench = self._text(), self._bench
        end_ns = bench.settled_ns + PATIENCE_NS
        while (due_ns := bench.next_event_ns()) is not None and due_ns <= end_ns:
            bench.advance(due_ns - bench.settled_ns)
            if self._text() != shown:
                self._react(due_ns)
                return ""
        bench.advance(end_ns - bench.settled_ns)
        return "same"

    def _let_go(self) -> str:
        self._bench.up(self._serial)
        self._wait(lit=False)
        return ""
