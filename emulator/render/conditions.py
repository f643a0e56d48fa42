"""Every condition that an LCD can be in, as examples: for pictures, tests and the docs.

The products are like those of :mod:`firmware_model.products`: six digits and a battery
sign; a time token has six time bars as well.
"""

from typing import Final, NamedTuple

from firmware_model.damage import Damage, with_segment, worn
from firmware_model.segments import ALL, Lcd, encode


class Condition(NamedTuple):
    """One condition.

    Attributes:
        name: short and unique; a picture's file name.
        meaning: what has brought the LCD into it.
        lcd: what it shows then.
    """

    name: str
    meaning: str
    lcd: Lcd


_DARK: Final = Lcd(encode("      "), battery_sign=True)
_LIT: Final = Lcd(encode("755224"), battery_sign=True)
_TIME: Final = Lcd(encode("287082"), bar_count=6, battery_sign=True)
_EVERYTHING: Final = Lcd((ALL,) * 6, bars=6, bar_count=6, battery=True, battery_sign=True)


def _shows(text: str) -> Lcd:
    return _DARK._replace(digits=encode(text.rjust(len(_DARK.digits))))


def _dead(digit: int, segment: str) -> Lcd:
    damage = Damage(dead=with_segment((), digit, segment))
    return _TIME._replace(digits=worn(_TIME.digits, damage), bars=3)


def _stuck(digit: int, segment: str) -> Lcd:
    damage = Damage(stuck=with_segment((), digit, segment))
    return _TIME._replace(digits=worn(_TIME.digits, damage), bars=3)


CONDITIONS: Final = (
    Condition("dark", "Asleep, or it has no life left", _DARK),
    Condition("code", "A code", _LIT),
    Condition("eight-digits", "A code of a product with eight digits", Lcd(encode("94287082"))),
    *(
        Condition(f"bars-{bars}", f"A time token's code with {bars} of 6 time bars left", lcd)
        for bars in range(6, -1, -1)
        for lcd in [_TIME._replace(bars=bars)]
    ),
    Condition("battery", "A code, and the battery is weak", _LIT._replace(battery=True)),
    Condition(
        "err", "The battery is too weak for a code, where the profile says so", _shows("Err")
    ),
    Condition("dashes", "Its memory is damaged or erased: no more codes", _shows("------")),
    Condition("test", "LCD test: every segment, bar and sign", _EVERYTHING),
    Condition("counter", "Button held: the next counter, 42, in hex", _shows("2A")),
    Condition("menu-time", "Menu: the token's time of day", _shows("12-34")),
    Condition("menu-battery", "Menu: percent left in the battery", _shows("b   87")),
    Condition("menu-serial", "Menu: the last digits of the serial number", _shows("345678")),
    Condition("dead-b", "287082 with segment b of the 8 dead", _dead(1, "b")),
    Condition("dead-e", "287082 with segment e of the 8 dead", _dead(1, "e")),
    Condition("dead-g", "287082 with segment g of the 8 dead", _dead(1, "g")),
    Condition("dead-a", "287082 with segment a of the last 2 dead: no glyph", _dead(5, "a")),
    Condition("stuck-g", "287082 with segment g of the 0 stuck", _stuck(3, "g")),
    Condition("stuck-d", "287082 with segment d of the 7 stuck: no glyph", _stuck(2, "d")),
    *(
        Condition(f"contrast-{contrast}", f"{cause}: contrast {contrast} %", lcd)
        for contrast, cause in (
            (60, "A code in the cold"),
            (30, "A code in hard frost, or with a failing battery"),
            (0, "A code, lit in frost too hard for it"),
        )
        for lcd in [_TIME._replace(bars=3, battery=True, contrast=contrast)]
    ),
)
"""All of them, in an order that reads well."""
