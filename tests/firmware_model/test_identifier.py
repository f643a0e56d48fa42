"""Serial numbers: what is taken, what is refused, and what the refusal says."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_model.errors import IdentifierError
from firmware_model.identifier import MAX_SERIAL, identify, normalise
from firmware_model.products import GALH, GALT
from firmware_model.profile import Profile, TokenType

GAHT = dataclasses.replace(GALH, name="GAHT", serial_pattern=r"GAHT[0-9]{8}")
LONG = dataclasses.replace(GALH, name="LONG", serial_pattern=r"[0-9]{16}")


@pytest.mark.parametrize(
    "text",
    [
        "GALH12345678",
        "galh12345678",
        " GALH 1234 5678 ",
        "GALH-1234-5678",
        "GALH\u00a01234\u20105678",
        "\tGaLh1234\u20115678",
    ],
)
def test_spaces_hyphens_and_case_do_not_matter(text: str) -> None:
    """A serial is taken as people type it from the back."""
    assert ("GALH12345678", GALH) == identify(text)


def test_type_follows_from_the_prefix() -> None:
    """GALH is event-based, GALT time-based."""
    assert TokenType.EVENT is identify("GALH00000042")[1].token_type
    assert TokenType.TIME is identify("GALT00000042")[1].token_type


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "empty serial number; one looks like GALH12345678"),
        (" - ", "empty"),
        ("GALH1234567", "after GALH come 8 digits, not 7"),
        ("GALH123456789", "after GALH come 8 digits, not 9"),
        ("GALT1234567", "after GALT come 8 digits, not 7"),
        ("GALH", "nothing follows the prefix"),
        ("GALH1234O678", "after GALH come 8 digits; 'O' is not a digit"),
        ("GAHT12345678", "add a profile"),
        ("GAHT12345678", r"near ones are GALT\[0-9\]\{8\} \(GALT\) or GALH\[0-9\]\{8\} \(GALH\);"),
        (
            "GA1H12345678",
            r"near ones are GALH.* or GALT\[0-9\]\{8\} \(GALT\); see `galh profile list`",
        ),
        ("VIPC1234567", "after VIPC come 8 digits, not 7"),
        ("260851234567", r"near ones are \[01\].* \(FEITIAN-C100\) or .* \(FEITIAN-C200\);"),
        ("XYZ1", "no profile knows it; none is like it"),
        ("GALH1234567\uff18", "character 12 is '\uff18'"),
        ("GALH1234567\u0668", "character 12"),
        ("gal\u013112345678", "character 4 is '\u0131'"),
        ("GALH1234567\0", r"character 12 is '\\x00'"),
        ("GALH12345678\n", r"character 13 is '\\n'"),
        ("GALH_1234567", "character 5 is '_'"),
        ("A" * 25, "25 characters; one has at most 24"),
    ],
)
def test_refusal_says_what_is_wrong(text: str, complaint: str) -> None:
    """What can't be a serial is refused with what is wrong with it."""
    with pytest.raises(IdentifierError, match=complaint):
        identify(text)


@pytest.mark.parametrize(
    ("text", "profile"), [("gaht-12345678", GAHT), ("2608 5123 4567 8901", LONG)]
)
def test_other_serials_through_a_profile(text: str, profile: Profile) -> None:
    """Other prefixes and makers are taken where a profile has a pattern for them."""
    serial, found = identify(text, [GALH, GALT, profile])
    assert profile is found
    assert normalise(text) == serial


def test_few_profiles_are_all_named() -> None:
    """Where there are few profiles to choose from, a refusal names them all."""
    with pytest.raises(IdentifierError, match=r"near ones are GAHT.* \(GAHT\) or .* \(LONG\)"):
        identify("XYZ1", [GAHT, LONG])


def test_first_matching_profile_wins() -> None:
    """Where two profiles fit, the first is taken."""
    clears = dataclasses.replace(GALH, name="CLEARS")
    assert clears is identify("GALH12345678", [clears, GALH])[1]


@given(st.text() | st.text("GALHTgalht0123456789 -", max_size=30))
def test_raises_only_identifier_error(text: str) -> None:
    """Any text makes a normal serial or an IdentifierError."""
    try:
        serial, profile = identify(text)
    except IdentifierError:
        return
    assert (serial, profile) == identify(serial)
    assert len(serial) == 13 if serial.isdigit() else 12


@given(st.text("abcXYZ019 -", min_size=1, max_size=MAX_SERIAL))
def test_normalise_is_idempotent(text: str) -> None:
    """A normal serial stays as it is."""
    try:
        serial = normalise(text)
    except IdentifierError:
        assert not text.strip(" -")
        return
    assert serial == normalise(serial)
