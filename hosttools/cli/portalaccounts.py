"""``galh portal accounts``: who may log in to a portal."""

import sys
from pathlib import Path
from typing import Any

import click

from hosttools.cli.options import json_option, path_option, print_json
from hosttools.cli.portaldb import OPERATOR, db_option, opened
from hosttools.cli.seedkeys import asked, password_in
from hosttools.errors import UsageError
from hosttools.portal import accounts as people
from hosttools.portal.accounts import Account, EpcsStatus, Role
from hosttools.portal.epcs import registration

_name = click.argument("name")
_password_option = path_option(
    "--password-file", "FILE", "The password is its first line.  [default: it is asked for]"
)
_TEXTS = ("email", "phone", "practice", "home-address", "office-address")


@click.group()
def accounts() -> None:
    """List and change who may log in to a portal."""


@accounts.command("list")
@db_option(required=True)
@json_option
def list_(
    db: str,
    as_json: bool,  # noqa: FBT001  # click's signature
) -> None:
    """List all accounts by name."""
    with opened(db) as portal:
        found = people.list_all(portal)
    if as_json:
        print_json([account.as_dict() for account in found])
        return
    for account in found:
        state = "  disabled" if account.disabled else ""
        epcs = f"  epcs={account.epcs.value}" if account.role is Role.DOCTOR else ""
        click.echo(f"{account.name}  {account.role.value}  {account.full_name}{epcs}{state}")


@accounts.command()
@_name
@db_option(required=True)
@click.option("--role", type=click.Choice([role.value for role in Role]), required=True)
@click.option("--full-name", required=True, metavar="NAME")
@click.option("--email", default="", metavar="ADDRESS")
@click.option("--phone", default="", metavar="NUMBER")
@click.option("--practice", default="", metavar="NAME")
@click.option("--home-address", default="", metavar="LINE")
@click.option("--office-address", default="", metavar="LINE")
@click.option("--dea-number", metavar="NUMBER", help="A doctor's, to sign with: made up.")
@click.option(
    "--epcs",
    type=click.Choice([status.value for status in EpcsStatus]),
    default=EpcsStatus.NONE.value,
    show_default=True,
    help="How far a doctor is on the way to signing.",
)
@_password_option
@path_option("--pin-file", "FILE", "A doctor's signing PIN of 4 digits is its first line.")
def add(
    name: str,
    db: str,
    role: str,
    dea_number: str | None,
    epcs: str,
    password_file: Path | None,
    pin_file: Path | None,
    **texts: Any,  # noqa: ANN401  # the account's texts, each a str by click
) -> None:
    """Make an account."""
    with opened(db) as portal:
        account = Account(name=name, role=Role(role), epcs=EpcsStatus(epcs), **texts)
        pin = None if pin_file is None else password_in(pin_file)
        password = _password(password_file, name)
        with portal.db.write():
            people.add(portal, account, password, pin=pin, actor=OPERATOR)
            if dea_number is not None:
                registration.set_dea_number(portal, name, dea_number, actor=OPERATOR)


@accounts.command()
@_name
@db_option(required=True)
@_password_option
def passwd(name: str, db: str, password_file: Path | None) -> None:
    """Give an account a new password, which ends its sessions."""
    with opened(db) as portal:
        people.find(portal, name)  # before anybody types
        people.set_password(portal, name, _password(password_file, name), actor=OPERATOR)


@accounts.command()
@_name
@db_option(required=True)
def disable(name: str, db: str) -> None:
    """Let an account log in no more, which ends its sessions."""
    with opened(db) as portal:
        people.set_disabled(portal, name, disabled=True, actor=OPERATOR)


@accounts.command()
@_name
@db_option(required=True)
def enable(name: str, db: str) -> None:
    """Let a disabled account log in again."""
    with opened(db) as portal:
        people.set_disabled(portal, name, disabled=False, actor=OPERATOR)


def _password(path: Path | None, name: str) -> str:
    if path is not None:
        return password_in(path)
    if sys.stdin is None or not sys.stdin.isatty():
        raise UsageError("nobody to ask for the password: give --password-file FILE")
    return asked(f"Password of {name}", again=True)
