"""privacyIDEA as the server under test, over its HTTP interface.

Target: ``privacyidea:URL,clock=FILE``. The administrator's name is in
``GALH_PRIVACYIDEA_USER`` (``admin`` if not), the password in the file that
``GALH_PRIVACYIDEA_PASSWORD_FILE`` names, or in ``GALH_PRIVACYIDEA_PASSWORD``; the clock is
that of ``launch/privacyidea.py``. Needs the extra ``web``.

Tokens have no owner on it: it tells them apart by their serial numbers, and fails and locks
each alone.
"""

import os
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from emulator.loopback import is_loopback
from emulator.serverview import ServerView
from firmware_model.profile import TokenType
from hosttools.benchwire import import_httpx
from hosttools.errors import UsageError
from hosttools.seedfiles.model import SeedRecord
from hosttools.seedfiles.oath_csv import write_oath_csv
from hosttools.servers.clockfile import ClockedServer, ClockFile
from hosttools.servers.seam import Answer, Can, Enrolment, Outcome, Server, ServerError
from hosttools.servers.target import read_target, secret_of

USER_VARIABLE: Final = "GALH_PRIVACYIDEA_USER"
PASSWORD_VARIABLE: Final = "GALH_PRIVACYIDEA_PASSWORD"  # noqa: S105  # where it is, not what
DEFAULT_USER: Final = "admin"

TIMEOUT_S: Final = 30.0

_UNAUTHORISED: Final = 401

_WORDS: Final[Mapping[str, Outcome]] = {
    "previous otp used again": Outcome.REPLAYED,
    "failcounter exceeded": Outcome.LOCKED,
    "token is locked": Outcome.LOCKED,
}
"""What is in its message when it says more than no. Source: its lib/token/auth.py."""

_TIMED_WINDOW_S: Final = 180
"""Its default of ``timeWindow``."""


class PrivacyIdea(ClockedServer):
    """A privacyIDEA server. Several threads may ask it at once.

    Args:
        url: where it is.
        user: an administrator's name.
        password: of that one.
        clock: the server's, if it was started with one.

    Raises:
        UsageError: httpx is not installed, or no URL.
    """

    def __init__(
        self,
        url: str,
        *,
        user: str = DEFAULT_USER,
        password: str,
        clock: ClockFile | None = None,
    ) -> None:
        self.name = "privacyIDEA"
        self.can = frozenset(Can) - {Can.SYNC, Can.CLOCK, Can.PROCEDURE}
        if clock is not None:
            self.can |= {Can.CLOCK}
        self._httpx = import_httpx("privacyIDEA")
        try:
            place = self._httpx.URL(url)
        except self._httpx.InvalidURL:
            raise _no_url() from None
        if place.scheme not in {"http", "https"} or not place.host or place.userinfo:
            raise _no_url()
        self._client = self._httpx.Client(
            base_url=place,
            headers={"Accept-Language": "en"},  # the words of which are known here
            timeout=TIMEOUT_S,
            trust_env=not is_loopback(place.host),
        )
        self._user, self._password = user, password
        self._clock = clock
        self._logging_in = threading.Lock()
        self._pass = ""

    def enrol(self, token: Enrolment) -> None:
        """Make a token; one that begins further on is imported, as only that sets a counter."""
        if token.token_type is TokenType.EVENT and token.counter:
            self._import(token)
            return
        settings: dict[str, object] = {
            "serial": token.serial,
            "otpkey": token.secret.reveal().hex(),
            "hashlib": token.algorithm.value.lower(),
            "otplen": token.digits,
            "type": "hotp",
        }
        if token.token_type is TokenType.TIME:
            settings |= {"type": "totp", "timeStep": token.step_s}
        self._as_admin("POST", "/token/init", json=settings)

    def verify(self, serial: str, code: str) -> Answer:
        """Submit one code of a token without a PIN."""
        said = self._send("POST", "/validate/check", json={"serial": serial, "pass": code})
        words = str((said.get("detail") or {}).get("message", ""))
        return Answer(_outcome(said["result"], words), words)

    def resync(self, serial: str, code1: str, code2: str) -> Answer:
        """Submit two codes in a row, as an administrator does."""
        pair = {"serial": serial, "otp1": code1, "otp2": code2}
        said = self._as_admin("POST", "/token/resync", json=pair)
        return Answer(Outcome.ACCEPTED if said["result"]["value"] is True else Outcome.REFUSED)

    def unlock(self, serial: str) -> None:
        """Set a token's failure counter to 0."""
        self._as_admin("POST", "/token/reset", json={"serial": serial})

    def remove(self, serial: str) -> None:
        """Delete a token."""
        self._as_admin("DELETE", f"/token/{serial}")

    def view(self, serial: str) -> ServerView:
        """Return what it tells of a token; its half-open windows as inclusive ones."""
        said = self._as_admin("GET", "/token/", params={"serial": serial})
        try:
            [token] = said["result"]["value"]["tokens"]
            locked = token["failcount"] >= token["maxfail"] or bool(token.get("locked"))
            resync_window = token["sync_window"] - 1
            if token["tokentype"].lower() == "totp":
                info = token["info"]
                step_s, shift_s = int(info["timeStep"]), float(info.get("timeShift") or 0)
                window_s = int(info.get("timeWindow") or _TIMED_WINDOW_S)
                return ServerView(
                    name=self.name,
                    step_offset=int((said["time"] + shift_s) / step_s) - int(said["time"] / step_s),
                    look_ahead=window_s // step_s - 1,  # the nearer edge: one less than behind
                    resync_window=resync_window,
                    locked=locked,
                )
            return ServerView(
                name=self.name,
                next_counter=token["count"],
                look_ahead=token["count_window"] - 1,
                resync_window=resync_window,
                locked=locked,
            )
        except (KeyError, TypeError, ValueError) as e:
            raise ServerError(f"{self.name} does not tell of {serial} as it should: {e}") from e

    def close(self) -> None:
        """Close its connections."""
        self._client.close()

    def _import(self, token: Enrolment) -> None:
        record = SeedRecord(
            serial=token.serial,
            secret=token.secret,
            token_type=token.token_type,
            algorithm=token.algorithm,
            digits=token.digits,
            counter=token.counter,
        )
        try:
            text = write_oath_csv([record])
        except UsageError as e:
            raise ServerError(f"{self.name} can't import {token.serial}: {e}") from e
        file = {"file": ("tokens.csv", text.encode())}
        self._as_admin("POST", "/token/load/tokens.csv", data={"type": "oathcsv"}, files=file)

    def _as_admin(self, method: str, path: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401  # httpx's
        """Send what needs a login; log in first, and again when it has run out."""
        before = self._pass
        if before:
            said = self._send(method, path, may_fail=True, **self._signed(more))
            if said:
                return said
        with self._logging_in:
            if self._pass == before:  # else another thread has done it meanwhile
                self._pass = self._log_in()
        return self._send(method, path, **self._signed(more))

    def _signed(self, more: dict[str, Any]) -> dict[str, Any]:
        return {**more, "headers": {"PI-Authorization": self._pass}}

    def _log_in(self) -> str:
        login = {"username": self._user, "password": self._password}
        return str(self._send("POST", "/auth", json=login)["result"]["value"]["token"])

    def _send(
        self,
        method: str,
        path: str,
        *,
        may_fail: bool = False,
        **more: Any,  # noqa: ANN401  # httpx's
    ) -> dict[str, Any]:
        """Return what it answers; empty if the login has run out and ``may_fail``."""
        try:
            response = self._client.request(method, path, **more)
            said = response.json()
            result = said["result"]
            if result["status"] is not True:
                if may_fail and response.status_code == _UNAUTHORISED:
                    return {}
                raise ServerError(f"{self.name} says no to {path}: {result['error']['message']}")
        except self._httpx.HTTPError as e:
            raise ServerError(f"no answer from {self._client.base_url}: {e}") from e
        except (KeyError, TypeError, ValueError) as e:
            raise ServerError(f"{self._client.base_url} does not answer as privacyIDEA does") from e
        return dict(said)


def _outcome(result: Mapping[str, Any], words: str) -> Outcome:
    if result.get("value") is True:
        return Outcome.ACCEPTED
    if result.get("authentication") == "CHALLENGE":
        return Outcome.CHALLENGED
    lower = words.lower()
    return next((outcome for key, outcome in _WORDS.items() if key in lower), Outcome.REFUSED)


def _no_url() -> UsageError:
    return UsageError(
        "no URL of a privacyIDEA; one looks like http://127.0.0.1:5000, without a password:"
        f" that is in {PASSWORD_VARIABLE}_FILE"
    )


def open_server(target: str) -> Server:
    """Open a privacyIDEA.

    Args:
        target: ``URL,clock=FILE``.

    Raises:
        UsageError: a target that can't be, or no password.
    """
    url, settings = read_target(target, ["clock"])
    password = secret_of(PASSWORD_VARIABLE)
    if password is None:
        raise UsageError(
            f"no password of a privacyIDEA administrator: name its file in {PASSWORD_VARIABLE}_FILE"
        )
    return PrivacyIdea(
        url,
        user=os.environ.get(USER_VARIABLE, DEFAULT_USER),
        password=password,
        clock=ClockFile(Path(settings["clock"])) if "clock" in settings else None,
    )
