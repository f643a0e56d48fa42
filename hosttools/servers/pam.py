"""A PAM service as the server under test, as ``login`` or ``sshd`` ask it.

Target: ``pam:SERVICE,usersfile=FILE``, a service of this host; tokens are enrolled only if
it has pam_oath and its UsersFile is named. Without a service: one of our own with
pam_oath, in a folder of ours, ``pam:window=N``; nothing under /etc is touched. Needs
Debian's package ``libpam-oath``; with ``faketime`` its clock can be set.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from firmware_model.oath import MAX_DIGITS, MIN_DIGITS
from hosttools.errors import UsageError
from hosttools.servers.oathfile import MAX_WINDOW, WINDOW, OathFileServer, unsendable
from hosttools.servers.seam import Answer, Enrolment, Outcome, Server, ServerError
from hosttools.servers.target import number_of, read_target

MODULE: Final = "pam_oath.so"

_OUTCOMES: Final[Mapping[int, Outcome]] = {
    0: Outcome.ACCEPTED,
    6: Outcome.REFUSED,  # PAM_PERM_DENIED
    7: Outcome.REFUSED,  # PAM_AUTH_ERR
    10: Outcome.REFUSED,  # PAM_USER_UNKNOWN
    11: Outcome.LOCKED,  # PAM_MAXTRIES
    13: Outcome.LOCKED,  # PAM_ACCT_EXPIRED
}
"""Source: Linux-PAM, _pam_types.h. Of any other: an error of the server."""


def oath_service(usersfile: Path | None, window: int, digits: int) -> str:
    """Return a PAM service file that asks pam_oath and nothing else."""
    return (
        f"auth required {MODULE} usersfile={usersfile} window={window} digits={digits}\n"
        "account required pam_permit.so\n"
    )


class PamServer(OathFileServer):
    """PAM in a child process.

    Args:
        service: one of this host's; ``None``: our own with pam_oath.
        usersfile: the UsersFile of pam_oath; ``None``: unknown, or for our own service
            a file of our own.
        window: of our own service.

    Raises:
        ServerError: PAM is not installed, or the file can't be used.
    """

    def __init__(
        self,
        service: str | None = None,
        *,
        usersfile: Path | None = None,
        window: int = WINDOW,
    ) -> None:
        super().__init__(
            "pam_oath" if service is None else f"PAM service {service}",
            "hosttools.servers.children.pam",
            usersfile,
            window,
            foreign=service is not None,
        )
        self._service = service
        self._digits: dict[str, int] = {}
        if service is None:
            for digits in range(MIN_DIGITS, MAX_DIGITS + 1):
                text = oath_service(self.usersfile, window, digits)
                (self.folder / _own(digits)).write_text(text, encoding="utf-8")

    def enrol(self, token: Enrolment) -> None:
        """Put a token into the UsersFile."""
        super().enrol(token)
        self._digits[token.serial] = token.digits

    def verify(self, serial: str, code: str) -> Answer:
        """Submit one code of a token's user."""
        refusal = unsendable(code)
        if refusal is not None:
            return refusal
        own = self._service is None
        result, words = self.worker.ask(
            "verify",
            service=self._service or _own(self._digits.get(serial, MIN_DIGITS)),
            folder=str(self.folder) if own else None,
            user=self.user_of(serial),
            code=code,
        )
        outcome = _OUTCOMES.get(result)
        if outcome is None:
            raise ServerError(f"{self.name} failed: {words}")
        return Answer(outcome, words)


def open_server(target: str) -> Server:
    """Open a PAM service.

    Args:
        target: ``SERVICE,usersfile=FILE``, or ``window=N`` for one of our own.

    Raises:
        UsageError: a target that can't be.
        ServerError: see :class:`PamServer`.
    """
    service, settings = read_target(target, ["usersfile", "window"])
    if "/" in service:
        raise UsageError(f"{service!r} is no PAM service; one is the name of a file in /etc/pam.d")
    usersfile = settings.get("usersfile")
    return PamServer(
        service or None,
        usersfile=None if usersfile is None else Path(usersfile),
        window=number_of(settings, "window", WINDOW, MAX_WINDOW),
    )


def _own(digits: int) -> str:
    """Return the service of our own for codes of so many digits: pam_oath is told them."""
    return f"galh-{digits}"
