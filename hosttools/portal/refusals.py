"""What the portal says no to: what the user reads, and what the operator knows."""

import enum
from typing import Final

from hosttools.errors import HostError


class Why(enum.Enum):
    """The reasons, as programs read them."""

    BAD_INPUT = "bad_input"
    """A field that can't be so; the user text says which."""
    WRONG_LOGIN = "wrong_login"
    """No such name, wrong password, or a disabled account: nobody is told which."""
    NOT_LOGGED_IN = "not_logged_in"
    """No session, or one that is over."""
    NOT_ALLOWED = "not_allowed"
    """Not for this role."""
    DOCTORS_ONLY = "doctors_only"
    """Only the doctor, under the doctor's own login."""
    TOO_MANY = "too_many"
    """Tried too often; ``wait_ns`` says for how long."""
    NOT_FOUND = "not_found"
    """Not there, or not of this user."""
    CONFLICT = "conflict"
    """What it is does not allow it."""
    NOT_PROVEN = "not_proven"
    """Device management needs the phone first."""
    NO_EPCS = "no_epcs"
    """Two people have to let a doctor sign first."""
    NOT_REGISTERED = "not_registered"
    """No EPCS account, or it was lost: register first."""
    LOCKED = "locked"
    """Too many refused codes: resync it."""
    WRONG_FACTOR = "wrong_factor"
    """Password, PIN or code: nobody is told which."""
    REFUSED_CODE = "refused_code"
    """Codes of the add or resync form that were refused."""
    OUT_OF_WINDOW = "out_of_window"
    """Further out of step than a resync reaches: support must help."""
    DOUBLE_SUBMIT = "double_submit"
    """The form was submitted already."""
    DECLINED = "declined"
    """The payment was not made."""


class Refusal(HostError):  # noqa: N818  # no failure: an answer
    """What a user may not, or got wrong. Nothing was changed, save what counts it.

    Args:
        code: why, for programs.
        user: what the user reads: never which of several factors was wrong, nor digits.
        operator: all that is known, for the log; neither digits nor secrets either.
        wait_ns: how long until it can be tried again, ns; 0: it is no matter of time.
        field: name of the one field that it is about, as the verb calls it.
    """

    def __init__(
        self, code: Why, user: str, operator: str = "", wait_ns: int = 0, *, field: str = ""
    ) -> None:
        super().__init__(user)
        self.code: Final = code
        self.user: Final = user
        self.operator: Final = operator or user
        self.wait_ns: Final = wait_ns
        self.field: Final = field
