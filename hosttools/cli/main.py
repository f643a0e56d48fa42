"""``galh``: the commands, loaded only when they are asked for.

The table below is static, so that ``galh --help`` imports nothing but click.
"""

import sys
from typing import Any, Final

import click

COMMANDS: Final = {
    # Name: module and function, and what --help says of it.
    "case": (
        "hosttools.cli.case:case",
        "Save, show, replay and compare cases: what happened to tokens and servers.",
    ),
    "code": ("hosttools.cli.button:code", "Press the token on a port and print the fresh code."),
    "demo": ("hosttools.cli.demo:demo", "Tell the story of a token that loses sync, on a pty."),
    "desync": (
        "hosttools.cli.desync:desync",
        "Bring a token out of step with a server, the way it happens to people.",
    ),
    "diagnose": (
        "hosttools.cli.diagnose:diagnose",
        "Tell from a few codes what happened to a token, and which token it is.",
    ),
    "display": ("hosttools.cli.button:display", "Show what the LCD of the token on a port shows."),
    "drift": (
        "hosttools.cli.drift:drift",
        "Tell how far a time token's clock is off after years.",
    ),
    "info": (
        "hosttools.cli.info:info",
        "Tell what is installed, and by which route codes are computed.",
    ),
    "journal": (
        "hosttools.cli.journal:journal",
        "Tell what happened to the tokens of a state directory, and check it by replaying it.",
    ),
    "press": ("hosttools.cli.button:press", "Press the button of the token on a port."),
    "probe": (
        "hosttools.cli.probe:probe",
        "Measure a server's sync logic from outside, by pressing a token and watching it.",
    ),
    "profile": ("hosttools.cli.profile:profile", "List, show and measure profiles of products."),
    "scenario": (
        "hosttools.cli.scenario:scenario",
        "Play what happens to tokens and a server, from a file, and compare what comes of it.",
    ),
    "seeds": (
        "hosttools.cli.seeds:seeds",
        "Convert, check, show and make seed files.",
    ),
    "serve": (
        "hosttools.cli.serve:serve",
        "Let tokens live on ports and on a page until SIGINT or SIGTERM.",
    ),
    "server": (
        "hosttools.cli.server:server",
        "Serve the reference server over HTTP until SIGINT or SIGTERM.",
    ),
    "snapshot": (
        "hosttools.cli.snapshot:snapshot",
        "Save, list, show and load snapshots of the tokens in a state directory.",
    ),
    "study": (
        "hosttools.cli.study:study",
        "Let a fleet of tokens live for years, and compare how servers might treat them.",
    ),
    "token": (
        "hosttools.cli.token:token",
        "Make, list and show tokens' seeds, and lead tokens through their life at a server.",
    ),
    "trace": ("hosttools.cli.trace:trace", "Write the waveforms of a token that is pressed."),
    "watch": (
        "hosttools.cli.watch:watch",
        "Show tokens of a bench over HTTP in the terminal; keys press the button.",
    ),
}


class LazyGroup(click.Group):
    """A group that knows its commands by a table and imports one when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # click's signature
        """Return the commands' names."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  # click's signature
        """Import a command."""
        if cmd_name not in COMMANDS:
            return None
        module_name, _, function = COMMANDS[cmd_name][0].partition(":")
        __import__(module_name)  # importlib would cost more than what it finds
        command = getattr(sys.modules[module_name], function)
        assert isinstance(command, click.Command)  # noqa: S101  # the table above
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Say which name was meant by one that is not there."""
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            import difflib  # noqa: PLC0415  # only where somebody mistyped

            near = difflib.get_close_matches(args[0], COMMANDS, n=1)
            hint = f" Did you mean {near[0]!r}?" if near else f" There are {', '.join(COMMANDS)}."
            ctx.fail(f"No such command {args[0]!r}.{hint}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002  # click's signature
        """Write the list of commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in sorted(COMMANDS.items())])


def _print_version(ctx: click.Context, _parameter: click.Parameter, value: bool) -> None:  # noqa: FBT001  # click's signature
    if value and not ctx.resilient_parsing:
        from emulator.release import release  # noqa: PLC0415  # --help need not load the emulator

        click.echo(f"galh {release()}")
        ctx.exit()


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_version,
    help="Show the version and exit.",
)
def cli() -> None:
    """A GALH one-time-password token in software, and what tests a server with it.

    Exit codes: 0 done, 1 failed, 2 wrong usage, 74 a damaged or unreadable state,
    75 somebody else holds it. Every option can come from the environment, as
    GALH_COMMAND_OPTION (GALH_SERVE_SEEDS=...). Data goes to standard output,
    everything else to standard error.
    """


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit with its code."""
    sys.exit(run(arguments))


def run(arguments: list[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    try:
        result: Any = cli.main(
            arguments, prog_name="galh", standalone_mode=False, auto_envvar_prefix="GALH"
        )
    except click.exceptions.Exit as e:
        return e.exit_code
    except click.ClickException as e:
        e.show()
        return e.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("Aborted.", err=True)
        return 130
    except OSError as e:
        # Mostly standard output, on a full disk; the interpreter must not complain again
        # at its end. (click itself takes care of readers that leave.)
        sys.stdout = None
        click.echo(f"galh: {e}", err=True)
        return 1
    except Exception as e:
        code = _exit_code(e)
        if code is None:
            raise
        click.echo(f"galh: {e}", err=True)
        return code
    return result if isinstance(result, int) else 0


def _exit_code(error: Exception) -> int | None:
    """Return what an error of ours exits with; ``None`` for a bug."""
    from emulator.errors import EmulatorError  # noqa: PLC0415  # only once something went wrong
    from firmware_model.errors import FirmwareError  # noqa: PLC0415  # likewise
    from hosttools.errors import HostError  # noqa: PLC0415  # likewise

    if isinstance(error, EmulatorError | HostError):
        return error.exit_code
    return click.UsageError.exit_code if isinstance(error, FirmwareError) else None
