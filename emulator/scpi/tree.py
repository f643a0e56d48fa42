"""The header table: every spelling of every header, and lines parsed against it.

All that can be known of a line without executing it is found out here, so that a
line which comes again costs one dictionary look-up.
"""

import itertools
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, Generic, NamedTuple, TypeVar

from emulator.results import Ticket
from emulator.scpi import lexer
from emulator.scpi.errors import ErrorCode, ScpiError
from emulator.scpi.parameters import Parameter, short_form

T = TypeVar("T")

CACHED_LINES: Final = 512
CACHED_LENGTH: Final = 96
"""Longer lines are parsed each time, so that the cache stays small."""

_NODE: Final = re.compile(r"\[?:?\*?[A-Za-z]+\]?")


@dataclass(frozen=True, slots=True)
class Pending(Generic[T]):
    """An answer that takes bench time.

    Attributes:
        ticket: tells when it is there.
        answer: makes the response data of its result, or ``None`` for no answer;
            may raise :class:`ScpiError`.
        passive: whether it only watches: nothing is lost when nobody waits for it.
    """

    ticket: Ticket[T]
    answer: Callable[[T], str | None]
    passive: bool = False


Run = Callable[..., str | Pending[Any] | None]
"""Called with the session's context and the parameters; may raise ``ScpiError``."""


@dataclass(frozen=True, slots=True)
class Command:
    """One header.

    Attributes:
        header: as documented: short form in capitals, optional nodes in brackets,
            queries with a question mark.
        run: what it does.
        parameters: in order; those with a default come last.
        lcd: whether the answer shows what is on the LCD, and so is a credential.
    """

    header: str
    run: Run
    parameters: tuple[Parameter, ...] = ()
    lcd: bool = False

    @property
    def usage(self) -> str:
        """Header and parameters, as documented."""
        listed = ",".join(parameter.usage for parameter in self.parameters)
        return f"{self.header} {listed}".rstrip()

    def bind(self, text: str) -> tuple[object, ...]:
        """Return the values of the parameters.

        Raises:
            ScpiError: too many, too few, or one that can't be.
        """
        given = [part.strip(lexer.WHITE_SPACE) for part in lexer.split(text, ",")] if text else []
        if len(given) > len(self.parameters):
            raise ScpiError(ErrorCode.PARAMETER_NOT_ALLOWED, f"usage: {self.usage}")
        values: list[object] = []
        for position, parameter in enumerate(self.parameters):
            if position < len(given) and given[position]:
                values.append(parameter.parse(given[position]))
            elif position < len(given) or parameter.default is None:
                raise ScpiError(ErrorCode.MISSING_PARAMETER, f"usage: {self.usage}")
            else:
                values.append(parameter.default)
        return tuple(values)


class Unit(NamedTuple):
    """One program message unit, ready to run."""

    run: Run
    arguments: tuple[object, ...]
    lcd: bool = False


Program = tuple[Unit, ...]
"""What one line does."""


class Table:
    """All headers of a session.

    Raises:
        ValueError: two commands share a spelling.
    """

    def __init__(self, commands: Iterable[Command]) -> None:
        self.commands: Final = tuple(commands)
        self._by_spelling: Final[Mapping[str, Command]] = _index(self.commands)
        self._cached: Final = lru_cache(CACHED_LINES)(self._parse)

    def program(self, line: bytes) -> Program:
        """Return what the line does. Never raises: what is wrong becomes a unit that says so."""
        return self._cached(line) if len(line) <= CACHED_LENGTH else self._parse(line)

    def understands(self, line: bytes) -> bool:
        """Return whether the line does something, and all of it can be executed."""
        program = self._parse(line)
        return bool(program) and all(unit.run is not _refuse for unit in program)

    def help_headers(self) -> str:
        """List all headers as SYSTem:HELP:HEADers? does (SCPI-99 volume 2, 21.11).

        >>> print(Table((Command("*CLS", print), Command("TOKen:TYPE?", print))).help_headers())
        *CLS/nquery/
        :TOKen:TYPE?/qonly/
        """
        headers = {command.header for command in self.commands}
        listed = []
        for header in sorted(headers):
            rooted = header if header.startswith("*") else f":{header}"
            if not header.endswith("?"):
                listed.append(rooted if f"{header}?" in headers else f"{rooted}/nquery/")
            elif header[:-1] not in headers:
                listed.append(f"{rooted}/qonly/")
        return "\n".join(listed)

    def _parse(self, line: bytes) -> Program:
        program: list[Unit] = []
        path = ""
        try:
            for header, text in lexer.units(lexer.decode(line)):
                command, path = self._resolve(header, path)
                try:
                    program.append(Unit(command.run, command.bind(text), command.lcd))
                except ScpiError as e:
                    if e.code.is_command_error:
                        raise
                    program.append(_refusal(e))
        except ScpiError as e:
            # After a command error nothing in the rest of the line can be trusted,
            # not even its header path (IEEE 488.2 6.1.6.1.1 leaves it to the device).
            program.append(_refusal(e))
        return tuple(program)

    def _resolve(self, header: str, path: str) -> tuple[Command, str]:
        common = header.startswith("*")
        if not common:
            header = header[1:] if header.startswith(":") else path + header
        command = self._by_spelling.get(header.upper())
        if command is None:
            raise ScpiError(ErrorCode.UNDEFINED_HEADER)
        # Common commands leave the path alone (IEEE 488.2 A.1.1, SCPI-99 6.2.4).
        return command, path if common else header[: header.rfind(":") + 1]


def spellings(header: str) -> set[str]:
    """Return every way to write a header, in capitals.

    >>> sorted(spellings("SYSTem:ERRor[:NEXT]?"))[:3]
    ['SYST:ERR:NEXT?', 'SYST:ERR?', 'SYST:ERROR:NEXT?']
    """
    nodes = []
    for node in _NODE.findall(header.rstrip("?")):
        bare = node.strip("[]")
        nodes.append({bare.upper(), short_form(bare), *([""] if node != bare else [])})
    query = "?" if header.endswith("?") else ""
    return {"".join(way) + query for way in itertools.product(*nodes)}


def _index(commands: tuple[Command, ...]) -> dict[str, Command]:
    index: dict[str, Command] = {}
    for command in commands:
        for spelling in spellings(command.header):
            if spelling in index:
                raise ValueError(
                    f"{command.header} and {index[spelling].header} can both be written"
                    f" {spelling}; rename one"
                )
            index[spelling] = command
    return index


def _refusal(error: ScpiError) -> Unit:
    # A new exception each time: one kept in the cache would collect tracebacks.
    return Unit(_refuse, (error.code, error.info))


def _refuse(_context: object, code: ErrorCode, info: str) -> None:
    raise ScpiError(code, info)
