"""``galh case``: what happened, in one file that replays on another machine."""

from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import click

from emulator.journal import Journal
from emulator.journalform import kind_of, to_mapping
from emulator.journallog import JournalLog
from emulator.statedir import StateDir
from firmware_model.identifier import normalise
from hosttools import cases
from hosttools.benchanswers import read_event
from hosttools.cases import Case
from hosttools.cli.casewords import (
    difference,
    header,
    line_of,
    listed,
    picture,
    readable,
    token,
    where_apart,
)
from hosttools.cli.options import (
    bearer_option,
    json_option,
    out_option,
    path_option,
    print_json,
    read_bearer,
    require_state,
)
from hosttools.cli.shrinking import shrink_and_tell, shrink_options
from hosttools.cli.watchscreen import SHOWN_KINDS
from hosttools.errors import UsageError
from hosttools.refserver import Store
from hosttools.refserver.view import DEFAULT_NAME
from hosttools.scenarios.record import recorded
from hosttools.scenarios.shrink import in_doubt

_file_argument = click.argument("file", type=click.Path(path_type=Path), metavar="FILE")


@click.group()
def case() -> None:
    """Save, show, replay and compare cases: what happened to tokens and servers.

    A case can be sent to whoever sells the server: secrets in it are made-up ones, and
    everything comes out with them as it did with the tokens' own.
    """


@case.command()
@path_option("--state", "DIR", "State directory of the tokens; nobody may be serving it meanwhile.")
@click.option(
    "--url", metavar="URL", help="A bench that is served, as galh serve --http prints it."
)
@bearer_option
@click.option("--serial", "serials", multiple=True, help="Token; may be repeated.  [default: all]")
@out_option("Case (NAME.galh-case.json)")
@path_option("--server-db", "FILE", "The reference server's database, for what it keeps now.")
@click.option("--title", default="", help="What it is about.")
@click.option("--note", default="", help="What to say about it.")
@click.option(
    "--since",
    type=click.IntRange(1),
    metavar="SEQUENCE",
    help="Begin at this record of the journal, or before.  [default: where it begins]",
)
@click.option("--keep-secrets", is_flag=True, help="Export the tokens' own secrets too.")
@json_option
def save(
    state: Path | None,
    url: str | None,
    bearer_file: Path | None,
    serials: tuple[str, ...],
    out: Path,
    server_db: Path | None,
    title: str,
    note: str,
    since: int | None,
    keep_secrets: bool,  # noqa: FBT001  # click's signature
    as_json: bool,  # noqa: FBT001  # click's signature
) -> None:
    """Save what happened to tokens of a state directory, or of a bench that is served.

    Give one of --state and --url. All tokens are in the case, or those named.
    """
    if (state is None) == (url is None):
        raise UsageError("give --state DIR, or --url URL of a bench that is served")
    if out.exists():
        raise UsageError(f"{out} is there already; give another name")
    about = _About(tuple(dict.fromkeys(map(normalise, serials))), title, note, since)
    if state is not None:
        if bearer_file is not None:
            raise UsageError("--bearer-file is of use with --url only")
        found = _stored(state, server_db, about, own_secrets=keep_secrets)
    else:
        assert url is not None  # noqa: S101  # one of the two, as just seen
        if server_db is not None or keep_secrets:
            raise UsageError(
                "--server-db and --keep-secrets go with --state: a served bench adds what its own"
                " server keeps, and gives no secrets away"
            )
        found = _served(url, read_bearer(bearer_file), about)
    cases.save(out, found)
    if keep_secrets:
        click.echo(f"galh: {out} holds the tokens' secrets; keep it as you keep them", err=True)
    if as_json:
        print_json({"file": str(out)} | header(found))
    else:
        click.echo(f"saved {len(found.records)} records of {', '.join(found.serials)} in {out}")


class _About(NamedTuple):
    """Which tokens a case is of, and what is said about it."""

    serials: tuple[str, ...]
    title: str
    note: str
    since: int | None


def _stored(state: Path, server_db: Path | None, about: _About, *, own_secrets: bool) -> Case:
    require_state(state)
    if server_db is not None and not server_db.is_file():
        raise UsageError(f"no database {server_db}; galh serve --server FILE makes one")
    with ExitStack() as stack:
        store = stack.enter_context(StateDir(state, holder="galh case save"))
        log = JournalLog(store.path / "journal")
        stack.callback(log.close)
        servers = {} if server_db is None else {DEFAULT_NAME: stack.enter_context(Store(server_db))}
        return cases.take_stored(
            Journal(log=log),
            [store.load(serial).config for serial in about.serials or store.serials()],
            servers=servers,
            title=about.title,
            note=about.note,
            since=about.since,
            own_secrets=own_secrets,
        )


def _served(url: str, bearer: str | None, about: _About) -> Case:
    from hosttools.benchclient import BenchClient  # noqa: PLC0415  # the extra [web]

    with BenchClient(url, bearer=bearer) as client:
        return client.case(about.serials, since=about.since, title=about.title, note=about.note)


@case.command()
@_file_argument
@click.option("--digits", is_flag=True, help="Show the digits on the LCD, not blots.")
@click.option("--all", "whole", is_flag=True, help="Show every record, details too.")
@json_option
def show(
    file: Path,
    digits: bool,  # noqa: FBT001  # click's signature
    whole: bool,  # noqa: FBT001  # click's signature
    as_json: bool,  # noqa: FBT001  # click's signature
) -> None:
    """Show what a case tells: its tokens, how they ended, and what happened."""
    found = cases.load(file)
    done = cases.replay(found)
    if as_json:
        tokens = [token(found, done, serial) for serial in found.serials]
        records = [to_mapping(record) for record in found.records]
        print_json(header(found) | {"tokens": tokens, "records": records})
        return
    for name, value in header(found).items():
        text = value if isinstance(value, str) else ", ".join(map(str, listed(value)))
        if text:
            click.echo(f"{name:<10}" + text.replace("\n", "\n" + " " * 10))
    for serial in found.serials:
        click.echo("")
        for line in picture(found, done, serial, digits=digits):
            click.echo(line.rstrip())
    click.echo("")
    for record in found.records:
        if whole or kind_of(record.event) in SHOWN_KINDS:
            click.echo(line_of(record))


@case.command()
@_file_argument
@json_option
def replay(file: Path, as_json: bool) -> int:  # noqa: FBT001  # click's signature
    """Do all again, and compare; exit code 1 and where it first differs, if it does."""
    found = cases.load(file)
    done = cases.replay(found)
    if as_json:
        print_json(
            {
                "same": done.same,
                "digest": {"expected": done.digest_expected, "got": done.digest_got},
                "first_difference": difference(done.first_difference),
                "submissions": len(done.judged),
                "judged": done.verdicts,
            }
        )
    elif done.same:
        click.echo(
            f"replays to the same digest {done.digest_got[:16]}: {len(found.records)} records,"
            f" {done.verdicts} of {len(done.judged)} submissions judged again"
        )
    elif done.first_difference is not None:
        click.echo(
            f"differs first {where_apart(done.first_difference, 'the case', 'now')}", err=True
        )
    return 0 if done.same else 1


@case.command()
@_file_argument
@shrink_options
def shrink(file: Path, **options: Any) -> None:  # noqa: ANN401  # those of shrink_options
    """Find the fewest presses and waits that still lead to a case's last answer.

    Whoever saved the case doubts what the server said last. It becomes a scenario in
    which that is not as expected, which a server that says so again fails; and that is
    made as short as it goes. Without --out and --pytest it is printed.
    """
    found = cases.load(file)
    made = recorded(map(read_event, map(to_mapping, readable(found))))
    for what in made.left_out:
        click.echo(f"galh: left out: {what}", err=True)
    shrink_and_tell(in_doubt(replace(made.scenario, title=found.title or file.name)), **options)


@case.command()
@click.argument("first", type=click.Path(path_type=Path), metavar="A")
@click.argument("second", type=click.Path(path_type=Path), metavar="B")
@json_option
def diff(first: Path, second: Path, as_json: bool) -> int:  # noqa: FBT001  # click's signature
    """Compare two cases; exit code 1 if they tell different things.

    Secrets, numbers of records and texts about a case don't count.
    """
    found = cases.compare(cases.load(first), cases.load(second))
    if as_json:
        print_json(
            {
                "same": found.same,
                "same_end": found.same_end,
                "first_difference": difference(found.first_difference),
                "only_in_first": list(found.only_in_first),
                "only_in_second": list(found.only_in_second),
                "kinds": {kind: list(counts) for kind, counts in found.kinds.items()},
            }
        )
        return 0 if found.same else 1
    for serials, path in ((found.only_in_first, first), (found.only_in_second, second)):
        if serials:
            click.echo(f"only in {path}: {', '.join(serials)}")
    if found.first_difference is not None:
        click.echo(f"differs first {where_apart(found.first_difference, 'A', 'B')}")
    for kind, (one, two) in found.kinds.items():
        click.echo(f"  {kind:<16}{one:>8}{two:>8}")
    click.echo("same end" if found.same_end else "another end")
    return 0 if found.same else 1
