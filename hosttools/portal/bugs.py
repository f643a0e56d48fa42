"""What is wrong with the portal on purpose, so that a tester can learn to find it.

Each is a bug that servers had. It is injected at one place: what is wrong with the judging of
codes in :mod:`hosttools.portal.wrong`, the rest in the verb that it is a bug of, where
``Bug.X in portal.bugs`` is all there is to it. None is on unless somebody switched it on.
docs/portal-bugs.md has them all, written from here.
"""

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


class Bug(enum.Enum):
    """The bugs that can be switched on, by the names that ``--bug`` takes."""

    REPLAY = "replay"
    OLD_CODES_GOOD = "old-codes-good"
    WINDOW_OFF_BY_ONE = "window-off-by-one"
    RESYNC_WRONG_WINDOW = "resync-wrong-window"
    RESYNC_GAP = "resync-gap"
    RESYNC_SAME_CODE = "resync-same-code"
    RESYNC_CODE_GOOD = "resync-code-good"
    CODE_AFTER_RESYNC_REFUSED = "code-after-resync-refused"
    RESYNC_KEEPS_LOCK = "resync-keeps-lock"
    SERVER_RUNS_AHEAD = "server-runs-ahead"
    NO_LOCK = "no-lock"
    FAILURES_ADD_UP = "failures-add-up"
    LOCK_LEAK = "lock-leak"
    READS_NUMBERS = "reads-numbers"
    DRIFT_FORGOTTEN = "drift-forgotten"
    CODE_TWICE_RACE = "code-twice-race"
    ONE_FACTOR = "one-factor"
    DEACTIVATED_WORKS = "deactivated-works"
    DOUBLE_SUBMIT = "double-submit"
    EDIT_KEEPS_READY = "edit-keeps-ready"
    STAFF_CAN_SYNC = "staff-can-sync"
    PROOF_REUSED = "proof-reused"
    PROOF_FOREVER = "proof-forever"
    SAYS_WHY = "says-why"
    USER_ENUMERATION = "user-enumeration"
    LOG_GAP = "log-gap"

    @property
    def title(self) -> str:
        """What is wrong, in a line."""
        return TOLD[self].title


@dataclass(frozen=True, slots=True)
class Told:
    """What there is to know of a bug.

    Attributes:
        title: what is wrong, in a line.
        sees: what a tester sees.
        finder: what finds it: a rule of the prober's, or a scenario of the library.
    """

    title: str
    sees: str
    finder: str


TOLD: Final[Mapping[Bug, Told]] = {
    Bug.REPLAY: Told(
        "A used code is accepted again",
        "the last code signs a second time, until the next one was used",
        "hotp.replay.same",
    ),
    Bug.OLD_CODES_GOOD: Told(
        "Codes from before the last one stay good",
        "a code that was skipped, or used before the last one, signs",
        "hotp.behind",
    ),
    Bug.WINDOW_OFF_BY_ONE: Told(
        "The window for one code is narrower by one than the policy says",
        "the code at the edge of the look-ahead window is refused",
        "hotp.look_ahead.used",
    ),
    Bug.RESYNC_WRONG_WINDOW: Told(
        "Resync looks no further than for one code",
        "a token that was pressed in a pocket can't be resynced: outside of the window",
        "hotp.resync.ahead",
    ),
    Bug.RESYNC_GAP: Told(
        "Resync takes two codes with presses between them",
        "the first and the third code resync a token",
        "hotp.resync.gap",
    ),
    Bug.RESYNC_SAME_CODE: Told(
        "Resync takes one code twice",
        "one code in both fields resyncs a token",
        "hotp.resync.same_code_twice",
    ),
    Bug.RESYNC_CODE_GOOD: Told(
        "The second code of a resync is not used up",
        "the code that resynced the token signs a prescription",
        "hotp.resync.replay",
    ),
    Bug.CODE_AFTER_RESYNC_REFUSED: Told(
        "The code after a resync is refused",
        "the token is called active, and its next code is refused; the one after is taken",
        "hotp.resync.next_code",
    ),
    Bug.RESYNC_KEEPS_LOCK: Told(
        "A resync of a locked token succeeds and keeps the lock",
        "the form says Active, and signing says locked",
        "lockout.resync_unlocks",
    ),
    Bug.SERVER_RUNS_AHEAD: Told(
        "Refused codes move the counter",
        "after a typing error the code that was mistyped is refused when it is typed right",
        "failures.move_counter",
    ),
    Bug.NO_LOCK: Told(
        "Failures are counted and nothing comes of it",
        "any number of wrong codes, and the right one still signs",
        "lockout.after",
    ),
    Bug.FAILURES_ADD_UP: Told(
        "A success does not forget the failures before it",
        "a token locks after some typing errors in months, each followed by a success",
        "lockout.reset_by_success",
    ),
    Bug.LOCK_LEAK: Told(
        "A locked token's codes are looked at",
        "while locked, a wrong code is answered otherwise than a right one",
        "lockout.leaks",
    ),
    Bug.READS_NUMBERS: Told(
        "Codes are compared as numbers",
        "a code without its leading zero, or with a plus sign, signs",
        "malformed.accepted",
    ),
    Bug.DRIFT_FORGOTTEN: Told(
        "The drift of a time token is not followed",
        "a time token that runs slow or fast is refused some day, however often it is used",
        "totp.drift_tracking",
    ),
    Bug.CODE_TWICE_RACE: Told(
        "A code is checked, and used up later",
        "one code that is sent twice at once signs twice",
        "race.accepted",
    ),
    Bug.ONE_FACTOR: Told(
        "Any code will do beside the right password",
        "a wrong code signs, or any six digits",
        "epcs-procedure",
    ),
    Bug.DEACTIVATED_WORKS: Told(
        "A deactivated token goes on signing",
        "a token that is called Deactivated signs",
        "epcs-procedure",
    ),
    Bug.DOUBLE_SUBMIT: Told(
        "A form that is submitted twice is handled twice",
        "a second click is handled in place of 'Submit only once': a refused pair counts twice",
        "epcs-procedure",
    ),
    Bug.EDIT_KEEPS_READY: Told(
        "An edit does not take back that a prescription is ready",
        "what was changed after the doctor read it can be signed as ready",
        "epcs-procedure",
    ),
    Bug.STAFF_CAN_SYNC: Told(
        "Staff can manage a doctor's tokens",
        "under the login of staff, the add form opens, and without a phone",
        "epcs-procedure",
    ),
    Bug.PROOF_REUSED: Told(
        "The phone's code is good more than once",
        "the code that opened device management opens it again",
        "epcs-procedure",
    ),
    Bug.PROOF_FOREVER: Told(
        "Device management stays open",
        "ten minutes after the phone's code a token can still be managed",
        "epcs-procedure",
    ),
    Bug.SAYS_WHY: Told(
        "The user is told why a code was refused",
        "the message differs for a used code and a wrong one, and tells how far off it was",
        "epcs-procedure",
    ),
    Bug.USER_ENUMERATION: Told(
        "The log-in tells which names there are",
        "an unknown name is refused with other words than a wrong password",
        "epcs-procedure",
    ),
    Bug.LOG_GAP: Told(
        "Signing is missing from the audit log",
        "the log verifies, and tells nothing of what was signed",
        "epcs-procedure",
    ),
}
