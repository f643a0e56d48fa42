"""What an operator does to a token. Each act is the reference server's, with a reason.

An act that is refused is logged too, and then raised: with all that there is to know, as an
operator may read it.
"""

import dataclasses
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Final

from hosttools.portal import accounts, auditlog
from hosttools.portal.accounts import Role
from hosttools.portal.refusals import Refusal, Why
from hosttools.portal.sessions import Session
from hosttools.portal.support import guard
from hosttools.refserver import Kind, Store, Verdict
from hosttools.refserver.intake import record_of_seed
from hosttools.refserver.record import serial_of
from hosttools.seedfiles import SeedRecord

if TYPE_CHECKING:
    from hosttools.portal.desk import Portal

_WHY: Final = {
    Kind.OUTSIDE_WINDOW: Why.OUT_OF_WINDOW,
    Kind.DOUBLE_SUBMIT: Why.DOUBLE_SUBMIT,
    Kind.MALFORMED: Why.BAD_INPUT,
    Kind.SAME_CODE: Why.REFUSED_CODE,
    Kind.NOT_CONSECUTIVE: Why.REFUSED_CODE,
    Kind.REPLAYED: Why.REFUSED_CODE,
    Kind.WRONG_ORDER: Why.REFUSED_CODE,
}
"""Any other kind is a conflict with what the token is."""


def reset(
    portal: "Portal", session: Session, serial: str, code1: str, code2: str, reason: str
) -> Verdict:
    """Find a token again that no resync reaches, by two codes that its holder reads out.

    Args:
        portal: where.
        session: the operator's.
        serial: which token, as people type it.
        code1: the first code.
        code2: the code of the next press.
        reason: why, for the log.

    Raises:
        Refusal: not the support desk, no reason, no such token, or what the verdict says.
    """
    return _act(
        portal, session, reason,
        lambda store, now_ns, who: store.reset(serial, code1, code2, now_ns, who),
    )  # fmt: skip


def unlock(portal: "Portal", session: Session, serial: str, reason: str) -> Verdict:
    """Forget a token's failures; a locked one is active again. Raises as :func:`reset`."""
    return _act(
        portal, session, reason, lambda store, now_ns, who: store.unlock(serial, now_ns, who)
    )


def revoke(portal: "Portal", session: Session, serial: str, reason: str) -> Verdict:
    """Take a token out of use, for good. Raises as :func:`reset`."""
    return _act(
        portal, session, reason, lambda store, now_ns, who: store.revoke(serial, now_ns, who)
    )


def expire(portal: "Portal", session: Session, serial: str, reason: str) -> Verdict:
    """End a token's time now, for good. Raises as :func:`reset`."""
    return _act(
        portal, session, reason, lambda store, now_ns, who: store.expire(serial, now_ns, who)
    )


def replace(portal: "Portal", session: Session, serial: str, by: str, reason: str) -> Verdict:
    """Put another token in the place of one, for good. Raises as :func:`reset`."""
    return _act(
        portal, session, reason,
        lambda store, now_ns, who: store.replace(serial, by, now_ns, who),
    )  # fmt: skip


def assign(portal: "Portal", session: Session, serial: str, holder: str, reason: str) -> Verdict:
    """Give a token that is nobody's, or not added yet, to a doctor. Raises as :func:`reset`."""
    guard.operator(session)  # before the name, whose refusal tells who has an account
    name = _doctor(portal, holder)
    return _act(
        portal, session, reason,
        lambda store, now_ns, who: store.assign(serial, name, now_ns, who),
    )  # fmt: skip


def enrol(
    portal: "Portal", session: Session, seeds: Iterable[SeedRecord], holder: str, reason: str
) -> tuple[Verdict, ...]:
    """Take tokens in that a doctor has in the hand, who adds them: all of them, or none.

    Args:
        portal: where.
        session: the operator's.
        seeds: what their seed file says.
        holder: the doctor's account.
        reason: why, for the log.

    Raises:
        Refusal: not the support desk, no reason, no such doctor, or one is known already.
    """
    who, why = guard.operator(session).name, guard.reasoned(reason)
    name = _doctor(portal, holder)
    with guard.refusing():
        records = [dataclasses.replace(record_of_seed(seed), holder=name) for seed in seeds]
        with portal.db.write() as at:
            now_ns = portal.clock.now_ns()
            verdicts = tuple(portal.tokens.enrol(record, now_ns, who) for record in records)
            for verdict in verdicts:
                auditlog.append(
                    portal, at, who, "token enrol", verdict.serial, holder=name, reason=why
                )
    return verdicts


def remove(portal: "Portal", session: Session, serial: str, reason: str) -> None:
    """Forget a token; what happened to it is still told.

    Raises:
        Refusal: not the support desk, no reason, or no such token.
    """
    who, why = guard.operator(session).name, guard.reasoned(reason)
    with guard.refusing(), portal.db.write() as at:
        portal.tokens.remove(serial)
        auditlog.append(portal, at, who, "token remove", serial_of(serial), reason=why)


def _act(
    portal: "Portal",
    session: Session,
    reason: str,
    do: Callable[[Store, int, str], Verdict],
) -> Verdict:
    who, why = guard.operator(session).name, guard.reasoned(reason)
    with guard.refusing(), portal.db.write() as at:
        verdict = do(portal.tokens, portal.clock.now_ns(), who)
        auditlog.append(
            portal, at, who, f"token {verdict.act.value}", verdict.serial,
            accepted=verdict.accepted, kind=verdict.kind.value, said=verdict.operator, reason=why,
        )  # fmt: skip
    if not verdict.accepted:
        raise Refusal(_WHY.get(verdict.kind, Why.CONFLICT), f"{verdict.serial}: {verdict.operator}")
    return verdict


def _doctor(portal: "Portal", name: str) -> str:
    """Return the account's name of a doctor who may hold a token."""
    account = accounts.find(portal, name)
    if account.role is not Role.DOCTOR or account.disabled:
        raise Refusal(
            Why.BAD_INPUT,
            f"{account.name} is no doctor who may log in; name one who may.",
            field="holder",
        )
    return account.name
