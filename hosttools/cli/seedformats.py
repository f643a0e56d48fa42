"""``galh seeds formats``: the table of formats, each proved by a trip there and back."""

from typing import Any, Final

import click

from firmware_model.profile import TokenType
from hosttools.cli.options import json_option, print_json
from hosttools.seedfiles import FORMATS
from hosttools.seedfiles.registry import Format
from hosttools.seedfiles.roundtrip import LOCK, SAMPLES, digits_carried, hashes_carried, survives

_COLUMNS: Final = {"algorithm", "digits"}
_WORDS: Final = {True: "ok", False: "LOST", None: "-"}


@click.command()
@json_option
def formats(as_json: bool) -> None:  # noqa: FBT001  # click's signature
    """List the formats, all read and written, and send sample tokens through each and back.

    ok: all that the format carries came back; -: it has no such tokens. Hashes and
    digits are those that came back; -: the format doesn't say them.
    """
    rows = [_facts(row) for row in FORMATS.values()]
    if as_json:
        print_json(rows)
        return
    _print("format", "title", "event", "time", "encrypted", "hash", "digits", "carries")
    for row in rows:
        _print(
            row["format"],
            row["title"],
            row["event"],
            row["time"],
            row["encrypted"],
            " ".join(name.removeprefix("SHA") for name in row["hashes"]) or "-",
            " ".join(map(str, row["digits"])) or "-",
            ", ".join(name for name in row["carries"] if name not in _COLUMNS),
        )


def _print(*fields: str) -> None:
    widths = (13, 25, 7, 6, 11, 11, 8, 0)
    click.echo("".join(f"{text:<{width}}" for text, width in zip(fields, widths, strict=True)))


def _facts(row: Format) -> dict[str, Any]:
    event, time = SAMPLES[TokenType.EVENT], SAMPLES[TokenType.TIME]
    return {
        "format": str(row.name),
        "title": row.title,
        "event": _WORDS[survives(event, row)],
        "time": _WORDS[survives(time, row)],
        "encrypted": _WORDS[survives(event, row, **LOCK)] if row.encrypted else "-",
        "hashes": [algorithm.value for algorithm in hashes_carried(row)],
        "digits": list(digits_carried(row)),
        "carries": sorted(row.carried),
    }
