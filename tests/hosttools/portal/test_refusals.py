"""What somebody is told no with."""

from hosttools.portal import Refusal, Why


def test_tells_users_less_than_operators() -> None:
    """Its text is the user's; programs get a reason."""
    refusal = Refusal(Why.TOO_MANY, "Wait.", "12 attempts", wait_ns=5)

    assert ("Wait.", "12 attempts", 5, "too_many") == (
        str(refusal), refusal.operator, refusal.wait_ns, refusal.code.value,
    )  # fmt: skip
    assert "Wait." == Refusal(Why.TOO_MANY, "Wait.").operator
