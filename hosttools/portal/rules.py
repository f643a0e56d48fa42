"""The policy that the portal's tokens are treated by: kept in the database, switched live.

Every process that serves the database sees another policy at its next act.
"""

import dataclasses
import json
from typing import TYPE_CHECKING, Final

from sqlalchemy import Connection, insert, select, update

from hosttools.errors import PolicyError, StateError
from hosttools.portal import auditlog
from hosttools.portal.tables import setting
from hosttools.refserver.policies import POLICIES
from hosttools.refserver.policy import Policy

if TYPE_CHECKING:
    from hosttools.portal.database import Database
    from hosttools.portal.desk import Portal

CUSTOM: Final = "custom"
"""The name of a policy that has none."""
_NAME: Final = "policy"


def current(db: "Database") -> tuple[str, Policy]:
    """Return the policy in use and its name.

    Raises:
        StateError: what is kept of it is damaged.
    """
    with db.read() as at:
        text = _kept(at)
    try:
        kept = json.loads(text or "")
        return str(kept["name"]), Policy(**kept["settings"])
    except (ValueError, KeyError, TypeError, PolicyError):
        raise StateError(
            f"{db.name}: the policy that is kept there is damaged; set it anew"
        ) from None


def known(name: str) -> Policy:
    """Return a policy by name.

    Raises:
        PolicyError: there is none.
    """
    if name not in POLICIES:
        raise PolicyError(f"no policy {name!r}; there are {', '.join(POLICIES)}")
    return POLICIES[name].policy


def put(portal: "Portal", policy: Policy | str, *, actor: str) -> None:
    """Treat tokens by another policy from now on.

    Args:
        portal: whose tokens.
        policy: the settings, or the name of known ones.
        actor: who wants it, for the log.

    Raises:
        PolicyError: there is none of this name.
    """
    name = policy if isinstance(policy, str) else CUSTOM
    rules = known(policy) if isinstance(policy, str) else policy
    settings = dataclasses.asdict(rules)
    value = json.dumps({"name": name, "settings": settings}, sort_keys=True)
    with portal.db.write() as at:
        if _kept(at) is None:
            at.execute(insert(setting).values(name=_NAME, value=value))
        else:
            at.execute(update(setting).where(setting.c.name == _NAME).values(value=value))
        auditlog.append(portal, at, actor, "policy set", name, **settings)
        portal.db.afterwards(portal.tokens.rules_changed)


def _kept(at: Connection) -> str | None:
    return at.execute(select(setting.c.value).where(setting.c.name == _NAME)).scalar()
