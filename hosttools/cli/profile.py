"""``galh profile``: what profiles there are, what is in one, and measuring a fob."""

import sys
import textwrap
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from emulator.clock import host_time
from firmware_model.errors import ProfileError
from firmware_model.products import PRODUCTS, PROFILES
from firmware_model.profile import SECOND, Profile, describe
from firmware_model.profile_file import profile_to_mapping
from hosttools.calibration import conduct, measure, profile_toml
from hosttools.cli.files import check_new, write_new
from hosttools.cli.options import json_option, load_profile, out_option, print_json
from hosttools.console import Console
from hosttools.errors import HostError, UsageError

_WIDTH = 88


@click.group()
def profile() -> None:
    """List, show and measure profiles of products."""


@profile.command("list")
@json_option
def list_(as_json: bool) -> None:  # noqa: FBT001  # click's signature
    """List the profiles that ship."""
    rows: list[dict[str, Any]] = [
        {
            "name": p.name,
            "title": p.title,
            "type": p.token_type.value,
            "digits": p.digits,
            "lit_s": p.lit_ns / SECOND,
            "press_while_lit": p.press_while_lit.value,
        }
        for p in PROFILES.values()
    ]
    if as_json:
        print_json(rows)
        return
    click.echo(f"{'name':<18}{'type':<7}{'digits':<8}{'lit':<7}{'press while lit':<17}title")
    for row in rows:
        lit = f"{row['lit_s']:g} s"
        click.echo(
            f"{row['name']:<18}{row['type']:<7}{row['digits']:<8}{lit:<7}"
            f"{row['press_while_lit']:<17}{row['title']}"
        )


@profile.command()
@click.argument("name", metavar="NAME|FILE")
@json_option
def show(name: str, as_json: bool) -> None:  # noqa: FBT001  # click's signature
    """Show every setting of a profile: value, meaning, and where the value comes from."""
    chosen = load_profile(name)
    assert chosen is not None  # noqa: S101  # it was named
    values = profile_to_mapping(chosen)
    settings = [
        {
            "setting": setting,
            "value": values[setting],
            "meaning": meaning,
            "source": PRODUCTS[name].source(setting) if name in PRODUCTS else f"file {name}",
        }
        for setting, meaning, _ in describe()
    ]
    if as_json:
        print_json({"name": chosen.name, "settings": settings})
        return
    for row in settings:
        click.echo(f"{row['setting']} = {_readable(str(row['setting']), row['value'])}")
        for text in (str(row["meaning"]), f"Source: {row['source']}"):
            click.echo(textwrap.indent(textwrap.fill(text, _WIDTH), "    "))


def _readable(setting: str, value: object) -> str:
    if setting.endswith("_ns") and isinstance(value, int):
        return f"{value / SECOND:g} s"
    return str(value)


@profile.command("measure")
@out_option("Profile file")
@click.option(
    "--base",
    type=click.Choice(sorted(PROFILES)),
    default="GALH",
    show_default=True,
    help="Profile that gives what is not measured.",
)
@click.option("--name", default="MYFOB", show_default=True, help="Name of the new profile.")
@json_option
def measure_(out: Path, base: str, name: str, as_json: bool) -> None:  # noqa: FBT001  # click's signature
    """Measure a real fob: you press it and look; what was seen is written to FILE.

    Takes five to ten minutes, at a terminal. Codes are asked for to compare them; they
    neither show nor are kept.
    """
    chosen = PROFILES[base]
    _check_name(chosen, name)
    check_new(out)
    if not _at_terminal():
        raise UsageError("measuring asks questions: run it at a terminal, input not redirected")
    found = conduct(measure(chosen), Console(host_time).answer)
    text = profile_toml(found, chosen, name)
    try:
        write_new(out, text.encode())
    except HostError:
        click.echo(text)  # minutes of somebody's work
        raise
    if as_json:
        settings = {s: {"value": f.value, "how": f.how} for s, f in found.settings.items()}
        print_json({"file": str(out), "settings": settings, "missing": found.missing})
        return
    click.echo(f"wrote {out}: {len(found.settings)} settings seen, {len(found.missing)} not")


def _check_name(base: Profile, name: str) -> None:
    if name in PROFILES:
        raise UsageError(f"--name {name}: a profile of that name ships; give another")
    try:
        replace(base, name=name)
    except ProfileError as e:
        raise UsageError(f"--name {name!r}: {e}") from None


def _at_terminal() -> bool:
    return sys.stdin is not None and sys.stdin.isatty()
