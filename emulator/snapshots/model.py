"""A snapshot as a value: tokens as they were at one moment of a bench.

A token's state is the canonical JSON of :mod:`firmware_model.codec`, its profile
included: no secret is in it, and no digits of a code. Secrets are beside it, in
memory, and get into a file only encrypted.

Reads foreign input: what can't be is refused before anything is made of it. A state
is only looked at closely by :meth:`TokenSnapshot.read`, because that takes a secret.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Final, Self

from emulator.engine import MAX_TIME_NS
from emulator.errors import UsageError
from emulator.serverview import ServerView
from emulator.snapshots.errors import SnapshotError
from firmware_model.codec import digest, from_json, to_json
from firmware_model.errors import FirmwareError
from firmware_model.oath import MAX_SECRET_BYTES, MIN_SECRET_BYTES, Algorithm, Secret, key_id
from firmware_model.profile import TokenType
from firmware_model.profile_file import profile_from_mapping
from firmware_model.state import State

MAX_NOTE: Final = 500
_MODES: Final = ("real", "scaled", "manual")
_RATE: Final = re.compile(r"[0-9]{1,20}(/[0-9]{1,20})?")
_KEY_ID: Final = re.compile(r"[0-9a-f]{16}")
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")


def canonical(value: object) -> bytes:
    """Return JSON with sorted keys, no white space, ASCII: the same for the same value."""
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


@dataclass(frozen=True, slots=True)
class TokenSnapshot:
    """One token as it was.

    Attributes:
        serial: its serial number.
        key_id: the name of its key, see :func:`firmware_model.oath.key_id`.
        algorithm: the hash that the key is for.
        erased: whether its secret was lost for good.
        state: :func:`firmware_model.codec.to_json` of it.
        digest: :func:`firmware_model.codec.digest` of it.
        view: what a server believed of it; ``None``: nobody told.
        secret: its secret; ``None``: left out.
    """

    serial: str
    key_id: str
    algorithm: Algorithm
    erased: bool
    state: str = field(repr=False)
    digest: str
    view: ServerView | None = None
    secret: Secret | None = field(default=None, repr=False)

    @classmethod
    def of(cls, state: State, view: ServerView | None = None) -> Self:
        """Return a token as it is, with its secret."""
        config = state.config
        return cls(
            config.serial,
            config.key_id,
            config.algorithm,
            config.erased,
            to_json(state),
            digest(state),
            view,
            config.secret,
        )

    def own_secret(self, candidates: Iterable[Secret]) -> Secret | None:
        """Return the first secret that is the token's own, judged by the name of its key.

        A token that has lost its secret needs none of the candidates.
        """
        if self.erased:
            lengths = range(MIN_SECRET_BYTES, MAX_SECRET_BYTES + 1)
            candidates = (Secret.again(bytes(length)) for length in lengths)
        for secret in candidates:
            if key_id(secret, self.algorithm) == self.key_id:
                return secret
        return None

    def read(self, secret: Secret) -> State:
        """Return the token's state.

        Args:
            secret: its own, or another one to go on with: it is re-keyed then, and counter
                and times stay.

        Raises:
            SnapshotError: a state that can't be, or another than its digest says.
        """
        try:
            profile = profile_from_mapping(json.loads(self.state)["profile"])
            state = from_json(self.state, secret, {profile.name: profile}, rekey=True)
        except (FirmwareError, TypeError, ValueError, KeyError, RecursionError) as e:
            raise SnapshotError(f"token {self.serial} of the snapshot is damaged: {e}") from None
        if digest(state, key_id=self.key_id) != self.digest:
            raise SnapshotError(
                f"token {self.serial} of the snapshot is another than its digest says"
            )
        timed = state.config.token_type is TokenType.TIME
        if self.view is not None and timed == (self.view.step_offset is None):
            raise SnapshotError(
                f"token {self.serial} of the snapshot has a server view of the other token type"
            )
        return state

    def to_mapping(self) -> dict[str, Any]:
        """Return it as plain values, for JSON, without the secret."""
        return {
            "digest": self.digest,
            "state": json.loads(self.state),
            "server": None if self.view is None else self.view.to_mapping(),
        }

    @classmethod
    def from_mapping(cls, data: Mapping[str, Any]) -> Self:
        """Read what :meth:`to_mapping` gave.

        Raises:
            SnapshotError: anything else.
        """
        try:
            state, server = data["state"], data["server"]
            token = cls(
                _text(state["serial"], 24, "serial number"),
                _matching(state["key_id"], _KEY_ID, "key id"),
                Algorithm(state["algorithm"]),
                state["erased"] is True,
                canonical(state).decode(),
                _matching(data["digest"], _DIGEST, "digest"),
                None if server is None else ServerView.from_mapping(server),
            )
        except UsageError as e:
            raise SnapshotError(f"a server view that can't be: {e}") from None
        except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as e:
            raise SnapshotError(f"a token with a field missing or of the wrong type: {e}") from None
        return token


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """Tokens of a bench at one moment.

    Attributes:
        now_ns: bench time, ns since 1970, UTC.
        clock_mode: ``real``, ``scaled`` or ``manual``, when it was taken.
        rate: bench seconds in a second of the host, likewise.
        sequence: number of the journal's last record that is in it.
        galh: the release that took it.
        tokens: the tokens, in the bench's order; at least one, each once.
        note: what somebody wanted to say about it.

    Raises:
        UsageError: a note that is too long, or not printable.
    """

    now_ns: int
    clock_mode: str
    rate: Fraction
    sequence: int
    galh: str
    tokens: tuple[TokenSnapshot, ...]
    note: str = ""

    def __post_init__(self) -> None:
        if len(self.note) > MAX_NOTE or not self.note.isprintable():
            raise UsageError(
                f"a note of {len(self.note)} characters; allowed are up to {MAX_NOTE}, all"
                " printable, on one line"
            )

    @property
    def serials(self) -> tuple[str, ...]:
        """The serial numbers of its tokens."""
        return tuple(token.serial for token in self.tokens)

    def to_mapping(self) -> dict[str, Any]:
        """Return it as plain values, for JSON, without secrets."""
        return {
            "galh": self.galh,
            "now_ns": self.now_ns,
            "clock": {"mode": self.clock_mode, "rate": str(self.rate)},
            "sequence": self.sequence,
            "note": self.note,
            "tokens": [token.to_mapping() for token in self.tokens],
        }

    @classmethod
    def from_mapping(cls, data: Mapping[str, Any]) -> Self:
        """Read what :meth:`to_mapping` gave.

        Raises:
            SnapshotError: anything else.
        """
        try:
            clock = data["clock"]
            if clock["mode"] not in _MODES:
                raise SnapshotError(f"an unknown clock mode; known are {', '.join(_MODES)}")
            if not isinstance(data["tokens"], list) or not data["tokens"]:
                raise SnapshotError("a snapshot without tokens")
            snapshot = cls(
                now_ns=_whole(data["now_ns"], -MAX_TIME_NS, MAX_TIME_NS, "now_ns"),
                clock_mode=clock["mode"],
                rate=Fraction(_matching(clock["rate"], _RATE, "clock rate")),
                sequence=_whole(data["sequence"], 0, 2**63, "sequence"),
                galh=_text(data["galh"], 60, "release"),
                note=_text(data["note"], MAX_NOTE, "note"),
                tokens=tuple(TokenSnapshot.from_mapping(token) for token in data["tokens"]),
            )
        except (KeyError, TypeError, ZeroDivisionError) as e:
            raise SnapshotError(f"a field missing or of the wrong type: {e}") from None
        serials = snapshot.serials
        if len(set(serials)) != len(serials):
            raise SnapshotError("a snapshot with a token that is in it twice")
        return snapshot


def _text(value: object, longest: int, what: str) -> str:
    if not isinstance(value, str) or len(value) > longest or not value.isprintable():
        raise SnapshotError(f"a {what} that is no printable text of up to {longest} characters")
    return value


def _matching(value: object, pattern: re.Pattern[str], what: str) -> str:
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise SnapshotError(f"a {what} that can't be one: it is not {pattern.pattern}")
    return value


def _whole(value: object, low: int, high: int, what: str) -> int:
    if type(value) is not int or not low <= value <= high:
        raise SnapshotError(f"{what} must be a whole number from {low} to {high}")
    return value
