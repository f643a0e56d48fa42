"""The policy, switched while others work."""

import json
from pathlib import Path

import pytest
from sqlalchemy import update

from hosttools.errors import PolicyError, StateError
from hosttools.portal import Portal, auditlog, open_portal
from hosttools.portal.passwords import CHEAP
from hosttools.portal.tables import setting
from hosttools.refserver import Policy
from hosttools.refserver.policies import POLICIES


def test_begins_with_the_default(portal: Portal) -> None:
    """Unless somebody says otherwise."""
    assert ("default", Policy()) == (portal.policy_name, portal.tokens.policy)


def test_is_set_by_name_or_settings(portal: Portal) -> None:
    """Settings without a name are custom; the log tells."""
    portal.set_policy("privacyidea", actor="support")
    assert ("privacyidea", POLICIES["privacyidea"].policy) == (
        portal.policy_name, portal.tokens.policy,
    )  # fmt: skip
    portal.set_policy(Policy(look_ahead=3), actor="support")
    assert ("custom", 3) == (portal.policy_name, portal.tokens.policy.look_ahead)

    last = auditlog.entries(portal)[-1]
    assert ("support", "policy set", 3) == (last.actor, last.act, last.told()["look_ahead"])


def test_others_see_it_at_their_next_act(tmp_path: Path) -> None:
    """Another process has the same database, and is kept when it is opened again."""
    place = str(tmp_path / "portal.db")
    with open_portal(place, hashing=CHEAP) as one, open_portal(place, hashing=CHEAP) as other:
        one.set_policy("rfc-strict")
        assert POLICIES["rfc-strict"].policy == other.tokens.policy

    with open_portal(place, hashing=CHEAP) as again:
        assert "rfc-strict" == again.policy_name
    with open_portal(place, policy="liboath", hashing=CHEAP) as again:
        assert "liboath" == again.policy_name


def test_refuses_an_unknown_name(portal: Portal, tmp_path: Path) -> None:
    """It says which there are, before a database is made."""
    with pytest.raises(PolicyError, match="there are default, rfc-strict"):
        portal.set_policy("lax")
    with pytest.raises(PolicyError, match="no policy 'lax'"):
        open_portal(str(tmp_path / "portal.db"), policy="lax")

    assert [] == list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "value", ["", "[]", "{}", json.dumps({"name": "x", "settings": {"look_ahead": -1}})]
)
def test_a_damaged_policy_is_a_state_error(portal: Portal, value: str) -> None:
    """Tokens are not treated by some other policy instead."""
    with portal.db.write() as at:
        at.execute(update(setting).values(value=value))

    with pytest.raises(StateError, match="set it anew"):
        _ = portal.tokens.policy
    portal.set_policy("default")
    assert Policy() == portal.tokens.policy
