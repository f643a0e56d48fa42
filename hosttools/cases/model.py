"""A case as a value: records of a journal, and what it takes to replay them.

Where tokens and servers begin is in the records themselves: a ``placed`` record holds
a token's whole state, a ``server_placed`` one all that a server keeps of it. Neither
holds a secret: keys are named by their ids, and the case says which secret stands for
each, a made-up one unless the token's own was asked for.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from emulator.annotations import Placed, ServerPlaced
from emulator.journal import Record
from firmware_model.codec import from_json
from firmware_model.errors import FirmwareError
from firmware_model.oath import Secret
from firmware_model.profile_file import profile_from_mapping
from firmware_model.state import State
from hosttools.errors import CaseError, StateError
from hosttools.keptrecord import Kept, read_kept

MAX_TITLE: Final = 200
MAX_TEXT: Final = 20_000
"""Characters of a note, or of a failure's text. Our default."""


@dataclass(frozen=True, slots=True)
class TokenEnd:
    """Where a token was at the end.

    Attributes:
        serial: its serial number.
        at_ns: bench time.
        digest: of its state, see :func:`firmware_model.codec.digest`; ``None``: it had
            stopped, and has none.
    """

    serial: str
    at_ns: int
    digest: str | None


@dataclass(frozen=True, slots=True)
class ServerEnd:
    """What a server kept of a token at the end.

    Attributes:
        server: its name.
        serial: the token's serial number.
        kept: see :func:`hosttools.keptrecord.kept_text`.
    """

    server: str
    serial: str
    kept: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What happened, ready to be replayed.

    Attributes:
        galh: the release that took it.
        python: the Python that it ran on.
        title: what it is about, on one line.
        note: what somebody wanted to say about it.
        failure: what was expected and what was got, codes blotted out.
        clock_mode: ``real``, ``scaled`` or ``manual``.
        rate: bench seconds in a second of the host, as a fraction.
        seeds: seeds of random streams, by what they are for.
        faults: those that were still armed, each in a line.
        own_secrets: whether the tokens' own secrets are in it.
        keys: for each key id the secret that stands for it.
        tokens: where they were at the end, in the bench's order.
        servers: what servers kept at the end, as far as they could be asked.
        records: what happened, as a journal keeps it. The first of each token is ``placed``.
    """

    galh: str
    python: str
    title: str = ""
    note: str = ""
    failure: str = ""
    clock_mode: str = "manual"
    rate: str = "1"
    seeds: Mapping[str, str] = field(default_factory=dict)
    faults: tuple[str, ...] = ()
    own_secrets: bool = False
    keys: Mapping[str, Secret] = field(repr=False)
    tokens: tuple[TokenEnd, ...]
    servers: tuple[ServerEnd, ...] = ()
    records: tuple[Record, ...] = field(repr=False)

    @property
    def digest(self) -> str:
        """One digest over those of all tokens at the end."""
        return digest_of({token.serial: token.digest for token in self.tokens})

    @property
    def serials(self) -> tuple[str, ...]:
        """The serial numbers of its tokens."""
        return tuple(token.serial for token in self.tokens)

    def secret(self, key_id: str) -> Secret:
        """Return the secret that stands for a key.

        Raises:
            CaseError: none does.
        """
        try:
            return self.keys[key_id]
        except KeyError:
            raise CaseError(f"the case has no secret for key {key_id[:16]!r}") from None

    def state(self, placed: Placed) -> State:
        """Return the state of a token that a record holds, with the case's secret.

        Raises:
            CaseError: a state that can't be.
        """
        data = mapping_of(placed)
        try:
            profile = profile_from_mapping(data["profile"])
            secret = self.secret(data["key_id"])
            assert isinstance(placed.state, str)  # noqa: S101  # mapping_of saw to it
            return from_json(placed.state, secret, {profile.name: profile}, rekey=True)
        except (FirmwareError, KeyError, TypeError, ValueError, AttributeError) as e:
            raise CaseError(f"a token's state that can't be: {e}") from None

    def kept(self, placed: ServerPlaced | ServerEnd) -> Kept:
        """Return what a server kept of a token, with the case's secret.

        Raises:
            CaseError: what no server can keep.
        """
        try:
            return read_kept(placed.kept, self.secret(key_id_in(placed.kept)))
        except StateError as e:
            raise CaseError(str(e)) from None


def digest_of(digests: Mapping[str, str | None]) -> str:
    """Return one digest over tokens' digests."""
    lines = "".join(f"{serial} {digest or '-'}\n" for serial, digest in digests.items())
    return hashlib.sha256(lines.encode()).hexdigest()


def mapping_of(placed: Placed) -> dict[str, Any]:
    """Return a placed token's state as plain values.

    Raises:
        CaseError: it is none.
    """
    if not isinstance(placed.state, str):
        raise CaseError("a case holds states as text")
    return _object(placed.state)


def key_id_in(text: str) -> str:
    """Return the key id in the JSON of a state, or of what a server keeps.

    Raises:
        CaseError: there is none.
    """
    name = _object(text).get("key_id")
    if not isinstance(name, str):
        raise CaseError("a token or a server's record without a key id")
    return name


def _object(text: str) -> dict[str, Any]:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        data = None
    if not isinstance(data, dict):
        raise CaseError("a token's state or a server's record that is no JSON object")
    return data
