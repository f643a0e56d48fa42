"""``galh press``, ``galh display``, ``galh code``: a token that lives elsewhere, by hand."""

import contextlib

import click

from emulator.render.terminal import lcd_lines
from hosttools.cli.options import (
    NamedOption,
    SecondsRange,
    json_option,
    port_option,
    print_json,
    speaks_unicode,
    together,
)
from hosttools.hand import Pressed, open_hand
from hosttools.hand.seam import (
    DEFAULT_HOLD_S,
    DEFAULT_LIMIT_S,
    MAX_HOLD_S,
    MAX_TIMES,
    MIN_HOLD_S,
    one_by_one,
)

_token_options = together(
    port_option,
    click.option("--serial", metavar="SERIAL", help="Which token, where there are several."),
)


@click.command()
@_token_options
@click.option(
    "--hold",
    type=SecondsRange(MIN_HOLD_S, MAX_HOLD_S),
    default=DEFAULT_HOLD_S,
    show_default=True,
    metavar="SECONDS",
    help="How long the button is held.",
)
@click.option(
    "--times",
    type=click.IntRange(1, MAX_TIMES),
    default=1,
    show_default=True,
    metavar="N",
    help="Press so often, each time waiting until the LCD is dark.",
)
@click.option(
    "--limit",
    type=SecondsRange(0),
    default=DEFAULT_LIMIT_S,
    show_default=True,
    metavar="SECONDS",
    help="Refuse to press so often that it would take longer.",
)
@json_option
def press(
    port: str,
    serial: str | None,
    *,
    hold: float,
    times: int,
    limit: float,
    as_json: bool,
) -> int:
    """Press the button of the token on a port.

    Prints the code as it lit. Exit code 1 if the token refused the press.
    """
    with contextlib.closing(open_hand(port, serial)) as hand:
        pressed = one_by_one(
            hand, times, hold, limit_s=limit, each=lambda one: _tell(one, as_json=as_json)
        )
    return 0 if pressed[-1].refused is None else 1


def _tell(pressed: Pressed, *, as_json: bool) -> None:
    if as_json:
        print_json({"code": pressed.code, "refused": pressed.refused})
    elif pressed.refused is None:
        click.echo(pressed.code)
    else:
        click.echo(f"refused: {pressed.refused}", err=True)


@click.command()
@_token_options
@click.option(
    "--ascii",
    "ascii_only",
    cls=NamedOption,
    is_flag=True,
    help="Draw with ASCII characters only, as is done where the output takes no others.",
)
@json_option
def display(port: str, serial: str | None, *, ascii_only: bool, as_json: bool) -> None:
    """Show what the LCD of the token on a port shows."""
    with contextlib.closing(open_hand(port, serial)) as hand:
        lcd = hand.lcd()
        remaining_s = hand.remaining_ns() / 1e9
    if as_json:
        print_json(
            {
                "text": lcd.text,
                "lit": lcd.lit,
                "segments": bytes(lcd.digits).hex(),
                "bars": lcd.bars,
                "remaining_s": remaining_s,
            }
        )
        return
    click.echo("\n".join(lcd_lines(lcd, unicode=not ascii_only and speaks_unicode())))
    if remaining_s:
        click.echo(f"{lcd.text}, dark in {remaining_s:.1f} s")
    else:
        click.echo(lcd.text or "dark")


@click.command()
@_token_options
@json_option
def code(port: str, serial: str | None, *, as_json: bool) -> int:
    """Press the token on a port and print the fresh code.

    A code that is still lit is waited for until it is dark, since a press while lit
    gives no new one. Exit code 1 if the token gives none.
    """
    with contextlib.closing(open_hand(port, serial)) as hand:
        hand.wait_dark()
        pressed = hand.press()
    _tell(pressed, as_json=as_json)
    return 0 if pressed.refused is None else 1
