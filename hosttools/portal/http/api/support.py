"""The support desk, and what tests need of a portal. For the role `support` only."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from hosttools.portal import logproof, support
from hosttools.portal.accounts import Account
from hosttools.portal.auditlog import Entry
from hosttools.portal.http import schemas
from hosttools.portal.http.desk import AtPortal, Number
from hosttools.portal.http.visits import Caller
from hosttools.portal.spares.book import Order
from hosttools.portal.support import guard, views, world
from hosttools.refserver.verdict import Verdict

router = APIRouter(prefix="/support", tags=["support"])

Find = Annotated[str, Query(max_length=200, description="A part of a serial number or name.")]
Limit = Annotated[int, Query(ge=1, le=views.MOST, description="Most in the answer.")]


@router.get("/tokens")
def get_tokens(
    portal: AtPortal,
    caller: Caller,
    find: Find = "",
    after: Annotated[str, Query(max_length=64, description="Only what comes after it.")] = "",
    limit: Limit = 50,
) -> tuple[support.TokenRow, ...]:
    """Find tokens, by serial number."""
    return support.tokens(portal, caller, find, after, limit)


@router.post("/tokens", status_code=201)
def post_tokens(portal: AtPortal, caller: Caller, body: schemas.Intake) -> tuple[schemas.Done, ...]:
    """Take tokens in that a doctor has in the hand, who adds them: all of them, or none."""
    taken = support.enrol(portal, caller, body.seeds(), body.holder, body.reason)
    return tuple(_done(verdict) for verdict in taken)


@router.get("/tokens/{serial}")
def get_token(portal: AtPortal, caller: Caller, serial: str) -> support.TokenView:
    """Tell all of a token but its secret."""
    return support.token(portal, caller, serial)


@router.post("/tokens/{serial}/reset")
def post_reset(portal: AtPortal, caller: Caller, serial: str, body: schemas.Reset) -> schemas.Done:
    """Find a token again that no resync reaches, by two codes that its holder reads out."""
    return _done(support.reset(portal, caller, serial, body.code1, body.code2, body.reason))


@router.post("/tokens/{serial}/unlock")
def post_unlock(
    portal: AtPortal, caller: Caller, serial: str, body: schemas.Reasoned
) -> schemas.Done:
    """Forget a token's failures; a locked one is active again."""
    return _done(support.unlock(portal, caller, serial, body.reason))


@router.post("/tokens/{serial}/revoke")
def post_revoke(
    portal: AtPortal, caller: Caller, serial: str, body: schemas.Reasoned
) -> schemas.Done:
    """Take a token out of use, for good."""
    return _done(support.revoke(portal, caller, serial, body.reason))


@router.post("/tokens/{serial}/expire")
def post_expire(
    portal: AtPortal, caller: Caller, serial: str, body: schemas.Reasoned
) -> schemas.Done:
    """End a token's time now, for good."""
    return _done(support.expire(portal, caller, serial, body.reason))


@router.post("/tokens/{serial}/replace")
def post_replace(
    portal: AtPortal, caller: Caller, serial: str, body: schemas.Replacement
) -> schemas.Done:
    """Put another token in the place of one, for good."""
    return _done(support.replace(portal, caller, serial, body.by, body.reason))


@router.post("/tokens/{serial}/assign")
def post_assign(
    portal: AtPortal, caller: Caller, serial: str, body: schemas.Assignment
) -> schemas.Done:
    """Give a token that is nobody's, or not added yet, to a doctor."""
    return _done(support.assign(portal, caller, serial, body.holder, body.reason))


@router.post("/tokens/{serial}/remove", status_code=204)
def post_remove(portal: AtPortal, caller: Caller, serial: str, body: schemas.Reasoned) -> None:
    """Forget a token; what happened to it is still told."""
    support.remove(portal, caller, serial, body.reason)


@router.get("/people")
def get_people(portal: AtPortal, caller: Caller, find: Find = "") -> tuple[Account, ...]:
    """Find accounts."""
    return support.people(portal, caller, find)


@router.post("/people", status_code=201)
def post_people(portal: AtPortal, caller: Caller, body: schemas.NewDoctor) -> Account:
    """Make a practice doctor, with access, and the password and PIN of the others."""
    return support.hire(portal, caller, body.account, body.reason)


@router.post("/people/{account}/allow-again", status_code=204)
def post_allow_again(
    portal: AtPortal,
    caller: Caller,
    account: Annotated[str, Path(max_length=80)],
    body: schemas.Reasoned,
) -> None:
    """Forget how often somebody has tried: they need not wait any longer."""
    support.allow_again(portal, caller, account, body.reason)


@router.get("/orders")
def get_orders(
    portal: AtPortal,
    caller: Caller,
    account: Annotated[str, Query(max_length=80, description="Whose; empty: everybody's.")] = "",
) -> tuple[Order, ...]:
    """List orders, newest first."""
    return support.orders(portal, caller, account)


@router.get("/mail/{account}")
def get_mail(
    portal: AtPortal, caller: Caller, account: Annotated[str, Path(max_length=80)]
) -> tuple[support.Envelope, ...]:
    """List somebody's mail from outside, newest first."""
    return support.mail(portal, caller, account)


@router.post("/mail/{mail_id}/resend", status_code=204)
def post_resend(portal: AtPortal, caller: Caller, mail_id: Number, body: schemas.Reasoned) -> None:
    """Send an e-mail or a letter again."""
    support.resend(portal, caller, mail_id, body.reason)


@router.get("/policy")
def get_policy(portal: AtPortal, caller: Caller) -> schemas.PolicyNow:
    """Tell by which policy tokens are treated."""
    guard.operator(caller)
    return schemas.PolicyNow(policy=portal.policy_name)


@router.put("/policy")
def put_policy(portal: AtPortal, caller: Caller, body: schemas.NewPolicy) -> schemas.PolicyNow:
    """Treat tokens by another policy from now on, in every process."""
    return schemas.PolicyNow(policy=support.set_policy(portal, caller, body.policy, body.reason))


@router.get("/bugs")
def get_bugs(portal: AtPortal, caller: Caller) -> schemas.BugsNow:
    """Tell what is wrong on purpose."""
    guard.operator(caller)
    return schemas.BugsNow(bugs=tuple(sorted(bug.value for bug in portal.bugs)))


@router.put("/bugs")
def put_bugs(portal: AtPortal, caller: Caller, body: schemas.NewBugs) -> schemas.BugsNow:
    """Have these things wrong from now on, and no others."""
    return schemas.BugsNow(bugs=world.set_bugs(portal, caller, body.bugs, body.reason))


@router.get("/log")
def get_log(
    portal: AtPortal,
    caller: Caller,
    subject: Annotated[str, Query(max_length=200, description="Only what is about it.")] = "",
    after: Annotated[int, Query(ge=0, le=2**53, description="Only later entries.")] = 0,
    limit: Limit = 100,
) -> tuple[Entry, ...]:
    """Return the last entries of the audit log, oldest first."""
    return support.log(portal, caller, subject or None, limit, after)


@router.post("/log/verify")
def post_verify(portal: AtPortal, caller: Caller) -> logproof.Findings:
    """Verify the audit log from its first entry to its head."""
    return world.check_log(portal, caller)


@router.post("/start-over", status_code=204)
def post_start_over(portal: AtPortal, caller: Caller, body: schemas.Reasoned) -> None:
    """Have a practice as it was in the beginning. It ends every session, this one too."""
    world.start_over(portal, caller, body.reason)


@router.put("/clock")
def put_clock(portal: AtPortal, caller: Caller, body: schemas.SetClock) -> schemas.Clock:
    """Put a manual clock somewhere, forward or back. Sessions idle as it goes."""
    return schemas.Clock(now_ns=world.set_clock(portal, caller, body.now_ns, body.reason))


def _done(verdict: Verdict) -> schemas.Done:
    return schemas.Done(serial=verdict.serial, status=verdict.status.value, said=verdict.operator)
