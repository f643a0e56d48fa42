# A script beside the pages, not a package.
# ruff: noqa: INP001
"""A rig that holds a real token: a solenoid over its button, a camera over its display.

Speaks as much of docs/serial-protocol.md as galh and hosttools.hand need; docs/rig.md says
why each command is there. Give it your solenoid and your camera:

    Rig("GALH12345678", press, read_display).serve(serial.Serial("/dev/ttyGS0", 115_200))

Run as it is, it holds a token that only exists in this process, and prints its port.
"""

import io
import os
import re
import time
import tty
from collections.abc import Callable

APPEARS_S = 3.0  # a code that did not light by then will not
CHANGES_S = 0.5  # the same, where another one is lit
LOOK_S = 0.05  # between two looks of the camera
SEGMENTS = dict(zip("0123456789-", b"\x3f\x06\x5b\x4f\x66\x6d\x7d\x07\x7f\x6f\x40", strict=True))


class RefusedError(Exception):
    """A command that the rig refuses: number and text of the SCPI error."""


class Rig:
    """The rig's side of the line.

    Args:
        serial: what is printed on the token.
        press: pushes the button down for so many seconds, and lets it up.
        read_display: what the camera reads: "" when dark, "?" for a digit it can't tell.
        kind: EVENT or TIME.
        profile: the product (galh profile list), or your own name for it.
        lit_s: how long it shows a code.
        now: what time it is, seconds since 1970.
        sleep: waits so many seconds.
    """

    def __init__(
        self,
        serial: str,
        press: Callable[[float], object],
        read_display: Callable[[], str],
        *,
        kind: str = "EVENT",
        profile: str = "GALH",
        lit_s: float = 30.0,
        now: Callable[[], float] = time.time,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self._push, self._read, self._now, self._sleep = press, read_display, now, sleep
        self._lit_s, self._lit_at = lit_s, 0.0
        self._errors: list[str] = []
        self._commands: dict[str, Callable[[str], str | None]] = {
            "*CLS": lambda _: self._errors.clear(),
            "*IDN?": lambda _: f"my lab,solenoid and camera,{serial},1",
            ":SYSTem:ERRor?": lambda _: self._errors.pop(0) if self._errors else '0,"No error"',
            ":SYSTem:HELP:HEADers?": lambda _: self._headers(),
            ":BUTTon:PRESs?": lambda hold: f'"{self._press(seconds(hold or "0.1", 0.001))}"',
            ":DISPlay:TEXT?": lambda _: f'"{self._read()}"',
            ":DISPlay:SEGMents?": lambda _: self._segments(),
            ":DISPlay:REMaining?": lambda _: f"{self._remaining_s():.9f}",
            ":DISPlay:WAIT?": self._wait,
            ":TOKen:SERial?": lambda _: f'"{serial}"',
            ":TOKen:TYPE?": lambda _: kind,
            ":TOKen:PROFile?": lambda _: f'"{profile}"',
            ":CLOCk:MODE?": lambda _: "REAL",
            ":CLOCk:RATE?": lambda _: "1",
            ":CLOCk:TIME?": lambda _: f"{now():.9f}",
        }

    def serve(self, line: io.RawIOBase) -> None:
        """Answer until the other side is gone; the line is a serial port, or a pty."""
        while command := line.readline():
            try:
                answer = self._answer(command.decode("ascii", "replace").strip())
            except RefusedError as e:
                self._errors.append(str(e))
            else:
                if answer is not None:
                    line.write(f"{answer}\n".encode())

    def _answer(self, command: str) -> str | None:
        header, _, parameters = command.partition(" ")
        for known, carry_out in self._commands.items():
            # What is in small letters may be left out: DISPlay:WAIT? is also DISP:WAIT?.
            form = re.sub("([a-z]+)", r"(?:\1)?", re.escape(known).removeprefix(":"))
            if re.fullmatch(form, header.removeprefix(":"), re.IGNORECASE):
                return carry_out(parameters.strip())
        if command:
            raise RefusedError('-113,"Undefined header"')
        return None

    def _press(self, hold_s: float) -> str:
        before = self._read()
        self._push(hold_s)
        if before:
            self._sleep(CHANGES_S)
            if (after := self._read()) in {"", before}:  # else the product makes a new code
                return "REFUSED LIT" if after else "REFUSED CLEARED"
        until, seen = self._now() + APPEARS_S, ""
        while self._now() < until:
            self._sleep(LOOK_S)
            last, seen = seen, self._read()
            if seen == last and re.fullmatch("[0-9]{6,8}", seen):  # twice the same: not half lit
                self._lit_at = self._now()
                return seen
        return "REFUSED UNREADABLE" if seen else "REFUSED DARK"

    def _wait(self, parameters: str) -> str:
        word, _, timeout = parameters.partition(",")
        if word.upper() not in {"LIT", "DARK"}:
            raise RefusedError('-224,"Illegal parameter value; LIT or DARK"')
        until = self._now() + seconds(timeout, 0.0)
        while bool(self._read()) != (word.upper() == "LIT"):
            if self._now() >= until:
                raise RefusedError('-365,"Time out error"')
            self._sleep(LOOK_S)
        return "1"

    def _segments(self) -> str:
        lit = bytes(SEGMENTS.get(character, 0) for character in self._read())
        return f"#H{(lit or bytes(6)).hex().upper()}"

    def _remaining_s(self) -> float:
        return max(self._lit_at + self._lit_s - self._now(), 0.0) if self._read() else 0.0

    def _headers(self) -> str:
        kinds = {True: "qonly", False: "nquery"}
        listing = "".join(f"{name}/{kinds[name.endswith('?')]}/\n" for name in self._commands)
        return f"#{len(str(len(listing)))}{len(listing)}{listing}"


def seconds(text: str, low: float) -> float:
    """Read a number of seconds, up to an hour."""
    try:
        value = float(text)
    except ValueError:
        raise RefusedError('-104,"Data type error; a number of seconds"') from None
    if not low <= value <= 3600:  # noqa: PLR2004  # an hour
        raise RefusedError(f'-222,"Data out of range; allowed are {low:g} to 3600 s"')
    return value


def demo(line: io.RawIOBase) -> None:
    """Hold a token of this process: waiting costs nothing, since its clock can be moved."""
    from hosttools.hand import Token  # noqa: PLC0415  # a rig with a real token has no need of it

    with Token.in_process("GALH00004226") as fob:
        Rig(
            fob.serial,
            fob.try_press,
            lambda: fob.text,
            now=lambda: fob.now_ns / 1e9,
            sleep=fob.advance,
        ).serve(line)


if __name__ == "__main__":
    master, slave = os.openpty()
    tty.setraw(slave)
    print(os.ttyname(slave), flush=True)  # noqa: T201  # a program
    with open(master, "r+b", buffering=0) as line:  # noqa: PTH123  # a descriptor has no path
        demo(line)
