"""``galh journal``: what a state directory's journal tells, and whether it tells the truth."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import click

from emulator import history
from emulator.annotations import Placed, Removed
from emulator.errors import EmulatorError
from emulator.journal import Journal
from emulator.journalform import check_kinds, kind_of, to_mapping
from emulator.journallog import JournalLog
from emulator.statedir import StateDir
from firmware_model.identifier import normalise
from firmware_model.nvm import SLOT_A
from firmware_model.state import image
from hosttools.cli.options import json_option, print_json, require_state, state_option
from hosttools.journallines import line_of


@click.group()
def journal() -> None:
    """Tell what happened to the tokens of a state directory, and check it by replaying it."""


@journal.command("list")
@click.argument("serials", nargs=-1, metavar="[SERIAL]...")
@state_option
@click.option("--after", default=0, metavar="N", help="Only records after this number.")
@click.option("--limit", default=1_000, show_default=True, help="Most records.")
@click.option("--kind", "kinds", multiple=True, help="Only this kind; may be repeated.")
@json_option
def list_(
    serials: tuple[str, ...],
    state: Path,
    after: int,
    limit: int,
    kinds: tuple[str, ...],
    as_json: bool,  # noqa: FBT001  # click's signature
) -> None:
    """List records, oldest first; of all tokens, or those named.

    With --json, one JSON object a line.
    """
    check_kinds(kinds)
    wanted = frozenset(normalise(serial) for serial in serials) or None
    with opened(state) as (_, told):
        records = told.read(
            after,
            limit,
            serials=wanted,
            chosen=lambda record: not kinds or kind_of(record.event) in kinds,
        )
        for record in records:
            if as_json:
                print_json(to_mapping(record))
            else:
                click.echo(line_of(record))


@journal.command()
@state_option
@json_option
def verify(state: Path, as_json: bool) -> int:  # noqa: FBT001  # click's signature
    """Replay the journal, and compare where each token comes to with its memory.

    Exit code 1 if a token's counters are others than the journal tells.
    """
    with opened(state) as (store, told):
        found = [
            {"serial": serial, "problem": _problem(store, told, serial)}
            for serial in store.serials()
        ]
    wrong = [token for token in found if token["problem"]]
    if as_json:
        print_json({"ok": not wrong, "records": told.visible, "tokens": found})
    else:
        for token in wrong:
            click.echo(f"{token['serial']}  {token['problem']}")
        click.echo(
            f"{len(found) - len(wrong)} of {len(found)} tokens are where their {told.visible}"
            " records lead",
            err=bool(wrong),
        )
    return 1 if wrong else 0


def _problem(store: StateDir, told: Journal, serial: str) -> str | None:
    """Return what is wrong with a token; ``None``: nothing."""
    try:
        stored = store.load(serial)
        # One that left the bench is as it was just before.
        left = next(told.back(told.visible, serial, (Placed, Removed)), None)
        gone = left is not None and isinstance(left.event, Removed)
        last = left.sequence - 1 if left is not None and gone else told.visible
        state = history.state_at(told, stored.config, last)
    except EmulatorError as e:
        return str(e)
    if image(state)[SLOT_A:] != stored.image[SLOT_A:]:
        return "its memory is not what the journal leads to: it was pressed or changed elsewhere"
    return None


@contextmanager
def opened(state: Path) -> Iterator[tuple[StateDir, Journal]]:
    """Open a state directory and its journal, to be read."""
    require_state(state)
    with ExitStack() as stack:
        store = stack.enter_context(StateDir(state, holder="galh journal"))
        log = JournalLog(store.path / "journal")
        stack.callback(log.close)
        yield store, Journal(log=log)
