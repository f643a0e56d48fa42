"""The practice portal on the seam: all of it through its JSON API, as people use its pages.

A token is added with the form, after a code by phone; a code is submitted by signing a
prescription with it. So what is measured is the portal and not the server behind it. The
portal's own limits on people (texts to a phone) are lifted by its support desk. Needs the
extra ``portal``.
"""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from emulator.errors import UsageError as ViewError
from emulator.serverview import ServerView
from firmware_model.errors import FirmwareError
from firmware_model.identifier import identify
from firmware_model.nvm import Config, configure
from firmware_model.oath import Algorithm, Secret
from hosttools.errors import HostError, UsageError
from hosttools.portal.accounts import Role
from hosttools.portal.practice import PEOPLE, PIN
from hosttools.portal.refusals import Why
from hosttools.refserver.record import serial_of
from hosttools.servers.launch.portal import start
from hosttools.servers.launch.process import Process
from hosttools.servers.portalacts import ACTS, Act, filled
from hosttools.servers.portalapi import REASON, PortalApi, PortalRefusal
from hosttools.servers.seam import Answer, Can, Enrolment, Outcome, Reply, Server, ServerError
from hosttools.servers.target import read_target

if TYPE_CHECKING:
    import httpx

DOCTOR: Final = "dr.adams"
"""Who holds the tokens of everybody who is none of the practice's doctors."""

_DOCTORS: Final = frozenset(p.account.name for p in PEOPLE if p.account.role is Role.DOCTOR)
_PATIENT: Final = "mara-ivers"
_DRAFT: Final = {"drug": "samplodone-5", "quantity": 20, "directions": "One at night"}
_OUTCOMES: Final = {Why.LOCKED.value: Outcome.LOCKED, Why.TOO_MANY.value: Outcome.THROTTLED}
"""Of any other reason: refused."""

_COMPOSITE: Final = frozenset({"log_in", "log_out", "phone_code"})


class PortalServer(Server):
    """A practice portal.

    Several threads may ask it at once. Its clock can be set if it was started with
    ``--clock manual``, and :attr:`can` says so.

    Args:
        url: where it is, as ``galh portal serve`` prints it.
        process: the portal's, if it was started for this; stopped with it.
        transport: what carries the requests; ``None``: the network.
        hires: whether each holder becomes a doctor of the practice; else the tokens of all
            who are none of its doctors are held by one.

    Raises:
        ServerError: nobody is there, or it is no portal with practice accounts.
    """

    name = "portal"
    acts = frozenset(ACTS) | _COMPOSITE

    def __init__(
        self,
        url: str,
        *,
        process: Process | None = None,
        transport: "httpx.BaseTransport | None" = None,
        hires: bool = False,
    ) -> None:
        self._process = process
        self._hires = hires
        self._holders: dict[str, str] = {}
        self._ready: list[tuple[str, str]] = []
        self._one = threading.Lock()
        with _reached():
            self._api = PortalApi(url, transport=transport)
            try:
                clock = self._clock_can_be_set()
            except HostError:
                self._api.close()
                raise
        self.can = frozenset(Can) - (frozenset() if clock else {Can.CLOCK})

    def enrol(self, token: Enrolment) -> None:
        """Have the support desk take a token in, for a doctor to add."""
        holder = token.user if token.user in _DOCTORS else DOCTOR
        if self._hires and token.user not in _DOCTORS:
            holder = f"dr.{token.holder}"
        seed = {
            "serial": token.serial,
            "type": token.token_type.value,
            "secret": token.secret.reveal().hex(),
            "algorithm": token.algorithm.value,
            "digits": token.digits,
            "step_s": token.step_s,
            "counter": token.counter,
        }
        with _reached():
            if self._hires:
                self._api.hire(holder)
            self._api.support("POST", "/tokens", {"tokens": [seed], "holder": holder})
            self._holders[serial_of(token.serial)] = holder

    def sync(self, serial: str, code1: str, code2: str) -> Answer:
        """Submit the add form, once."""
        return self._form("add", serial, code1, code2, {"form": "add"})

    def resync(self, serial: str, code1: str, code2: str) -> Answer:
        """Submit the resync form, once."""
        return self._form("resync", serial, code1, code2, {"form": "resync", "serial": serial})

    def verify(self, serial: str, code: str) -> Answer:
        """Sign a prescription with a code and the doctor's PIN."""
        doctor = self._holder(serial)
        with _reached():
            prescription = self._prescription(doctor)
            factors = {"known": "pin", "secret": PIN, "code": code, "serial": serial}
            body = {"prescriptions": [prescription], **factors}
            try:
                self._api.ask(doctor, "POST", "/sign", body)
            except PortalRefusal as e:
                with self._one:
                    self._ready.append((doctor, prescription))
                return _refused(e)
        return Answer(Outcome.ACCEPTED)

    def unlock(self, serial: str) -> None:
        """Have the support desk forget a token's failures."""
        with _reached():
            self._api.support("POST", f"/tokens/{serial_of(serial)}/unlock")

    def remove(self, serial: str) -> None:
        """Have the support desk forget a token."""
        with _reached():
            self._api.support("POST", f"/tokens/{serial_of(serial)}/remove")
        self._holders.pop(serial_of(serial), None)

    def view(self, serial: str) -> ServerView:
        """Return what the support desk sees."""
        with _reached(), _reading():
            told = self._api.support("GET", f"/tokens/{serial_of(serial)}")
            return ServerView.from_mapping(told["view"])

    def set_clock(self, now_ns: int) -> None:
        """Have the support desk put its clock to a time, ns since 1970, UTC."""
        if Can.CLOCK not in self.can:
            super().set_clock(now_ns)
        with _reached():
            self._api.support("PUT", "/clock", {"now_ns": now_ns})

    def set_policy(self, name: str) -> None:
        """Have the support desk treat tokens by another policy."""
        with _reached():
            self._api.support("PUT", "/policy", {"policy": name})

    def set_bugs(self, names: tuple[str, ...]) -> None:
        """Have the support desk switch these bugs on, and no others."""
        with _reached():
            self._api.support("PUT", "/bugs", {"bugs": list(names)})

    def take_out_tokens(self) -> None:
        """Make the practice's own tokens unknown, so that any can be enrolled."""
        with _reached(), _reading():
            for row in self._api.support("GET", "/tokens?limit=200"):
                self.remove(row["serial"])

    def ask(self, act: str, user: str, given: Mapping[str, Any]) -> Reply:
        """Have one of :attr:`acts` done, under a practice account's login."""
        if act not in self.acts:
            super().ask(act, user, given)
        with _reached():
            try:
                told = self._done(act, user, given)
            except PortalRefusal as e:
                return Reply(accepted=False, told={"code": e.why, "detail": e.detail})
        refused = isinstance(told, Mapping) and (told.get("accepted") is False or told.get("wrong"))
        return Reply(accepted=not refused, told=told)

    def unpack(self, user: str, parcel: int) -> Config:
        """Take a fob out of the parcel of an order; the portal hands out its secret once."""
        with _reached(), _reading():
            fob = self._api.ask(user, "POST", f"/orders/{int(parcel)}/unpack")
            self._holders[fob["serial"]] = user
            serial, profile = identify(fob["serial"])
            return configure(
                serial,
                profile,
                Secret(bytes.fromhex(fob["secret"])),
                algorithm=Algorithm(fob["algorithm"]),
                digits=fob["digits"],
                step_s=fob["step_s"],
                first_counter=fob["counter"],
            )

    def close(self) -> None:
        """Take back the prescriptions that nobody signed; end the portal that was started."""
        with self._one:
            unsigned, self._ready = self._ready, []
        for doctor, prescription in () if self._process else unsigned:
            try:
                self._api.ask(doctor, "POST", f"/prescriptions/{prescription}/discard")
            except HostError:
                break  # it is gone; nothing can be left tidy
        self._api.close()
        if self._process is not None:
            self._process.stop()
            self._process = None

    def _holder(self, serial: str) -> str:
        return self._holders.get(serial_of(serial), DOCTOR)

    def _form(
        self, form: str, serial: str, code1: str, code2: str, opening: Mapping[str, str]
    ) -> Answer:
        doctor = self._holder(serial)
        with _reached(), _reading():
            try:
                opened = self._api.proven(doctor, "POST", "/devices/forms", opening)
                codes = {"serial": serial, "code1": code1, "code2": code2}
                body = {"form_id": opened["form_id"], **codes}
                told = self._api.ask(doctor, "POST", f"/devices/{form}", body)
            except PortalRefusal as e:
                return _refused(e)
            if told["accepted"]:
                return Answer(Outcome.ACCEPTED, told["message"])
            locked = told["status"] == "locked"
            return Answer(Outcome.LOCKED if locked else Outcome.REFUSED, told["message"])

    def _prescription(self, doctor: str) -> str:
        """Return one that can be signed: of several threads, each gets another."""
        with self._one:
            for entry in self._ready:
                if entry[0] == doctor:
                    self._ready.remove(entry)
                    return entry[1]
        with _reading():
            path = f"/patients/{_PATIENT}/prescriptions"
            made = self._api.ask(doctor, "POST", path, _DRAFT)
            name: str = made["prescription_id"]
            body = {"version": made["version"]}
            self._api.ask(doctor, "POST", f"/prescriptions/{name}/ready", body)
            return name

    def _clock_can_be_set(self) -> bool:
        with _reading():
            now_ns = self._api.open("GET", "/clock")["now_ns"]
        try:
            self._api.support("PUT", "/clock", {"now_ns": now_ns})
        except PortalRefusal as e:
            if not e.because(Why.CONFLICT):
                raise
            return False
        return True

    def _done(self, act: str, user: str, given: Mapping[str, Any]) -> Any:  # noqa: ANN401  # JSON
        if act in _COMPOSITE:
            return getattr(self, f"_{act}")(user, given)
        known: Act = ACTS[act]
        path, body = filled(known, given)
        if known.reasoned:
            body = {"reason": REASON, **body}
        return self._api.ask(user, known.method, path, body if known.method != "GET" else None)

    def _log_in(self, user: str, given: Mapping[str, Any]) -> Any:  # noqa: ANN401  # JSON
        """Try a name and a password; the session that it opens is of no use to anybody."""
        return self._api.open("POST", "/session", {"name": user, **given})["session"]

    def _log_out(self, user: str, _: Mapping[str, Any]) -> Any:  # noqa: ANN401  # JSON
        self._api.log_out(user)
        return {}

    def _phone_code(self, user: str, _: Mapping[str, Any]) -> Any:  # noqa: ANN401  # JSON
        return {"code": self._api.phone_code(user)}


def _refused(refusal: PortalRefusal) -> Answer:
    return Answer(_OUTCOMES.get(refusal.why, Outcome.REFUSED), refusal.detail)


@contextmanager
def _reached() -> Iterator[None]:
    """Turn what goes wrong on the way into the seam's one error for it."""
    try:
        yield
    except (PortalRefusal, HostError) as e:
        raise ServerError(str(e)) from e


@contextmanager
def _reading() -> Iterator[None]:
    try:
        yield
    except (KeyError, TypeError, ValueError, IndexError, ViewError, FirmwareError) as e:
        raise ServerError(f"the portal answers what none does ({type(e).__name__})") from None


def open_server(target: str) -> Server:
    """Open a practice portal.

    Args:
        target: the URL of one that is served; empty: one that is started for this, on a
            clock that can be set. After a comma ``policy=NAME``, ``bug=NAME`` (several with
            a plus between them), which are set on it; ``doctors=each``: each holder is a doctor
            of their own, as many who work at once are.

    Raises:
        UsageError: a setting that can't be.
        ServerError: nobody is there, or it is no practice portal.
    """
    url, settings = read_target(target, ("policy", "bug", "doctors"))
    doctors = settings.pop("doctors", "one")
    if doctors not in {"one", "each"}:
        raise UsageError(f"--server portal: doctors={doctors}; allowed are one, each")
    hires = doctors == "each"
    server = PortalServer(url, hires=hires) if url else _started(hires=hires)
    setters: dict[str, Callable[[str], None]] = {
        "policy": server.set_policy,
        "bug": lambda names: server.set_bugs(tuple(names.split("+"))),
    }
    try:
        for name, setting in settings.items():
            setters[name](setting)
    except ServerError as e:
        server.close()
        raise UsageError(f"--server portal: {e}") from None
    return server


def _started(*, hires: bool) -> PortalServer:
    process = start()
    try:
        server = PortalServer(process.ready[1], process=process, hires=hires)
        server.take_out_tokens()
    except HostError:
        process.stop()
        raise
    return server
