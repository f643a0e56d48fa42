"""The products that ship: the GALH fob, its time-based sister, and relatives.

What is stated of a product stands here with its source. All else is the default of
:class:`~firmware_model.profile.Profile`: not known of the product.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from firmware_model.profile import (
    MILLISECOND,
    OUR_DEFAULT,
    SECOND,
    SUPPORT_ARTICLE,
    HoldAction,
    Loss,
    PressWhileLit,
    Profile,
    TokenType,
    WeakBattery,
)


@dataclass(frozen=True, slots=True)
class Product:
    """A profile, and where its values come from.

    Attributes:
        profile: what the product does.
        sources: where a value comes from, by the name of the setting; a setting that is
            missing is not known of the product, and at the default. A source that
            begins with :data:`~firmware_model.profile.OUR_DEFAULT` is not known of it
            either, but ours for a reason.
    """

    profile: Profile
    sources: Mapping[str, str]

    def source(self, setting: str) -> str:
        """Return where the value of a setting comes from."""
        return self.sources.get(setting, f"not known: {OUR_DEFAULT}")


def _product(name: str, title: str, **settings: tuple[object, str]) -> Product:
    """Make a product; a setting comes as its value and where that comes from."""
    values: dict[str, Any] = {setting: value for setting, (value, _) in settings.items()}
    sources = {setting: source for setting, (_, source) in settings.items()}
    return Product(Profile(name=name, title=title, **values), sources)


def _prefix(letters: str) -> tuple[str, str]:
    return f"{letters}[0-9]{{8}}", OUR_DEFAULT


_EVENT_BY_CHOICE: Final = (TokenType.EVENT, OUR_DEFAULT)
_DAYS_OF_4_YEARS: Final = 1_461
_DAYS_OF_6_YEARS: Final = 2_191

_SHIPPED: Final = (
    _product(
        "GALH",
        "GALH key fob, event-based",
        token_type=(TokenType.EVENT, SUPPORT_ARTICLE + ": presses take it out of sync"),
        serial_pattern=(r"GALH[0-9]{8}", SUPPORT_ARTICLE + ": GALH12345678"),
        digits=(6, SUPPORT_ARTICLE),
        lit_ns=(30 * SECOND, SUPPORT_ARTICLE + ": about 30 s"),
        press_while_lit=(
            PressWhileLit.IGNORE,
            OUR_DEFAULT + ": the 30 s wait of the procedure fits it",
        ),
    ),
    _product(
        "GALT",
        "GALT key fob, time-based",
        token_type=(TokenType.TIME, OUR_DEFAULT + ": LT taken for the time-based fob"),
        serial_pattern=(r"GALT[0-9]{8}", OUR_DEFAULT + ": LT taken for the time-based fob"),
        time_bars=(6, OUR_DEFAULT + ": a bar for each 5 s"),
    ),
    _product(
        "MIDEYE-CARD",
        "Mideye card",
        token_type=_EVENT_BY_CHOICE,
        serial_pattern=_prefix("MDEY"),
        press_while_lit=(PressWhileLit.CLEAR, "Mideye card: a press while lit clears the code"),
    ),
    _product(
        "DIGIPASS-GO6",
        "Digipass GO 6, event-based",
        token_type=(TokenType.EVENT, "Digipass GO 6: event or time; the choice is our default"),
        serial_pattern=_prefix("DPGS"),
    ),
    _product(
        "DIGIPASS-GO7",
        "Digipass GO 7",
        token_type=(TokenType.TIME, OUR_DEFAULT + ": its menu shows the time"),
        serial_pattern=_prefix("DPGV"),
        lit_ns=(32 * SECOND, "Digipass GO 7: lit for 32 s"),
        press_while_lit=(PressWhileLit.CLEAR, "Digipass GO 7: a press while lit clears the code"),
        hold_ns=(6 * SECOND, "Digipass GO 7: held for 6 s or more"),
        hold_action=(HoldAction.MENU, "Digipass GO 7: a hold opens Time, Battery, Serial"),
    ),
    _product(
        "VIP-CARD",
        "Symantec VIP card",
        token_type=(TokenType.EVENT, OUR_DEFAULT + ": it has a counter to show"),
        serial_pattern=_prefix("VIPC"),
        hold_ns=(2 * SECOND, "Symantec VIP card: held for 2 s"),
        hold_action=(
            HoldAction.SHOW_COUNTER,
            "Symantec VIP card: the last screen of a hold is the counter in hex",
        ),
    ),
    _product(
        "VIP-FOB",
        "Symantec VIP fob",
        token_type=(TokenType.EVENT, OUR_DEFAULT + ": its life is counted in codes"),
        serial_pattern=_prefix("VIPF"),
        max_codes=(
            15_000,
            "Symantec VIP fob: 5 years or 15,000 codes; an event token has no clock for the years",
        ),
    ),
    _product(
        "FORTITOKEN-200",
        "FortiToken 200",
        token_type=(TokenType.TIME, OUR_DEFAULT + ": it shows the time left"),
        serial_pattern=_prefix("FORT"),
        step_s=(60, OUR_DEFAULT + ": as long as it is lit"),
        lit_ns=(60 * SECOND, "FortiToken 200: lit for 60 s"),
        time_bars=(6, "FortiToken 200: a bar graph in steps of 10 s"),
        battery_gone=(
            Loss.LIFE,
            "FortiToken: permanent error, no code; that nothing lights at all is our default",
        ),
    ),
    _product(
        "DUO-FOB",
        "Duo fob",
        token_type=_EVENT_BY_CHOICE,
        serial_pattern=_prefix("DUOF"),
        lit_ns=(17_500 * MILLISECOND, "Duo fob: lit for 15 to 20 s; the middle"),
        weak_battery=(WeakBattery.ERROR, "Duo fob: Err or distorted digits"),
    ),
    _product(
        "SAFEID",
        "Deepnet SafeID",
        token_type=(TokenType.TIME, "Deepnet SafeID: has a clock, about 1 s off in 3 days"),
        serial_pattern=_prefix("SAFE"),
        digits=(6, "Deepnet SafeID: six dashes when its seed is bad"),
    ),
    _product(
        "FEITIAN-C100",
        "Feitian c100",
        token_type=(TokenType.EVENT, "Feitian c100: HOTP"),
        serial_pattern=(
            r"[01][0-9]{12}",
            "Feitian: 13 digits; that the first one tells c100 and c200 apart is our default",
        ),
    ),
    _product(
        "FEITIAN-C200",
        "Feitian c200",
        token_type=(TokenType.TIME, "Feitian c200: TOTP"),
        serial_pattern=(
            r"[2-9][0-9]{12}",
            "Feitian: 13 digits; that the first one tells c100 and c200 apart is our default",
        ),
        step_s=(60, "Feitian c200: 60 s"),
    ),
    _product(
        "ETOKEN-PASS",
        "eToken PASS, event-based",
        token_type=(TokenType.EVENT, "eToken PASS: event or time; the choice is our default"),
        serial_pattern=_prefix("ETPA"),
    ),
    _product(
        "SWIVEL-HOTP",
        "Swivel token, event-based",
        token_type=(TokenType.EVENT, "Swivel: HOTP"),
        serial_pattern=_prefix("SWVH"),
        lit_ns=(11 * SECOND, "Swivel HOTP: lit for 10 to 12 s; the middle"),
        max_codes=(
            14_000,
            "Swivel: 4 years, more than 14,000 clicks; an event token has no clock for the years",
        ),
    ),
    _product(
        "SWIVEL-TOTP",
        "Swivel token, time-based",
        token_type=(TokenType.TIME, "Swivel: TOTP"),
        serial_pattern=_prefix("SWVT"),
        lit_ns=(60 * SECOND, "Swivel TOTP: lit for 60 s"),
        life_days=(_DAYS_OF_4_YEARS, "Swivel: 4 years"),
    ),
    _product(
        "HID-MINI",
        "HID mini token, time-based",
        token_type=(TokenType.TIME, OUR_DEFAULT + ": its life is counted in years"),
        serial_pattern=_prefix("HIDM"),
        life_days=(_DAYS_OF_6_YEARS, "HID mini: 6 years"),
    ),
    _product(
        "TOKEN2",
        "Token2 token, time-based",
        token_type=(TokenType.TIME, "Token2: has a clock, about 2 min off in a year"),
        serial_pattern=_prefix("TKTW"),
    ),
    _product(
        "SQUARE-ENIX",
        "Square Enix token",
        token_type=_EVENT_BY_CHOICE,
        serial_pattern=_prefix("SQEX"),
        battery_gone=(Loss.SECRET, "Square Enix token: data erased when the battery is out"),
    ),
)

PRODUCTS: Final[Mapping[str, Product]] = {p.profile.name: p for p in _SHIPPED}
"""The products that ship with the model, by their profile's name."""

PROFILES: Final[Mapping[str, Profile]] = {name: p.profile for name, p in PRODUCTS.items()}
"""Their profiles, by name."""

GALH: Final = PROFILES["GALH"]
"""The fob on the doctor's key ring."""

GALT: Final = PROFILES["GALT"]
"""Its time-based sister."""
