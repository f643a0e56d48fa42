"""``galh portal audit``: verify, list and take out the portal's log."""

from pathlib import Path

import click

from emulator.clock import format_utc
from emulator.newfiles import write_new
from hosttools.cli.options import json_option, out_option, path_option, print_json
from hosttools.cli.portaldb import db_option, opened
from hosttools.errors import UsageError
from hosttools.portal import auditlog, logexport, logproof
from hosttools.portal.auditlog import Anchor, Entry
from hosttools.portal.inspection import inspect


@click.group()
def audit() -> None:
    """Verify, list and take out the portal's tamper-evident log."""


@audit.command()
@db_option(required=False, default=None)
@path_option("--export", "FILE", "Verify this file, which audit export wrote, and no database.")
@path_option("--anchor", "FILE", "Verify against this anchor too, which was taken out before.")
@json_option
def verify(
    db: str | None,
    export: Path | None,
    anchor: Path | None,
    as_json: bool,  # noqa: FBT001  # click's signature
) -> int:
    """Tell whether the log is what was written, and if not, which entry is wrong.

    If it is, every signed prescription of a database is held against its signature and the
    log. A file is verified by the key that it names: compare that, or give an anchor.
    Exits with 0 if it is, with 1 if not.
    """
    against = None if anchor is None else _anchor(anchor)
    if export is not None:
        head, lines = logexport.from_text(_text("--export", export))
        findings, key = logexport.verify(head, lines, against), head.key
    elif db is not None:
        with opened(db) as portal:
            findings, key = inspect(portal, against), portal.signer.fingerprint
    else:
        raise UsageError("nothing to verify: give --db FILE|URL, or --export FILE")
    if as_json:
        print_json({**findings.as_dict(), "key": key})
    else:
        verdict = "ok" if findings.ok else "WRONG"
        click.echo(f"{verdict}: {findings.words} (key {key})")
    return 0 if findings.ok else 1


@audit.command()
@db_option(required=True)
@out_option("Anchor")
def anchor(db: str, out: Path) -> None:
    """Write where the log is now, signed, to be kept where its operator can't change it."""
    with opened(db) as portal:
        found = auditlog.anchor(portal)
    write_new(out, found.as_text().encode())
    click.echo(f"{out}: {found.number} entries", err=True)


@audit.command("list")
@db_option(required=True)
@click.option("--subject", metavar="NAME", help="Only of this serial number, account or order.")
@click.option(
    "--limit", type=click.IntRange(0, 1_000_000), default=100, show_default=True, metavar="N"
)
@json_option
def list_(
    db: str,
    subject: str | None,
    limit: int,
    as_json: bool,  # noqa: FBT001  # click's signature
) -> None:
    """List the last entries, oldest first."""
    with opened(db) as portal:
        found = auditlog.entries(portal, subject, limit)
    if as_json:
        print_json([entry.as_dict() for entry in found])
        return
    for entry in found:
        click.echo(_line(entry))


@audit.command()
@db_option(required=True)
@out_option("File of JSON lines")
def export(db: str, out: Path) -> None:
    """Write an anchor and all entries, one JSON object on a line, to be verified anywhere."""
    with opened(db) as portal:
        head, lines = logproof.lines(portal)
    write_new(out, logexport.as_text(head, lines).encode())
    click.echo(f"{out}: {len(lines)} entries", err=True)


def _anchor(path: Path) -> Anchor:
    return Anchor.from_text(_text("--anchor", path))


def _text(option: str, path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as e:
        raise UsageError(f"{option} {path} can't be read: {e}") from None


def _line(entry: Entry) -> str:
    facts = " ".join(f"{name}={value}" for name, value in entry.told().items())
    words = (str(entry.number), format_utc(entry.at_ns), entry.actor, entry.act, entry.subject)
    return "  ".join(word for word in (*words, facts) if word)
