"""What a bug report needs of a bench, as files: for the artefact folder of a CI job."""

import contextlib
import json
from pathlib import Path
from typing import Final

import click

from emulator.bench import Bench
from emulator.errors import EmulatorError
from emulator.journalform import to_mapping
from emulator.render.fob import fob_png
from emulator.snapshots import save, take

MOST_PICTURES: Final = 50
MOST_RECORDS: Final = 100_000


def keep_artifacts(bench: Bench, folder: Path) -> None:
    """Write journal, snapshot and pictures; what can't be written is told, and no more.

    No file holds a secret. Pictures show what the LCD shows: a code that is lit at the
    end can be read from its picture.

    Args:
        bench: the bench, at its end.
        folder: where to; files that are there are replaced.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / "journal.jsonl").open("w", encoding="utf-8") as out:
            for record in bench.journal.read(bench.journal.visible - MOST_RECORDS, MOST_RECORDS):
                out.write(json.dumps(to_mapping(record)) + "\n")
        save(folder / "bench.galh-snapshot.json", take(bench))
        for serial in bench.serials()[:MOST_PICTURES]:
            with contextlib.suppress(EmulatorError):  # a token that stopped has no picture
                (folder / f"{serial}.png").write_bytes(fob_png(bench.look(serial).lcd))
    except (OSError, EmulatorError) as e:
        click.echo(f"galh serve: artefacts in {folder} are not complete: {e}", err=True)
