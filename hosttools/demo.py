"""The story that this project is about, played by a token and a server.

A token is added, signs, is pressed in a pocket, fails, is resynced, signs again.
Each step says what must come of it; a step that ends otherwise makes the demo fail.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from firmware_model.profile import SECOND
from firmware_model.segments import Lcd
from hosttools.errors import HostError
from hosttools.hand import PortToken
from hosttools.refserver import Kind, TokenServer, Verdict

POCKET: Final = 37
"""Presses in the pocket: past the server's look-ahead, inside its resync window."""

DRAWER_DAYS: Final = 400
CRYSTAL_PPB: Final = 11_600
"""A second a day fast: poor, but "not unusual" (Token2 of its time-based tokens)."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the story.

    Attributes:
        title: what is done.
        told: what happens, in a sentence or two.
        lcd: what the token shows at its end.
        token: where the token is, in words.
        server: where the server is, in words.
        distance: how far the token is ahead of the server, in presses or steps.
        verdict: what the server said, if it was asked.
        expected: what it had to say.
        expected_distance: how far apart the two had to be.
    """

    title: str
    told: str
    lcd: Lcd
    token: str
    server: str
    distance: int
    verdict: Verdict | None
    expected: Kind | None
    expected_distance: int

    @property
    def ok(self) -> bool:
        """Whether it ended as it must."""
        kind = None if self.verdict is None else self.verdict.kind
        return kind is self.expected and self.distance == self.expected_distance


class Scene:
    """A token in the hand, and the server that knows it."""

    def __init__(self, token: PortToken, server: TokenServer, serial: str) -> None:
        self.token = token
        self.server = server
        self.serial = serial

    def fresh_code(self) -> str:
        """Wait until the LCD is dark, press, and read the code."""
        self.token.wait_dark()
        pressed = self.token.press()
        if pressed.code is None:
            raise HostError(f"token {self.serial} refused a press: {pressed.refused}")
        return pressed.code

    def sign(self) -> Verdict:
        """Sign with a fresh code."""
        return self.server.verify(self.serial, self.fresh_code(), self.token.time_ns())


def event_story(scene: Scene) -> Iterator[Step]:
    """Tell of the event token: too many presses."""

    def step(
        title: str, told: str, verdict: Verdict | None, expected: Kind | None, apart: int = 0
    ) -> Step:
        counter, record = scene.token.counter(), scene.server.get(scene.serial)
        return Step(
            title,
            told,
            scene.token.lcd(),
            f"next counter {counter}",
            f"expects counter {record.next_factor}, {record.status.value}",
            counter - record.next_factor,
            verdict,
            expected,
            apart,
        )

    yield step("A new token", "Out of the box. The serial number is on its back.", None, None)
    yield from _add(scene, step)
    yield step(
        "Sign a prescription",
        "A press, the six digits, signed.",
        scene.sign(),
        Kind.ACCEPTED,
    )
    for _ in range(POCKET):
        scene.fresh_code()
    yield step(
        "In a pocket",
        f"Keys press the button {POCKET} times. The server hears nothing of it.",
        None,
        None,
        POCKET,
    )
    yield step(
        "Sign again",
        "The doctor gets an error: the code is too far ahead.",
        scene.sign(),
        Kind.OUT_OF_SYNC,
        POCKET + 1,
    )
    yield from _resync(scene, step)
    yield step("And sign", "Back to work.", scene.sign(), Kind.ACCEPTED)


def time_story(scene: Scene) -> Iterator[Step]:
    """Tell of the time token: a clock that runs a second a day fast."""

    def step(
        title: str, told: str, verdict: Verdict | None, expected: Kind | None, apart: int = 0
    ) -> Step:
        now_ns, record = scene.token.time_ns(), scene.server.get(scene.serial)
        off_ns = scene.token.token_time_ns() - now_ns
        step_ns = record.step_s * SECOND
        ahead = (now_ns + off_ns) // step_ns - now_ns // step_ns - record.drift_steps
        return Step(
            title,
            told,
            scene.token.lcd(),
            f"clock {off_ns / SECOND:+.1f} s off",
            f"allows for {record.drift_steps:+d} steps, {record.status.value}",
            ahead,
            verdict,
            expected,
            apart,
        )

    yield step(
        "A new token",
        "Out of the box. Its crystal is 11.6 ppm off: a second a day.",
        None,
        None,
    )
    yield from _add(scene, step)
    yield step("Sign a prescription", "Its clock is still right.", scene.sign(), Kind.ACCEPTED)
    scene.token.advance(DRAWER_DAYS * 86_400)
    yield step(
        "In a drawer",
        f"{DRAWER_DAYS} days go by. Nobody presses it, but its clock runs on, a little fast.",
        None,
        None,
        13,
    )
    yield step(
        "Sign again",
        "The doctor gets an error: the code is of a time that is still to come.",
        scene.sign(),
        Kind.OUT_OF_SYNC,
        13,
    )
    yield from _resync(scene, step)
    yield step("And sign", "The server knows now how fast it is.", scene.sign(), Kind.ACCEPTED)


_Teller = Callable[[str, str, Verdict | None, Kind | None], Step]


def _add(scene: Scene, step: _Teller) -> Iterator[Step]:
    told = "Serial number, one code, wait until dark, a second code, submit."
    return _form(scene, step, ("Add Token", told), scene.server.sync, Kind.ACTIVE)


def _resync(scene: Scene, step: _Teller) -> Iterator[Step]:
    told = "Two codes in a row, the second after the LCD went dark."
    return _form(scene, step, ("Resync Token", told), scene.server.resync, Kind.RESYNCED)


def _form(
    scene: Scene,
    step: _Teller,
    heading: tuple[str, str],
    submit: Callable[[str, str, str, int], Verdict],
    expected: Kind,
) -> Iterator[Step]:
    """Fill in a form of two codes and click Submit twice."""
    pair = scene.fresh_code(), scene.fresh_code()
    now_ns = scene.token.time_ns()
    yield step(*heading, submit(scene.serial, *pair, now_ns), expected)
    yield step(
        "Submit clicked twice",
        "The same form once more: an error, and nothing changes.",
        submit(scene.serial, *pair, now_ns),
        Kind.DOUBLE_SUBMIT,
    )
