"""The products that ship: each value known or marked, each serial number one product's."""

import re
from dataclasses import fields
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_model import lcd
from firmware_model.identifier import identify
from firmware_model.products import GALH, GALT, PRODUCTS, PROFILES, Product
from firmware_model.profile import (
    MILLISECOND,
    OUR_DEFAULT,
    SECOND,
    HoldAction,
    Loss,
    PressWhileLit,
    Profile,
    StepChange,
    TokenType,
    WeakBattery,
)
from firmware_model.stimuli import Lit

if TYPE_CHECKING:
    from tests.firmware_model.conftest import MakeToken

RELATIVES = [name for name in PRODUCTS if name not in {"GALH", "GALT"}]
EVERY = pytest.mark.parametrize("product", PRODUCTS.values(), ids=list(PRODUCTS))


def test_galh_and_galt() -> None:
    """GALH counts and GALT has steps of 30 s; both show 6 digits for 30 s."""
    assert (TokenType.EVENT, TokenType.TIME) == (GALH.token_type, GALT.token_type)
    for profile in (GALH, GALT):
        assert 30 * SECOND == profile.lit_ns
        assert 6 == profile.digits
        assert 30 == profile.step_s
        assert 0 == profile.first_counter
        assert PressWhileLit.IGNORE is profile.press_while_lit
        assert HoldAction.NONE is profile.hold_action
        assert StepChange.KEEP is profile.step_change
    assert (0, 6) == (GALH.time_bars, GALT.time_bars)


def test_profiles_are_those_of_the_products() -> None:
    """Profiles are found by their name, and GALH is the first."""
    assert {name: product.profile for name, product in PRODUCTS.items()} == PROFILES
    assert list(PROFILES) == [profile.name for profile in PROFILES.values()]
    assert (GALH, GALT) == tuple(PROFILES.values())[:2]
    assert len(RELATIVES) >= 8


@pytest.mark.parametrize(
    ("name", "setting", "value"),
    [
        ("MIDEYE-CARD", "press_while_lit", PressWhileLit.CLEAR),
        ("DIGIPASS-GO7", "press_while_lit", PressWhileLit.CLEAR),
        ("DIGIPASS-GO7", "lit_ns", 32 * SECOND),
        ("DIGIPASS-GO7", "hold_ns", 6 * SECOND),
        ("DIGIPASS-GO7", "hold_action", HoldAction.MENU),
        ("VIP-CARD", "hold_ns", 2 * SECOND),
        ("VIP-CARD", "hold_action", HoldAction.SHOW_COUNTER),
        ("VIP-FOB", "max_codes", 15_000),
        ("FORTITOKEN-200", "lit_ns", 60 * SECOND),
        ("FORTITOKEN-200", "battery_gone", Loss.LIFE),
        ("DUO-FOB", "lit_ns", 17_500 * MILLISECOND),
        ("DUO-FOB", "weak_battery", WeakBattery.ERROR),
        ("FEITIAN-C100", "token_type", TokenType.EVENT),
        ("FEITIAN-C200", "token_type", TokenType.TIME),
        ("FEITIAN-C200", "step_s", 60),
        ("SWIVEL-HOTP", "lit_ns", 11 * SECOND),
        ("SWIVEL-HOTP", "max_codes", 14_000),
        ("SWIVEL-TOTP", "lit_ns", 60 * SECOND),
        ("SWIVEL-TOTP", "life_days", 1_461),
        ("HID-MINI", "life_days", 2_191),
        ("SQUARE-ENIX", "battery_gone", Loss.SECRET),
    ],
)
def test_what_is_stated(name: str, setting: str, value: object) -> None:
    """What is stated of a product is what its profile does, and says who states it."""
    product = PRODUCTS[name]
    assert value == getattr(product.profile, setting)
    assert not product.source(setting).startswith(OUR_DEFAULT)
    assert product.source(setting).split()[0].rstrip(":") in product.profile.title


def test_bar_of_fortitoken_is_ten_seconds() -> None:
    """A bar of the FortiToken 200 is worth 10 s."""
    profile = PROFILES["FORTITOKEN-200"]
    assert 10 == profile.step_s / profile.time_bars


@EVERY
def test_every_value_has_a_source(product: Product) -> None:
    """A value that is not the default has a source; the rest is marked as not known."""
    named = {"name", "title"}
    for field in fields(Profile):
        if field.name in product.sources or field.name in named:
            continue
        assert field.default == getattr(product.profile, field.name)
        assert "not known: our default" == product.source(field.name)
    assert {field.name for field in fields(Profile)} - named >= set(product.sources)


@EVERY
def test_title_names_the_type_where_the_product_has_both(product: Product) -> None:
    """A title that says event-based or time-based says what the profile is."""
    said = re.search(r"(event|time)-based", product.profile.title)
    assert said is None or product.profile.token_type.value == said[1]


@EVERY
def test_gives_a_code(make_token: "MakeToken", product: Product) -> None:
    """A token of every product lights its first code, for as long as the profile says."""
    profile = product.profile
    token = make_token(profile)
    effects = token.press(SECOND)
    (lit,) = [effect for effect in effects if isinstance(effect, Lit)]
    assert "755224" == lit.code
    dark_ns = lit.at_ns + profile.lit_ns
    token.run(dark_ns - 1)
    assert "755224" == lcd(token.state).text
    token.run(dark_ns)
    assert "" == lcd(token.state).text


@EVERY
@settings(max_examples=settings().max_examples // 4)  # of each, and there are many
@given(data=st.data())
def test_serial_fits_one_product(product: Product, data: st.DataObject) -> None:
    """Each serial number of a product is that product's and no other one's."""
    pattern = product.profile.serial_pattern
    serial = data.draw(
        st.from_regex(pattern, fullmatch=True, alphabet=st.characters(codec="ascii"))
    )
    assert (serial, product.profile) == identify(serial)
    fits = [p.name for p in PROFILES.values() if re.fullmatch(p.serial_pattern, serial)]
    assert [product.profile.name] == fits


@given(st.from_regex(r"[0-9]{13}", fullmatch=True, alphabet=st.characters(codec="ascii")))
def test_every_feitian_serial_is_known(serial: str) -> None:
    """Any 13 digits are a Feitian token's serial number."""
    assert identify(serial)[1].name in {"FEITIAN-C100", "FEITIAN-C200"}
