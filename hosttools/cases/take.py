"""Taking a case: of a bench that lives, or of the tokens in a state directory.

Secrets are replaced by made-up ones, the same for the token and for the server that
knows it. Chance may have it that a made-up secret gives two counters in a window the
same digits, and a verdict comes out otherwise: then others are drawn.
"""

import base64
import os
import platform
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Final, NamedTuple, Protocol

from emulator.annotations import Placed, Removed, ServerPlaced, Stopped
from emulator.bench import Bench
from emulator.errors import StateError, UsageError
from emulator.faults.engine import FaultEngine
from emulator.history import state_at
from emulator.journal import Journal, Record
from emulator.release import release
from firmware_model.codec import digest, to_json
from firmware_model.nvm import Config
from firmware_model.oath import Secret, key_id
from firmware_model.state import State
from firmware_model.stimuli import Lit
from hosttools.cases.acts import CHECKPOINT, acts_of
from hosttools.cases.judging import judge
from hosttools.cases.model import MAX_TEXT, MAX_TITLE, Case, ServerEnd, TokenEnd, key_id_in
from hosttools.errors import RecordError
from hosttools.keptrecord import kept_text
from hosttools.refserver import Policy
from hosttools.refserver import Record as ServerRecord

_DRAWS: Final = 8
_SECRET_BYTES: Final = 20
_CODE: Final = "[0-9]{6,}"


class Keeps(Protocol):
    """A server that tells what it keeps; :class:`hosttools.refserver.Store` is one."""

    @property
    def policy(self) -> Policy:
        """How it treats its tokens."""

    def get(self, serial: str) -> ServerRecord:
        """Return what it keeps of a token; raises RecordError if it knows none."""


NO_SERVERS: Final[Mapping[str, Keeps]] = MappingProxyType({})
NO_SEEDS: Final[Mapping[str, int | str]] = MappingProxyType({})


class _End(NamedTuple):
    """A token at the end, and the number of the last record that is in it."""

    config: Config
    at_ns: int
    digest: str | None
    sequence: int


def take(
    bench: Bench,
    serials: Sequence[str] | None = None,
    *,
    servers: Mapping[str, Keeps] = NO_SERVERS,
    title: str = "",
    note: str = "",
    failure: str = "",
    seed: int | str | None = None,
    seeds: Mapping[str, int | str] = NO_SEEDS,
    since: int | None = None,
    own_secrets: bool = False,
    random: Callable[[int], bytes] = os.urandom,
) -> Case:
    """Take a case of a bench; the bench goes on as if nothing had been.

    Args:
        bench: the bench.
        serials: which tokens; ``None``: all that are on it.
        servers: servers to be asked what they keep of the tokens now, by name.
        title: what it is about; it becomes one line.
        note: what to say about it.
        failure: what was expected and what was got. What looks like a code is blotted out
            in all three, and what is too long is cut.
        seed: of the whole test or study; short for ``seeds={"all": seed}``.
        seeds: seeds of random streams, by what they are for.
        since: a record of the journal to begin at, or before; ``None``: as far back as
            it goes.
        own_secrets: an explicit export: the tokens' own secrets stay in it.
        random: draws the bytes of made-up secrets.

    Returns:
        The case.

    Raises:
        UsageError: no such token, none at all, or the journal doesn't say where one began.
        StateError: the journal can't be read.
    """
    chosen = bench.serials() if serials is None else tuple(dict.fromkeys(serials))
    if not chosen:
        raise UsageError("a case of no token; put one on the bench, or name one")
    ends = [_end(bench, serial) for serial in chosen]
    faults: list[str] = []
    found = dict(seeds) | ({} if seed is None else {"all": seed})
    for name, value in found.items():
        if not f"{name}{value}".isprintable() or max(len(name), len(str(value))) > MAX_TITLE:
            raise UsageError(
                f"seed {name[:40]!r}: allowed are printable names and seeds of up to {MAX_TITLE}"
                " characters"
            )
    if isinstance(bench.faults, FaultEngine):
        found.setdefault("faults", bench.faults.seed)
        faults = [
            f"{serial}: {line}" for serial in chosen for line in bench.faults.fault_list(serial)
        ]
    return _case(
        bench.journal,
        ends,
        servers=servers,
        since=since,
        own_secrets=own_secrets,
        random=random,
        texts=(title, note, failure),
        clock_mode=bench.clock_mode,
        rate=str(bench.rate),
        seeds={name: str(value) for name, value in found.items()},
        faults=tuple(faults),
    )


def take_stored(
    journal: Journal,
    configs: Iterable[Config],
    *,
    servers: Mapping[str, Keeps] = NO_SERVERS,
    title: str = "",
    note: str = "",
    since: int | None = None,
    own_secrets: bool = False,
    random: Callable[[int], bytes] = os.urandom,
) -> Case:
    """Take a case of tokens that nobody serves now, from what their journal tells.

    Arguments as of :func:`take`; ``configs`` are the tokens', for their secrets.

    Raises:
        UsageError: no token, or the journal doesn't say where one began.
        StateError: the journal can't be read.
    """
    ends = [_stored_end(journal, config) for config in configs]
    if not ends:
        raise UsageError("a case of no token; name one that is kept")
    return _case(
        journal,
        ends,
        servers=servers,
        since=since,
        own_secrets=own_secrets,
        random=random,
        texts=(title, note, ""),
    )


def _case(
    journal: Journal,
    ends: Sequence[_End],
    *,
    servers: Mapping[str, Keeps],
    since: int | None,
    own_secrets: bool,
    random: Callable[[int], bytes],
    texts: tuple[str, str, str],
    **header: Any,  # noqa: ANN401  # fields of Case
) -> Case:
    known = {}
    for end in ends:
        config = end.config
        known[config.key_id] = config.secret
    kept = []
    for name, server in servers.items():
        for end in ends:
            try:
                record = server.get(end.config.serial)
            except RecordError:
                continue
            known[key_id(record.secret, record.algorithm)] = record.secret
            kept.append(ServerEnd(name, record.serial, kept_text(record, server.policy)))
    serials = [end.config.serial for end in ends]
    title, note, failure = (_cleaned(text, known.values(), serials) for text in texts)
    records = _records(journal, ends, since)
    case = Case(
        galh=release(),
        python=platform.python_version(),
        title=" ".join(title.split())[:MAX_TITLE],
        note=note,
        failure=failure,
        own_secrets=own_secrets,
        keys=dict.fromkeys(_key_ids(records, kept), Secret(bytes(_SECRET_BYTES))),
        tokens=tuple(TokenEnd(end.config.serial, end.at_ns, end.digest) for end in ends),
        servers=tuple(kept),
        records=records,
        **header,
    )
    return _keyed(case, known, random)


def _keyed(case: Case, known: Mapping[str, Secret], random: Callable[[int], bytes]) -> Case:
    """Give each key a secret under which all verdicts come out as they did."""
    acts = acts_of(case)
    for _ in range(_DRAWS):
        keys = {
            name: own
            if case.own_secrets and (own := known.get(name)) is not None
            else Secret.again(random(len(known.get(name, b"x" * _SECRET_BYTES))))
            for name in case.keys
        }
        case = replace(case, keys=keys)
        if all(judged.same for judged in judge(case, acts)):
            break
    return case


def _key_ids(records: Iterable[Record], kept: Iterable[ServerEnd]) -> list[str]:
    found = [key_id_in(end.kept) for end in kept]
    for record in records:
        event = record.event
        if isinstance(event, Placed):
            assert isinstance(event.state, str)  # noqa: S101  # _plain saw to it
            found.append(key_id_in(event.state))
        elif isinstance(event, ServerPlaced):
            found.append(key_id_in(event.kept))
    return list(dict.fromkeys(found))


def _end(bench: Bench, serial: str) -> _End:
    config = bench.config(serial)
    try:
        state = bench.state(serial)
    except StateError:
        return _stored_end(bench.journal, config)
    return _End(state.config, state.now_ns, digest(state), bench.journal.visible)


def _stored_end(journal: Journal, config: Config) -> _End:
    """Return where a token's journal leads to; one that left the bench was there before."""
    last, kinds = journal.visible, (Placed, Removed, Stopped)
    stopped = False
    for record in journal.back(last, config.serial, kinds):
        if isinstance(record.event, Removed):
            last = record.sequence - 1
        stopped = stopped or isinstance(record.event, Stopped)
        if isinstance(record.event, Placed) and record.event.why != CHECKPOINT:
            break
    state = state_at(journal, config, last)
    return _End(config, state.now_ns, None if stopped else digest(state), last)


def _records(journal: Journal, ends: Iterable[_End], since: int | None) -> tuple[Record, ...]:
    found: list[Record] = []
    first = journal.visible
    last = 0
    for end in ends:
        serial = end.config.serial
        start = _start(journal, end, since)
        first, last = min(first, start), max(last, end.sequence)
        found += journal.read(
            start - 1, end.sequence - start + 1, until=end.sequence, serials=(serial,)
        )
    found += journal.read(first - 1, last, until=last, serials=("",))
    return tuple(sorted(map(_plain, found), key=lambda record: record.sequence))


def _start(journal: Journal, end: _End, since: int | None) -> int:
    start = None
    for record in journal.back(end.sequence, end.config.serial, (Placed,)):
        start = record.sequence
        if since is not None and start <= since:
            break
    if start is None:
        raise UsageError(
            f"the journal doesn't say where {end.config.serial} began: that is too long ago"
            f" (records {journal.oldest} to {journal.visible} are kept)"
        )
    return start


def _plain(record: Record) -> Record:
    """Return a record as a log keeps it, without digits and without what a client asked by."""
    event = record.event
    if isinstance(event, Lit):
        event = event._replace(code="")
    elif isinstance(event, Placed) and isinstance(event.state, State):
        event = replace(event, state=to_json(event.state))
    return record._replace(event=event, key=None)


def _cleaned(text: str, secrets: Iterable[Secret], serials: Iterable[str]) -> str:
    """Blot out codes and secrets, whatever they are written as; cut what is too long.

    The digits of a serial number stay.
    """
    for secret in secrets:
        raw = secret.reveal()
        based = (base64.b32encode(raw), base64.b64encode(raw))
        forms = [raw.hex(), raw.decode("latin-1")]
        forms += [form.decode().rstrip("=") for form in based]
        for form in forms:
            text = re.sub(re.escape(form), "[secret]", text, flags=re.IGNORECASE)
    kept = "|".join(map(re.escape, serials))
    text = re.sub(f"({kept})|{_CODE}", lambda found: found[1] or "******", text.expandtabs())
    shown = "".join(c if c.isprintable() or c == "\n" else "?" for c in text)
    return shown if len(shown) <= MAX_TEXT else shown[: MAX_TEXT - 1] + "…"
