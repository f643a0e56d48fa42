"""Placeholders: cut up once, filled without being looked at again."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_model.oath import Secret
from firmware_model.profile import TokenType
from hosttools.servers import Enrolment
from hosttools.servers.described.placeholders import (
    ENROLMENT,
    Template,
    blotted,
    of_enrolment,
    read_template,
)
from hosttools.servers.described.tables import DescriptionError, Table

KNOWN = ("code", "digits", "yes")
TABLE = Table({}, "test.toml")


def template(text: str) -> Template:
    """Read a template."""
    return read_template(TABLE, "key", text, KNOWN)


@given(st.text(), st.text())
def test_values_are_never_looked_at(code: str, around: str) -> None:
    """A value comes out as it went in, whatever is in it and around it."""
    escaped = around.replace("{", "{{").replace("}", "}}")
    filled = template(f"{escaped}{{code}}{escaped}").fill({"code": code})
    assert around + code + around == filled


@given(st.text("{}code1 "))
def test_any_text_is_read_or_refused(text: str) -> None:
    """A text is a template or a complaint, never anything else."""
    with suppress(DescriptionError):
        assert set(KNOWN) >= template(text).names


def test_types() -> None:
    """One placeholder alone keeps its value's type; in a text it is text."""
    assert 6 == template("{digits}").fill_typed({"digits": 6})
    assert "6 " == template("{digits} ").fill_typed({"digits": 6})
    assert "true" == template("{yes}").fill({"yes": True})


def test_unknown_placeholder() -> None:
    """A placeholder that isn't there is refused with the nearest."""
    with pytest.raises(DescriptionError, match=r"unknown placeholder \{cod\}; .*'code'"):
        template("{cod}")


def test_brace_on_its_own() -> None:
    """A brace that opens or closes nothing is refused."""
    for text in ("{", "}", "a}b"):
        with pytest.raises(DescriptionError, match="a brace on its own"):
            template(text)


def test_enrolment() -> None:
    """A token's secret is there in hex, base32 and base64, and nothing is left out."""
    token = Enrolment(
        serial="GALH12345678", token_type=TokenType.EVENT, secret=Secret(b"12345678901234567890")
    )
    values = of_enrolment(token)
    assert set(ENROLMENT) == set(values)
    assert "3132333435363738393031323334353637383930" == values["secret_hex"]
    assert "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ" == values["secret_base32"]
    assert "MTIzNDU2Nzg5MDEyMzQ1Njc4OTA=" == values["secret_base64"]
    assert ("event", "hotp") == (values["type"], values["oath_type"])


def test_blotted() -> None:
    """What was sent is taken out of a server's words, names that are no secret are not."""
    values: dict[str, str | int] = {
        "code": "654321",
        "serial": "GALH12345678",
        "digits": 6,
        "password": "hunter2",
    }
    words = "GALH12345678: 654321 with hunter2 has 6 digits"
    assert "GALH12345678: … with … has 6 digits" == blotted(words, values)
