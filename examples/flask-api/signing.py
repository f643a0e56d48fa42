"""Which codes of an event token are accepted, and how it gets back into step.

The windows count skipped presses: with a look-ahead of 10, the next code and the ten after
it are accepted.
"""

from dataclasses import dataclass

import pyotp

LOOK_AHEAD = 10
RESYNC_WINDOW = 1000
MAX_FAILURES = 10


@dataclass
class Token:
    """What is known of a token.

    Attributes:
        secret: base32.
        counter: next one expected.
        failures: wrong codes since the last right one.
    """

    secret: str
    counter: int = 0
    failures: int = 0

    @property
    def locked(self):
        """Whether nothing but a resync is accepted any more."""
        return self.failures >= MAX_FAILURES

    def sign(self, code):
        """Accept a code within the look-ahead, once; return whether it was."""
        if self.locked:
            return False
        hotp = pyotp.HOTP(self.secret)
        for counter in range(self.counter, self.counter + LOOK_AHEAD + 1):
            if hotp.verify(code, counter):
                self.counter, self.failures = counter + 1, 0
                return True
        self.failures += 1
        return False

    def resync(self, first, second):
        """Look for two codes in a row; return whether they were found."""
        hotp = pyotp.HOTP(self.secret)
        for counter in range(self.counter, self.counter + RESYNC_WINDOW + 1):
            if hotp.verify(first, counter) and hotp.verify(second, counter + 1):
                self.counter, self.failures = counter + 2, 0
                return True
        return False
