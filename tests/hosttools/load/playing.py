"""What tests of load share: a token whose codes are known, and submissions of them."""

from firmware_model.oath import Key, Secret, hotp
from firmware_model.profile import TokenType
from hosttools.load.rules import Submission, Verb
from hosttools.servers import Answer, Enrolment, Outcome

SECRET = Secret(b"12345678901234567890")
EVENT = Enrolment(serial="GALH00004226", token_type=TokenType.EVENT, secret=SECRET)
TIMED = Enrolment(serial="GALT00006238", token_type=TokenType.TIME, secret=SECRET)
SECOND = 1_000_000_000
OK, NO, USED = Outcome.ACCEPTED, Outcome.REFUSED, Outcome.REPLAYED


def code(factor: int) -> str:
    """Return a code of the token."""
    return hotp(Key(SECRET), factor)


def sent(
    verb: Verb, *codes: str, said: Outcome | None, at_s: float = 0, took_s: float = 0
) -> Submission:
    """Return a submission and its answer; ``None``: it was lost."""
    began_ns = round(at_s * SECOND)
    answer = None if said is None else Answer(said)
    return Submission(verb, codes, "it", began_ns, began_ns + round(took_s * SECOND), answer)


def typed(factor: int, said: Outcome | None, at_s: float = 0, took_s: float = 0) -> Submission:
    """Return a code that was submitted, and the answer."""
    return sent(Verb.VERIFY, code(factor), said=said, at_s=at_s, took_s=took_s)
