"""The practice portal's JSON API, under the logins of its practice accounts.

A session that ended, as they do when the clock is moved, is opened anew. Nothing in here is
secret: practice passwords are published, and a portal that has them is on this machine.
"""

import re
import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from hosttools.benchanswers import as_mapping, value
from hosttools.benchwire import NO_BENCH, Peer, Wire
from hosttools.errors import HostError
from hosttools.portal.accounts import Role
from hosttools.portal.practice import PEOPLE
from hosttools.portal.refusals import Why
from hosttools.servers.seam import ServerError, clean

if TYPE_CHECKING:
    import httpx

SUPPORT: Final = "support"
REASON: Final = "asked for by a program under test"

_PEER: Final = Peer("a practice portal", "galh portal serve")
_PASSWORDS: Final = {person.account.name: person.password for person in PEOPLE}
_CODE: Final = re.compile(r"(?<!\d)\d(?: ?\d){5}(?!\d)")
PASSWORD: Final = next(p.password for p in PEOPLE if p.account.role is Role.DOCTOR)
"""Of every practice doctor."""

_TIMEOUT_S: Final = 60.0
"""A portal under load makes people wait for their turn at the database."""


class PortalRefusal(HostError):  # noqa: N818  # no failure: an answer
    """What the portal says no to.

    Args:
        why: its reason, as programs read it; empty: the request itself can't be.
        detail: what the page would tell.
    """

    def __init__(self, why: str, detail: str) -> None:
        super().__init__(clean(detail))
        self.why: Final = why
        self.detail: Final = detail

    def because(self, why: Why) -> bool:
        """Return whether that is the reason."""
        return self.why == why.value


class _PortalWire(Wire):
    """A wire that knows a portal's refusals from errors."""

    def refusal(self, response: "httpx.Response") -> HostError:
        """Return the error that a response is."""
        error = super().refusal(response)
        try:
            problem = as_mapping(response.json())
            if response.is_client_error:
                return PortalRefusal(str(problem.get("code", "")), value(problem, "detail", str))
        except NO_BENCH:
            pass
        return error


class PortalApi:
    """A practice portal as programs see it. Several threads may ask at a time.

    Args:
        url: where it is.
        transport: what carries the requests; ``None``: the network.
    """

    def __init__(self, url: str, *, transport: "httpx.BaseTransport | None" = None) -> None:
        self._wire = _PortalWire(url, transport=transport, peer=_PEER, timeout_s=_TIMEOUT_S)
        self._tokens: dict[str, str] = {}
        self._passwords = dict(_PASSWORDS)
        self._one = threading.Lock()

    def close(self) -> None:
        """Close its connections."""
        self._wire.close()

    def open(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:  # noqa: ANN401  # JSON
        """Ask without a session."""
        return self._wire.fetch(method, path, body)

    def ask(
        self,
        user: str,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
    ) -> Any:  # noqa: ANN401  # JSON may be anything
        """Ask under somebody's login.

        Args:
            user: a practice account.
            method: HTTP's.
            path: below the API's.
            body: to be sent as JSON.

        Raises:
            PortalRefusal: the portal says no.
            HostError: nothing sensible comes back.
            ServerError: there is no such practice account.
        """
        known = self._tokens.get(user)
        if known is not None:
            try:
                return self._send(known, method, path, body)
            except PortalRefusal as e:
                if not e.because(Why.NOT_LOGGED_IN):
                    raise
        return self._send(self._log_in(user, known), method, path, body)

    def support(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:  # noqa: ANN401  # JSON
        """Ask as the support desk, which has to say why it does something."""
        reasoned = None if method == "GET" else {"reason": REASON, **(body or {})}
        return self.ask(SUPPORT, method, f"/support{path}", reasoned)

    def proven(self, user: str, method: str, path: str, body: Mapping[str, Any]) -> Any:  # noqa: ANN401  # JSON
        """Ask for what takes the phone's code first."""
        try:
            return self.ask(user, method, path, body)
        except PortalRefusal as e:
            if not e.because(Why.NOT_PROVEN):
                raise
        self._prove(user)
        return self.ask(user, method, path, body)

    def phone_code(self, user: str) -> str:
        """Return the one-time code of the newest message on somebody's phone; empty: none."""
        messages = self.ask(user, "GET", "/phone/messages")
        with self._wire.reading("messages"):
            found = _CODE.search(value(messages[-1], "text", str)) if messages else None
        return found[0].replace(" ", "") if found else ""

    def log_out(self, user: str) -> None:
        """End somebody's session."""
        with self._one:
            token = self._tokens.pop(user, None)
        if token is not None:
            self._send(token, "DELETE", "/session", None)

    def hire(self, name: str) -> None:
        """Have the support desk make a practice doctor; one that is there already stays."""
        try:
            self.support("POST", "/people", {"account": name})
        except PortalRefusal as e:
            if not e.because(Why.CONFLICT):
                raise
        self._passwords[name] = PASSWORD

    def _prove(self, user: str) -> None:
        try:
            self.ask(user, "POST", "/proof/send", {"channel": "sms"})
        except PortalRefusal as e:
            # A portal limits how often people are called; a measurement is no person.
            if not e.because(Why.TOO_MANY):
                raise
            self.support("POST", f"/people/{user}/allow-again")
            self.ask(user, "POST", "/proof/send", {"channel": "sms"})
        self.ask(user, "POST", "/proof", {"code": self.phone_code(user)})

    def _log_in(self, user: str, over: str | None) -> str:
        if user not in self._passwords:
            raise ServerError(f"{user[:40]!r} is none of the practice's: {', '.join(_PASSWORDS)}")
        with self._one:
            known = self._tokens.get(user)
            if known is not None and known != over:
                return known  # another thread was first
            login = {"name": user, "password": self._passwords[user]}
            opened = self._wire.send("POST", "/session", login)
            with self._wire.reading("a session"):
                token = self._tokens[user] = value(opened, "token", str)
            return token

    def _send(self, token: str, method: str, path: str, body: Mapping[str, Any] | None) -> Any:  # noqa: ANN401  # JSON
        bearer = {"Authorization": f"Bearer {token}"}
        return self._wire.fetch(method, path, body, headers=bearer, again=method == "GET")
