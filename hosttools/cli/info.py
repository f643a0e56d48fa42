"""``galh info``: what is installed here, for a bug report or a benchmark's caption."""

import platform
from dataclasses import asdict

import click

from emulator.release import release
from hosttools.cli.options import json_option, print_json
from hosttools.kernel.info import Info, describe


@click.command()
@json_option
def info(as_json: bool) -> None:  # noqa: FBT001  # click's signature
    """Tell what is installed, and by which route codes are computed.

    The route is that of arrays of codes, as long searches have them. It is the fastest that
    is there, unless GALH_KERNEL names one. Looking takes a second: routes are measured.
    """
    kernel = describe()
    if as_json:
        print_json({"release": release(), "python": platform.python_version()} | asdict(kernel))
        return
    click.echo(f"galh {release()}, Python {platform.python_version()}, {platform.machine()}")
    for line in lines(kernel):
        click.echo(line)


def lines(kernel: Info) -> list[str]:
    """Return what there is to say of the kernel."""
    width = f", {kernel.lanes} codes a vector, for {kernel.machine}" if kernel.machine else ""
    why = "GALH_KERNEL says so" if kernel.forced else "the fastest measured"
    lines = [f"codes in bulk: {kernel.route}{width}: {why}"]
    for name, route in kernel.routes.items():
        if route.missing is not None:
            told = route.missing
        elif route.worth_from is None:
            told = "never faster than hashlib"
        else:
            told = f"from {route.worth_from:,} at once"
        each = "" if route.code_ns is None else f", {route.code_ns:,.0f} ns each"
        lines.append(f"  {name:<8} {told}{each}")
    return lines
