"""``galh snapshot``: tokens of a state directory, saved in a file and put back."""

from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

import click

from emulator.bench import Bench
from emulator.clock import VirtualClock, format_utc
from emulator.snapshots import (
    Description,
    Restored,
    SnapshotError,
    SnapshotKey,
    describe,
    files_in,
    load,
    new_key,
    restore,
    save,
    start_ns,
    take,
)
from emulator.snapshots.model import TokenSnapshot
from emulator.statedir import StateDir
from firmware_model.identifier import normalise
from firmware_model.oath import Secret
from firmware_model.profile import SECOND, TokenType
from firmware_model.state import State, next_counter, token_time
from hosttools.cli.files import write_new
from hosttools.cli.options import (
    json_option,
    load_seeds,
    out_option,
    print_json,
    require_state,
    seeds_option,
    state_option,
)
from hosttools.cli.snapshotkey import ask_passphrase, asked_key, key_of, key_options
from hosttools.errors import UsageError

_SHOWN: Final = 3
"""Serial numbers that a line has room for."""

_NOBODY: Final = Secret(bytes(20))
"""For reading a state of which only what needs no secret is shown."""

_snapshot_argument = click.argument("file", type=click.Path(path_type=Path), metavar="FILE")


@click.group()
def snapshot() -> None:
    """Save, list, show and load snapshots of the tokens in a state directory.

    A snapshot holds no secrets, unless they are encrypted with a passphrase or a key file.
    """


@snapshot.command("save")
@click.argument("serials", nargs=-1, metavar="[SERIAL]...")
@state_option
@out_option("Snapshot (NAME.galh-snapshot.json)")
@click.option("--note", default="", help="What to say about it, on one line.")
@click.option(
    "--at",
    type=click.IntRange(0),
    metavar="SEQUENCE",
    help="As of this record of the journal.  [default: now]",
)
@click.option("--encrypt", is_flag=True, help="Ask for a passphrase for the secrets.")
@key_options
@json_option
def save_(
    serials: tuple[str, ...],
    state: Path,
    out: Path,
    note: str,
    at: int | None,
    encrypt: bool,  # noqa: FBT001  # click's signature
    passphrase_file: Path | None,
    key_file: Path | None,
    as_json: bool,  # noqa: FBT001  # click's signature
) -> None:
    """Save tokens of a state directory (all, or those named) to FILE.

    Without a passphrase or a key file the secrets are left out.
    """
    require_state(state)
    if out.exists():
        raise UsageError(f"{out} is there already; give another name")
    key = key_of(passphrase_file, key_file)
    if encrypt:
        if key is not None:
            raise UsageError("the secrets are encrypted with one thing: leave --encrypt out")
        key = SnapshotKey.from_passphrase(ask_passphrase(again=True))
    with ExitStack() as stack:
        store = stack.enter_context(StateDir(state, holder="galh snapshot save"))
        bench = _bench(stack, store, store.now_ns or 0)
        chosen = [normalise(serial) for serial in serials] or None
        save(out, take(bench, chosen, at, note=note), key=key)
    found = describe(out)
    if as_json:
        print_json({"file": str(out)} | found.to_mapping())
        return
    click.echo(f"saved {_line(found)}")


@snapshot.command("load")
@_snapshot_argument
@click.argument("serials", nargs=-1, metavar="[SERIAL]...")
@state_option
@key_options
@click.option("--without-secrets", is_flag=True, help="Leave encrypted secrets alone.")
@seeds_option
@json_option
def load_(
    file: Path,
    serials: tuple[str, ...],
    state: Path,
    passphrase_file: Path | None,
    key_file: Path | None,
    without_secrets: bool,  # noqa: FBT001  # click's signature
    seeds: Path | None,
    as_json: bool,  # noqa: FBT001  # click's signature
) -> None:
    """Put tokens of a snapshot (all, or those named) into a state directory.

    A token that is kept there begins a new lineage; the files of the old one stay. Its
    secret comes from --seeds, else from the snapshot, else from the token that is kept;
    else it is a new one, and the token is re-keyed: counter and clock stay.
    """
    key = None if without_secrets else key_of(passphrase_file, key_file)
    if key is None and not without_secrets:
        key = asked_key(file)
    found = load(file, key)
    secrets = {} if seeds is None else {r.serial: r.secret for r in load_seeds(seeds)}
    chosen = [normalise(serial) for serial in serials] or None
    with ExitStack() as stack:
        store = stack.enter_context(StateDir(state, holder="galh snapshot load"))
        now_ns = store.now_ns
        bench = _bench(stack, store, start_ns(found) if now_ns is None else now_ns)
        result = restore(bench, found, secrets, serials=chosen)
    _tell_restored(result, as_json=as_json)


@snapshot.command("list")
@click.argument("folder", type=click.Path(path_type=Path), default=Path(), metavar="[DIR]")
@json_option
def list_(folder: Path, as_json: bool) -> int:  # noqa: FBT001  # click's signature
    """List the snapshots of a folder, here or DIR. Needs no key."""
    found, exit_code = [], 0
    for path in files_in(folder):
        try:
            found.append(describe(path))
        except SnapshotError as e:
            click.echo(f"galh: {e}", err=True)
            exit_code = e.exit_code
    if as_json:
        print_json([description.to_mapping() for description in found])
    else:
        for description in found:
            click.echo(_line(description))
    return exit_code


@snapshot.command()
@_snapshot_argument
@json_option
def show(file: Path, as_json: bool) -> None:  # noqa: FBT001  # click's signature
    """Show what is in a snapshot. Needs no key."""
    found = describe(file)
    tokens = [_facts(token) for token in found.snapshot.tokens]
    if as_json:
        print_json(found.to_mapping() | {"tokens": tokens})
        return
    facts = found.to_mapping() | {"tokens": len(tokens)}
    facts["clock"] = f"{found.snapshot.clock_mode}, rate {found.snapshot.rate}"
    for name in ("name", "time", "clock", "sequence", "galh", "secrets", "note", "tokens"):
        click.echo(f"{name:<10}{facts[name]}".rstrip())
    click.echo(f"\n{'serial':<14}{'profile':<18}{'mode':<12}{'position':<24}digest")
    for token in tokens:
        click.echo(
            f"{token['serial']:<14}{token['profile']:<18}{token['mode']:<12}"
            f"{token['position']:<24}{token['digest'][:16]}"
        )


@snapshot.command()
@click.argument("file", type=click.Path(path_type=Path), metavar="FILE")
def key(file: Path) -> None:
    """Make a key file, readable by you alone: 32 random bytes in base64."""
    write_new(file, new_key(), mode=0o600)
    click.echo(f"wrote {file}")


def _bench(stack: ExitStack, store: StateDir, at_ns: int) -> Bench:
    """Put all tokens of a store on a bench that stands still."""
    bench = Bench(VirtualClock(at_ns), store=store)
    stack.callback(bench.close)
    for serial in store.serials():
        bench.load(serial)
    return bench


def _line(found: Description) -> str:
    """Return a snapshot in one line."""
    snapshot = found.snapshot
    more = len(snapshot.serials) - _SHOWN
    tokens = ", ".join(snapshot.serials[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
    note = f"  {snapshot.note}" if snapshot.note else ""
    return (
        f"{found.name}  {format_utc(snapshot.now_ns)}  record {snapshot.sequence}  {tokens}"
        f"  secrets: {found.sealing.value}{note}"
    )


def _facts(token: TokenSnapshot) -> dict[str, Any]:
    """Return what a token was, as far as that takes no secret."""
    state = token.read(_NOBODY)
    return {
        "serial": token.serial,
        "profile": state.config.profile.name,
        "type": state.config.token_type.value,
        "mode": state.mode.name.lower(),
        "position": _position(state),
        "key_id": token.key_id,
        "digest": token.digest,
        "server": None if token.view is None else token.view.to_mapping(),
    }


def _position(state: State) -> str:
    if state.config.token_type is TokenType.TIME:
        since_ns = token_time(state) - state.config.t0_s * SECOND
        return f"step {since_ns // state.config.step_ns}"
    counter = next_counter(state)
    return "no counter" if counter is None else f"next counter {counter}"


def _tell_restored(result: Restored, *, as_json: bool) -> None:
    if as_json:
        print_json(
            {
                "restored": list(result.serials),
                "rekeyed": list(result.rekeyed),
                "moved_ns": result.moved_ns,
            }
        )
        return
    for serial in result.serials:
        click.echo(f"restored {serial}" + (", re-keyed" if serial in result.rekeyed else ""))
    if result.moved_ns:
        click.echo(f"all their times were moved by {result.moved_ns / SECOND:+.0f} s")
