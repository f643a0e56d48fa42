"""``galh drift``: how far a token's clock is off after years."""

import math

import click

from hosttools.cli.options import json_option, print_json
from hosttools.drift import Climates, offsets
from hosttools.errors import UsageError

_SECOND_A_DAY = 11.6
_COLD, _HOT = -5.0, 45.0


@click.command()
@click.option("--ppm", type=click.FloatRange(-100_000, 100_000), help="Tolerance of the crystal.")
@click.option(
    "--celsius",
    metavar="C | LOW,HIGH",
    help="Temperature; two for a year that is coldest at the start.  [default: 25]",
)
@click.option(
    "--years", type=click.IntRange(1, 100), default=3, show_default=True, help="How many years."
)
@json_option
def drift(ppm: float | None, celsius: str | None, years: int, as_json: bool) -> None:  # noqa: FBT001  # click's signature
    """Tell how far a time token's clock is off after years.

    By the model, which runs a token through them, and by the closed formula. Without
    --ppm and --celsius: a token that is 11.6 ppm fast, a second a day, and one that lies
    where it gets -5 to 45 °C in a year.
    """
    if ppm is not None and math.isnan(ppm):
        raise UsageError("--ppm nan; allowed are -100000 to 100000")
    cases = [(ppm or 0.0, _climate("25" if celsius is None else celsius))]
    if ppm is None and celsius is None:
        cases = [(_SECOND_A_DAY, Climates(25, 25)), (0.0, Climates(_COLD, _HOT))]
    told = []
    for tolerance, climate in cases:
        if not as_json:
            click.echo(f"crystal {tolerance:+g} ppm, {climate}")
            click.echo(f"{'years':>7}{'model':>22}{'formula':>22}{'difference':>16}{'steps':>12}")
        for offset in offsets(tolerance, climate, years):
            apart_ms = round((offset.model_s - offset.formula_s) * 1000, 6) + 0.0  # no -0
            steps = offset.model_s / 30
            told.append(
                {
                    "ppm": tolerance,
                    "low_c": climate.low_c,
                    "high_c": climate.high_c,
                    "years": offset.years,
                    "model_s": offset.model_s,
                    "formula_s": offset.formula_s,
                    "difference_ms": apart_ms,
                }
            )
            if not as_json:
                click.echo(
                    f"{offset.years:>7}{offset.model_s:>+20.6f} s{offset.formula_s:>+20.6f} s"
                    f"{apart_ms:>+13.6f} ms{steps:>+12.1f}"
                )
        if not as_json:
            click.echo()
    if as_json:
        print_json(told)


def _climate(text: str) -> Climates:
    parts = text.split(",")
    try:
        low, high = float(parts[0]), float(parts[-1])
    except ValueError:
        low = high = float("nan")
    if len(parts) not in {1, 2} or not -100 <= low <= high <= 150:  # noqa: PLR2004  # the model's
        raise UsageError(
            f"--celsius {text!r}; allowed are one temperature, or LOW,HIGH, from -100 to 150"
        )
    return Climates(low, high)
