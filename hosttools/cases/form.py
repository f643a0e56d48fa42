"""A case as plain values, for JSON; reads foreign input, and refuses what can't be."""

import re
from collections.abc import Mapping
from typing import Any, Final

from emulator.annotations import Placed, ServerPlaced, Submitted
from emulator.errors import StateError as EmulatorStateError
from emulator.journal import Record
from emulator.journalform import from_log, to_log
from firmware_model.errors import FirmwareError
from firmware_model.oath import MAX_COUNTER, Secret
from firmware_model.state import LAST_NS
from hosttools.cases.model import MAX_TEXT, MAX_TITLE, Case, ServerEnd, TokenEnd, key_id_in
from hosttools.errors import CaseError

_MODES: Final = ("real", "scaled", "manual")
_KEY_ID: Final = re.compile(r"[0-9a-f]{16}")
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_SERIAL: Final = re.compile(r"[!-~]{1,24}")
_RATE: Final = re.compile(r"[0-9]{1,20}(/[0-9]{1,20})?")
_SHORT: Final = 200
_FIELDS: Final = frozenset(
    {
        *("galh", "python", "title", "note", "failure", "clock", "seeds", "faults"),
        *("own_secrets", "keys", "tokens", "servers", "digest", "records"),
    }
)


def to_mapping(case: Case) -> dict[str, Any]:
    """Return a case as plain values; the secrets that stand for its keys included."""
    return {
        "galh": case.galh,
        "python": case.python,
        "title": case.title,
        "note": case.note,
        "failure": case.failure,
        "clock": {"mode": case.clock_mode, "rate": case.rate},
        "seeds": dict(case.seeds),
        "faults": list(case.faults),
        "own_secrets": case.own_secrets,
        "keys": {name: secret.reveal().hex() for name, secret in case.keys.items()},
        "tokens": [
            {"serial": token.serial, "at_ns": token.at_ns, "digest": token.digest}
            for token in case.tokens
        ],
        "servers": [
            {"server": end.server, "serial": end.serial, "kept": end.kept} for end in case.servers
        ],
        "digest": case.digest,
        "records": [to_log(record) for record in case.records],
    }


def from_mapping(data: Mapping[str, Any]) -> Case:
    """Read what :func:`to_mapping` gave.

    Raises:
        CaseError: anything else.
    """
    if set(data) != _FIELDS:
        raise CaseError("it has parts missing, or more than there are")
    try:
        case = Case(
            galh=_line(data["galh"], _SHORT, "release"),
            python=_line(data["python"], _SHORT, "Python"),
            title=_line(data["title"], MAX_TITLE, "title"),
            note=_text(data["note"], "note"),
            failure=_text(data["failure"], "failure"),
            clock_mode=_line(data["clock"]["mode"], _SHORT, "clock mode"),
            rate=_matching(data["clock"]["rate"], _RATE, "clock rate"),
            seeds={
                _line(name, _SHORT, "seed's name"): _line(seed, _SHORT, "seed")
                for name, seed in _a(dict, data["seeds"], "seeds").items()
            },
            faults=tuple(_line(text, 2 * _SHORT, "fault") for text in _list(data, "faults")),
            own_secrets=_a(bool, data["own_secrets"], "own_secrets"),
            keys={
                _matching(name, _KEY_ID, "key id"): _secret(text)
                for name, text in _a(dict, data["keys"], "keys").items()
            },
            tokens=tuple(_token(token) for token in _list(data, "tokens")),
            servers=tuple(_server(end) for end in _list(data, "servers")),
            records=tuple(_record(record) for record in _list(data, "records")),
        )
    except (KeyError, TypeError) as e:
        raise CaseError(f"a field missing or of the wrong type: {e}") from None
    _check(case)
    if case.digest != data["digest"]:
        raise CaseError("its digest is not that of its tokens")
    return case


def _check(case: Case) -> None:
    """Refuse parts that contradict each other: replay relies on these."""
    if case.clock_mode not in _MODES:
        raise CaseError(f"an unknown clock mode; known are {', '.join(_MODES)}")
    if not case.tokens or len(set(case.serials)) != len(case.tokens):
        raise CaseError("it has no token, or one twice")
    placed: set[str] = set()
    last = 0
    for record in case.records:
        if not last < record.sequence <= MAX_COUNTER:
            raise CaseError(f"record {record.sequence} after {last}; numbers rise")
        last = record.sequence
        if record.serial not in {"", *case.serials}:
            raise CaseError(f"record {last} is about a token that the case has not got")
        if record.serial and record.serial not in placed:
            if not isinstance(record.event, Placed):
                raise CaseError(f"record {last} comes before its token is placed")
            placed.add(record.serial)
        _check_event(case, record)
    if placed != set(case.serials):
        raise CaseError("it has a token without records")
    for end in case.servers:
        case.kept(end)


def _check_event(case: Case, record: Record) -> None:
    event = record.event
    if not -LAST_NS <= event.at_ns <= LAST_NS:
        raise CaseError(f"record {record.sequence} is at a time that no token lives in")
    if isinstance(event, Placed):
        state = case.state(event)
        if state.config.serial != record.serial or state.now_ns > event.at_ns:
            raise CaseError(f"record {record.sequence} places another token, or one of the future")
    elif isinstance(event, ServerPlaced):
        if case.kept(event).record.serial != record.serial:
            raise CaseError(f"record {record.sequence} holds a server's record of another token")
    elif isinstance(event, Submitted):
        for factor in (event.factor, event.second_factor):
            if factor is not None and not 0 <= factor <= MAX_COUNTER:
                raise CaseError(f"record {record.sequence} has a factor that no code has")


def _record(data: object) -> Record:
    try:
        return from_log(_a(dict, data, "record"))
    except EmulatorStateError as e:
        raise CaseError(str(e)) from None


def _token(data: Any) -> TokenEnd:  # noqa: ANN401  # what JSON gives
    digest = data["digest"]
    return TokenEnd(
        _matching(data["serial"], _SERIAL, "serial number"),
        _time(data["at_ns"]),
        None if digest is None else _matching(digest, _DIGEST, "digest"),
    )


def _server(data: Any) -> ServerEnd:  # noqa: ANN401  # what JSON gives
    kept = _a(str, data["kept"], "kept")
    key_id_in(kept)
    return ServerEnd(
        _line(data["server"], _SHORT, "server's name"),
        _matching(data["serial"], _SERIAL, "serial number"),
        kept,
    )


def _secret(text: object) -> Secret:
    try:
        return Secret.again(bytes.fromhex(_a(str, text, "secret")))
    except (ValueError, FirmwareError):
        # Says nothing of what it found: it may be half a secret.
        raise CaseError("a secret that can't be one") from None


def _list(data: Mapping[str, Any], name: str) -> list[Any]:
    found: list[Any] = _a(list, data[name], name)
    return found


def _a(kind: type[Any], value: object, what: str) -> Any:  # noqa: ANN401  # of that type
    if type(value) is not kind:
        raise CaseError(f"{what} of the wrong type")
    return value


def _time(value: object) -> int:
    if type(value) is not int or not -LAST_NS <= value <= LAST_NS:
        raise CaseError("a time that no token lives in")
    return value


def _line(value: object, longest: int, what: str) -> str:
    if not isinstance(value, str) or len(value) > longest or not value.isprintable():
        raise CaseError(f"a {what} that is no printable text of up to {longest} characters")
    return value


def _text(value: object, what: str) -> str:
    if (
        not isinstance(value, str)
        or len(value) > MAX_TEXT
        or not value.replace("\n", "").isprintable()
    ):
        raise CaseError(f"a {what} that is no printable text of up to {MAX_TEXT} characters")
    return value


def _matching(value: object, pattern: re.Pattern[str], what: str) -> str:
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise CaseError(f"a {what} that can't be one: it is not {pattern.pattern}")
    return value
