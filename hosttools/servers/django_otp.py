"""django-otp as the server under test: its HOTP and TOTP devices, on SQLite.

Target: ``django-otp:hotp_tolerance=5,totp_tolerance=1,throttle=1,sync=1``, which are its own
defaults; all may be left out. ``throttle`` is the factor of its growing delay after
failures, seconds, 0 for none; ``sync`` whether a time token's drift is learnt.

It runs in a child process with settings of ours, and does not touch a Django that this
process has. Needs the extra ``django``.
"""

import importlib.util
import json
import shutil
import tempfile
from pathlib import Path
from typing import Final

from emulator.serverview import ServerView
from firmware_model.oath import Algorithm
from firmware_model.profile import TokenType
from hosttools.errors import UsageError
from hosttools.servers.seam import Answer, Can, Enrolment, Outcome, Server, ServerError
from hosttools.servers.target import number_of, read_target
from hosttools.servers.worker import Worker

_MAX_TOLERANCE: Final = 32_767
"""What its PositiveSmallIntegerField takes on every database."""

_MAX_THROTTLE: Final = 3_600


class DjangoOtp(Server):
    """django-otp in a child process.

    Several threads may ask it at once. Its clock can be set: for the steps of time tokens
    and for the delay after failures.

    Args:
        hotp_tolerance: presses that may be missed.
        totp_tolerance: steps that a time token may be off, to either side.
        throttle: factor of the delay after failures, seconds; 0: none.
        sync: whether a time token's drift is learnt.

    Raises:
        ServerError: django-otp is not installed.
    """

    can = frozenset(Can) - {Can.SYNC, Can.RESYNC, Can.PROCEDURE}

    def __init__(
        self,
        *,
        hotp_tolerance: int = 5,
        totp_tolerance: int = 1,
        throttle: int = 1,
        sync: bool = True,
    ) -> None:
        self.name = "django-otp"
        if importlib.util.find_spec("django_otp") is None:
            raise ServerError("django-otp is not installed; pip install 'galh-emulator[django]'")
        self._folder = Path(tempfile.mkdtemp(prefix="galh-"))
        settings = {
            "folder": str(self._folder),
            "hotp_tolerance": hotp_tolerance,
            "totp_tolerance": totp_tolerance,
            "throttle": throttle,
            "sync": sync,
        }
        try:
            self._worker = Worker("hosttools.servers.children.django", json.dumps(settings))
        except BaseException:
            shutil.rmtree(self._folder, ignore_errors=True)
            raise

    def enrol(self, token: Enrolment) -> None:
        """Make a device of a token, and its user if there is none yet."""
        if token.algorithm is not Algorithm.SHA1:
            raise ServerError(
                f"django-otp has no {token.algorithm.value}, which {token.serial} wants; SHA1 only"
            )
        self._worker.ask(
            "enrol",
            serial=token.serial,
            user=token.holder,
            key=token.secret.reveal().hex(),
            digits=token.digits,
            step_s=token.step_s if token.token_type is TokenType.TIME else None,
            counter=token.counter,
        )

    def verify(self, serial: str, code: str) -> Answer:
        """Submit one code to a token's device."""
        accepted, throttled = self._worker.ask("verify", serial=serial, code=code)
        if throttled:
            return Answer(Outcome.THROTTLED, throttled)
        return Answer(Outcome.ACCEPTED if accepted else Outcome.REFUSED)

    def unlock(self, serial: str) -> None:
        """Forget a device's failures."""
        self._worker.ask("unlock", serial=serial)

    def remove(self, serial: str) -> None:
        """Delete a token's device; its user stays."""
        self._worker.ask("remove", serial=serial)

    def view(self, serial: str) -> ServerView:
        """Return what the device says."""
        return ServerView(name=self.name, **self._worker.ask("view", serial=serial))

    def set_clock(self, now_ns: int) -> None:
        """Put its clock to a time; it stands still there."""
        self._worker.ask("set_clock", now_ns=now_ns)

    def close(self) -> None:
        """End the child; remove the database."""
        self._worker.close()
        shutil.rmtree(self._folder, ignore_errors=True)


def open_server(target: str) -> Server:
    """Open django-otp.

    Args:
        target: settings, see the module.

    Raises:
        UsageError: a target that can't be.
        ServerError: see :class:`DjangoOtp`.
    """
    place, settings = read_target(target, ["hotp_tolerance", "totp_tolerance", "throttle", "sync"])
    if place:
        raise UsageError(f"django-otp takes no {place!r}; it has settings only, as sync=0")
    return DjangoOtp(
        hotp_tolerance=number_of(settings, "hotp_tolerance", 5, _MAX_TOLERANCE),
        totp_tolerance=number_of(settings, "totp_tolerance", 1, _MAX_TOLERANCE),
        throttle=number_of(settings, "throttle", 1, _MAX_THROTTLE),
        sync=bool(number_of(settings, "sync", 1, 1)),
    )
