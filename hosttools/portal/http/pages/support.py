"""The support desk: what an operator sees and does, and no other page shows."""

from collections.abc import Callable
from typing import Final

from fastapi import APIRouter
from starlette.responses import Response

from hosttools.portal import support
from hosttools.portal.bugs import Bug
from hosttools.portal.http.views import go_to, page
from hosttools.portal.http.visits import Fields, Sent, Visit, Visitor, number
from hosttools.portal.logproof import Findings
from hosttools.portal.refusals import Refusal, Why
from hosttools.portal.support import guard, views, world
from hosttools.refserver.policies import POLICIES

HOME: Final = "/support"

router = APIRouter(prefix=HOME)

_ACTS: Final[dict[str, Callable[[Visit, str, Fields], object]]] = {
    "reset": lambda visit, serial, sent: support.reset(
        visit.portal,
        visit.member,
        serial,
        sent.get("code1", ""),
        sent.get("code2", ""),
        sent.get("reason", ""),
    ),
    "unlock": lambda visit, serial, sent: support.unlock(
        visit.portal, visit.member, serial, sent.get("reason", "")
    ),
    "revoke": lambda visit, serial, sent: support.revoke(
        visit.portal, visit.member, serial, sent.get("reason", "")
    ),
    "expire": lambda visit, serial, sent: support.expire(
        visit.portal, visit.member, serial, sent.get("reason", "")
    ),
    "replace": lambda visit, serial, sent: support.replace(
        visit.portal, visit.member, serial, sent.get("by", ""), sent.get("reason", "")
    ),
    "assign": lambda visit, serial, sent: support.assign(
        visit.portal, visit.member, serial, sent.get("holder", ""), sent.get("reason", "")
    ),
}
"""By the names that the reference server has for them."""


@router.get("")
def get_tokens(visit: Visitor, find: str = "", after: str = "") -> Response:
    """Find tokens."""
    rows = support.tokens(visit.portal, visit.member, find, after, views.MOST)
    return page(visit, "tokens", rows=rows, find=find, most=views.MOST)


@router.get("/tokens/{serial}")
def get_token(visit: Visitor, serial: str) -> Response:
    """Show all of a token but its secret."""
    return _token(visit, serial)


@router.post("/tokens/{serial}/{act}")
def post_act(visit: Visitor, serial: str, act: str, sent: Sent) -> Response:
    """Do something to a token, for a reason."""
    if act not in _ACTS:
        raise Refusal(Why.NOT_FOUND, "There is nothing like that to do to a token.")
    try:
        _ACTS[act](visit, serial, sent)
    except Refusal as refusal:
        return _token(visit, serial, refusal)
    return go_to(f"{HOME}/tokens/{serial}")


@router.get("/people")
def get_people(visit: Visitor) -> Response:
    """List the accounts."""
    return page(visit, "people", people=support.people(visit.portal, visit.member))


@router.get("/people/{name}")
def get_person(visit: Visitor, name: str) -> Response:
    """Show somebody's orders, and their mail from outside."""
    return _person(visit, name)


@router.post("/people/{name}/resend")
def post_resend(visit: Visitor, name: str, sent: Sent) -> Response:
    """Send a letter or an e-mail again."""
    try:
        support.resend(visit.portal, visit.member, number(sent, "mail"), sent.get("reason", ""))
    except Refusal as refusal:
        return _person(visit, name, refusal)
    return go_to(f"{HOME}/people/{name}")


@router.get("/policy")
def get_policy(visit: Visitor) -> Response:
    """Show how tokens are treated, and what is wrong on purpose."""
    return _policy(visit)


@router.post("/policy")
def post_policy(visit: Visitor, sent: Sent) -> Response:
    """Treat tokens by another policy from now on."""
    try:
        support.set_policy(
            visit.portal, visit.member, sent.get("policy", ""), sent.get("reason", "")
        )
    except Refusal as refusal:
        return _policy(visit, refusal)
    return go_to(f"{HOME}/policy")


@router.post("/bugs")
def post_bugs(visit: Visitor, sent: Sent) -> Response:
    """Have these things wrong from now on."""
    try:
        world.set_bugs(visit.portal, visit.member, sent.getlist("bug"), sent.get("reason", ""))
    except Refusal as refusal:
        return _policy(visit, refusal)
    return go_to(f"{HOME}/policy")


@router.get("/log")
def get_log(visit: Visitor) -> Response:
    """Show the end of the audit log."""
    return _log(visit)


@router.post("/log/verify")
def post_verify(visit: Visitor, sent: Sent) -> Response:
    """Verify the log."""
    del sent
    return _log(visit, world.check_log(visit.portal, visit.member))


def _token(visit: Visit, serial: str, refusal: Refusal | None = None) -> Response:
    view = support.token(visit.portal, visit.member, serial)
    return page(visit, "token", refusal=refusal, view=view, acts=tuple(_ACTS))


def _person(visit: Visit, name: str, refusal: Refusal | None = None) -> Response:
    known = {each.name: each for each in support.people(visit.portal, visit.member, name)}
    if name not in known:
        raise Refusal(Why.NOT_FOUND, "There is no such account.")
    return page(
        visit,
        "person",
        refusal=refusal,
        person=known[name],
        orders=support.orders(visit.portal, visit.member, name),
        mail=support.mail(visit.portal, visit.member, name),
    )


def _policy(visit: Visit, refusal: Refusal | None = None) -> Response:
    guard.operator(visit.member)
    return page(
        visit,
        "policy",
        refusal=refusal,
        policies=POLICIES,
        current=visit.portal.policy_name,
        bugs=tuple(Bug),
        on=visit.portal.bugs,
    )


def _log(visit: Visit, findings: Findings | None = None) -> Response:
    entries = support.log(visit.portal, visit.member, limit=views.MOST)
    return page(visit, "log", entries=entries[::-1], findings=findings)
