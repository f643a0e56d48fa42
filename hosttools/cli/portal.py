"""``galh portal``: its commands, loaded only when one is asked for. Alone, it serves."""

import importlib
from typing import Final

import click

from hosttools.errors import UsageError

_COMMANDS: Final = {
    "accounts": "hosttools.cli.portalaccounts:accounts",
    "audit": "hosttools.cli.portalaudit:audit",
    "reset": "hosttools.cli.portalserve:reset",
    "serve": "hosttools.cli.portalserve:serve",
}
_DEFAULT: Final = "serve"


def command_of(name: str) -> click.Command:
    """Import a command of the portal's.

    Args:
        name: what it is called after ``galh portal``.

    Raises:
        UsageError: the extra is not installed.
    """
    module, _, function = _COMMANDS[name].partition(":")
    try:
        command = getattr(importlib.import_module(module), function)
    except ModuleNotFoundError as e:
        if e.name is None or e.name.partition(".")[0] == "hosttools":
            raise
        raise UsageError(
            f"the portal needs {e.name}: pip install 'galh-emulator[portal]'"
        ) from None
    assert isinstance(command, click.Command)  # noqa: S101  # the table above
    return command


class _Portal(click.Group):
    """A group whose commands need the extra ``portal``; options alone are of ``serve``."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # click's signature
        """Return the commands' names."""
        return sorted(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  # click's signature
        """Import a command.

        Raises:
            UsageError: the extra is not installed.
        """
        return command_of(cmd_name) if cmd_name in _COMMANDS else None

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take options without a command for those of ``serve``."""
        first = args[0] if args else ""
        if first in ctx.help_option_names or (first and not first.startswith("-")):
            return super().parse_args(ctx, args)
        return super().parse_args(ctx, [_DEFAULT, *args])


@click.group(cls=_Portal)
def portal() -> None:
    """Serve a practice portal: EPCS device management, signing, spares, a support desk.

    A practice and test server, on this machine only. Without a command it serves.
    """
