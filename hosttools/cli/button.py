"""``galh press``, ``galh display``, ``galh code``: a token on a port, by hand."""

import click

from emulator.render.terminal import lcd_lines
from hosttools.cli.options import (
    NamedOption,
    SecondsRange,
    json_option,
    port_option,
    print_json,
    speaks_unicode,
)
from hosttools.errors import UsageError
from hosttools.hand import PortToken, Pressed

_LIT_S = 30.0


@click.command()
@port_option
@click.option(
    "--hold",
    type=SecondsRange(0.001, 3600),
    default=0.1,
    show_default=True,
    metavar="SECONDS",
    help="How long the button is held.",
)
@click.option(
    "--times",
    type=click.IntRange(1, 1_000_000),
    default=1,
    show_default=True,
    metavar="N",
    help="Press so often, each time waiting until the LCD is dark.",
)
@click.option(
    "--limit",
    type=SecondsRange(0),
    default=120.0,
    show_default=True,
    metavar="SECONDS",
    help="Refuse to press so often that it would take longer.",
)
@json_option
def press(port: str, hold: float, times: int, limit: float, as_json: bool) -> int:  # noqa: FBT001  # click's signature
    """Press the button of the token on a port.

    Prints the code as it lit. Exit code 1 if the token refused the press.
    """
    with PortToken(port) as token:
        rate = token.rate()
        needed_s = (times * hold + (times - 1) * _LIT_S) / rate if rate else 0.0
        if needed_s > limit:
            raise UsageError(
                f"{times} presses take about {needed_s:.0f} s on this clock, more than --limit"
                f" {limit:g}; serve with a manual or faster clock, or raise the limit"
            )
        for number in range(times):
            if number:
                token.wait_dark()
            pressed = token.press(hold)
            _tell(pressed, as_json=as_json)
            if pressed.refused is not None:
                return 1
    return 0


def _tell(pressed: Pressed, *, as_json: bool) -> None:
    if as_json:
        print_json({"code": pressed.code, "refused": pressed.refused})
    elif pressed.refused is None:
        click.echo(pressed.code)
    else:
        click.echo(f"refused: {pressed.refused}", err=True)


@click.command()
@port_option
@click.option(
    "--ascii",
    "ascii_only",
    cls=NamedOption,
    is_flag=True,
    help="Draw with ASCII characters only, as is done where the output takes no others.",
)
@json_option
def display(port: str, ascii_only: bool, as_json: bool) -> None:  # noqa: FBT001  # click's signature
    """Show what the LCD of the token on a port shows."""
    with PortToken(port) as token:
        lcd = token.lcd()
        remaining_s = token.remaining_ns() / 1e9
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
@port_option
@json_option
def code(port: str, as_json: bool) -> int:  # noqa: FBT001  # click's signature
    """Press the token on a port and print the fresh code.

    A code that is still lit is waited for until it is dark, since a press while lit
    gives no new one. Exit code 1 if the token gives none.
    """
    with PortToken(port) as token:
        token.wait_dark()
        pressed = token.press()
    _tell(pressed, as_json=as_json)
    return 0 if pressed.refused is None else 1
