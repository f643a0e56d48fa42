"""A server that is driven by a description: the verbs, without how anything is sent.

What it keeps of a token is what the server gave for it, never its secret.
"""

import re
import threading
import time
from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import fields
from typing import Final, Generic

from emulator.errors import UsageError
from emulator.serverview import ServerView
from hosttools.servers.described.placeholders import Value, always, blotted, of_enrolment
from hosttools.servers.described.replies import Reply, any_holds
from hosttools.servers.described.verbs import SESSION, SUBMISSIONS, VIEW, Common, S, Step
from hosttools.servers.seam import Answer, Enrolment, Server, ServerError, clean

Send = Callable[[S, Mapping[str, Value]], Reply]
"""Sends one step, values in place, and returns what comes back."""

_TAG: Final = re.compile(r"<[^>]*>")
_LONGEST_SHOWN: Final = 200
_LONGEST_NUMBER: Final = 20  # digits of 2**64
_VIEW_FIELDS: Final = tuple(f.name for f in fields(ServerView) if f.name != "name")


class _Values(dict[str, Value]):
    """Placeholders' values. One that tokens have of their own may be missing for a token."""

    def __missing__(self, name: str) -> Value:
        raise ServerError(
            f"nothing is known to stand for {{{name}}} of {self.get('serial', 'the server')};"
            " give it in the table tokens, or enrol the token first"
        )


class DescribedServer(Server, Generic[S]):
    """A server behind a description.

    Args:
        common: what every description has.
        verbs: the steps of each verb.
        host_ns: reads the host's time, ns since 1970, UTC.
        running_ns: reads a clock of the host that only runs forward.
    """

    def __init__(
        self,
        common: Common,
        verbs: Mapping[str, Sequence[S]],
        *,
        host_ns: Callable[[], int] = time.time_ns,
        running_ns: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        self.name = common.name
        self.can = common.can(verbs)
        self._verbs = verbs
        self._host_ns = host_ns
        self._running_ns = running_ns
        self._set_ns: int | None = None
        self._secrets = {name: source.read() for name, source in common.secrets.items()}
        self._given = {
            serial: {name: source.read() for name, source in given.items()}
            for serial, given in common.tokens.items()
        }
        self._learnt: dict[str, Mapping[str, Value]] = {}
        self._session: Mapping[str, Value] = {}
        self._session_ns = common.session_ns
        self._session_ends_ns: int | None = None
        self._logging_in = threading.Lock()

    @abstractmethod
    def _sending(self, verb: str) -> AbstractContextManager[Send[S]]:
        """Return what sends the steps of a verb, for one time that it is asked for."""

    def enrol(self, token: Enrolment) -> None:
        """Make a token known, and remember what the server gave for it."""
        if "enrol" not in self._verbs:
            super().enrol(token)
        user = {"user": token.holder} if token.user else {}
        known = self._of(token.serial) | user
        _, taken = self._play("enrol", known | of_enrolment(token))
        self._learnt[token.serial] = {"user": known["user"], **taken}

    def sync(self, serial: str, code1: str, code2: str) -> Answer:
        """Submit the add form."""
        if "sync" not in self._verbs:
            return super().sync(serial, code1, code2)
        return self._submit("sync", serial, {"code1": code1, "code2": code2})

    def verify(self, serial: str, code: str) -> Answer:
        """Submit one code."""
        return self._submit("verify", serial, {"code": code})

    def resync(self, serial: str, code1: str, code2: str) -> Answer:
        """Submit the resync form."""
        if "resync" not in self._verbs:
            return super().resync(serial, code1, code2)
        return self._submit("resync", serial, {"code1": code1, "code2": code2})

    def unlock(self, serial: str) -> None:
        """Forget a token's failures."""
        if "unlock" not in self._verbs:
            super().unlock(serial)
        self._play("unlock", self._of(serial))

    def remove(self, serial: str) -> None:
        """Make a token unknown again, here too."""
        if "remove" not in self._verbs:
            super().remove(serial)
        self._play("remove", self._of(serial))
        self._learnt.pop(serial, None)

    def view(self, serial: str) -> ServerView:
        """Return what the server believes of a token."""
        if VIEW not in self._verbs:
            return super().view(serial)
        _, taken = self._play(VIEW, self._of(serial))
        try:
            told = {name: _plain(taken[name]) for name in _VIEW_FIELDS if name in taken}
            return ServerView.from_mapping({"name": self.name, **told})
        except UsageError as e:
            raise ServerError(f"{self.name}: {VIEW}: {e}") from None

    def set_clock(self, now_ns: int) -> None:
        """Put the server's clock to a time."""
        if "clock" not in self._verbs:
            super().set_clock(now_ns)
        self._play("clock", always(now_ns))
        self._set_ns = now_ns

    def _of(self, serial: str) -> dict[str, Value]:
        return {
            "serial": serial,
            "user": serial.lower(),
            **self._given.get(serial, {}),
            **self._learnt.get(serial, {}),
        }

    def _submit(self, verb: str, serial: str, codes: Mapping[str, Value]) -> Answer:
        answer, _ = self._play(verb, {**self._of(serial), **codes})
        assert answer is not None  # noqa: S101  # _steps raises if the last step has none
        return answer

    def _play(
        self, verb: str, own: Mapping[str, Value]
    ) -> tuple[Answer | None, Mapping[str, Value]]:
        """Do a verb; return its answer, and what was taken from replies on the way."""
        self._log_in()
        return self._steps(verb, {**self._session, **own})

    def _log_in(self) -> None:
        if SESSION not in self._verbs:
            return
        with self._logging_in:
            ends_ns = self._session_ends_ns
            if ends_ns is None or self._running_ns() >= ends_ns:
                _, self._session = self._steps(SESSION, {})
                self._session_ends_ns = self._running_ns() + self._session_ns

    def _steps(
        self, verb: str, own: Mapping[str, Value]
    ) -> tuple[Answer | None, Mapping[str, Value]]:
        now_ns = self._host_ns() if self._set_ns is None else self._set_ns
        values = _Values({**always(now_ns), **self._secrets, **own})
        taken: dict[str, Value] = {}
        with self._sending(verb) as send:
            for step in self._verbs[verb]:
                reply = send(step, values)
                answer = step.answers.judge(reply) if step.answers else None
                if answer is not None:
                    return Answer(answer.outcome, blotted(answer.reason, values)), taken
                if not any_holds(step.expect, reply):
                    raise self._unknown(verb, step, reply, values)
                taken |= self._take(step, reply, all_of_it=verb != VIEW)
                values |= taken
        return None, taken

    def _take(self, step: Step, reply: Reply, *, all_of_it: bool) -> Mapping[str, Value]:
        taken: dict[str, Value] = {}
        for name, extract in step.extract.items():
            value = extract.of(reply)
            if value is not None:
                taken[name] = value
            elif all_of_it:
                raise ServerError(
                    f"{self.name}: {step.where}.extract.{name}: not found in an answer with"
                    f" {reply.status}"
                )
        return taken

    def _unknown(
        self, verb: str, step: Step, reply: Reply, values: Mapping[str, Value]
    ) -> ServerError:
        """Return the error of a reply that no rule knows, with its words if they can be shown."""
        words = ""
        if verb in SUBMISSIONS:  # others may tell secrets of the server's own making
            bare = clean(_TAG.sub(" ", blotted(reply.text, values)))[:_LONGEST_SHOWN]
            words = f": {bare}" if bare else ""
        return ServerError(
            f"{self.name}: {step.where}: an answer that no rule knows, with {reply.status}{words}"
        )


def _plain(value: Value) -> Value:
    """Return a number or a truth that a server wrote as text as what it is."""
    match value:
        case "true" | "false":
            return value == "true"
        case str() if value.isascii() and value.isdecimal() and len(value) <= _LONGEST_NUMBER:
            return int(value)
        case _:
            return value
