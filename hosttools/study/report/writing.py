"""Writes a report into a folder: the page, its pictures and its numbers, the page last."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from emulator.newfiles import write_new
from hosttools.errors import StateError
from hosttools.study.answers import Answer
from hosttools.study.model import Study
from hosttools.study.report import page, plots
from hosttools.study.report.config import study_toml
from hosttools.study.sensitivity import Effect


def write(
    study: Study, answers: Sequence[Answer], folder: Path, effects: Sequence[Effect] = ()
) -> tuple[Path, ...]:
    """Write a report in the place of the one before. Each file is whole at any time.

    Args:
        study: what was asked.
        answers: one a policy.
        folder: made if it is not there.
        effects: of its assumptions.

    Returns:
        The files, ``report.html`` first.

    Raises:
        StateError: the folder can't be made or changed.
        emulator.errors.StateError: a file can't be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as e:
        raise StateError(f"{folder} can't be written: {e.strerror}") from None
    drawn = plots.pictures(answers, effects, study.target)
    files = {f"{picture.name}.png": picture.png for picture in drawn}
    texts = {
        "policies.csv": page.table_csv(answers),
        "months.csv": page.months_csv(answers),
        "windows.csv": page.windows_csv(answers),
        "study.toml": study_toml(study),
        "report.html": page.page(study, answers, effects, drawn),
    }
    if effects:
        texts = {"assumptions.csv": page.effects_csv(effects)} | texts
    files |= {name: text.encode() for name, text in texts.items()}
    try:
        for name in reversed(files):
            (folder / name).unlink(missing_ok=True)
    except OSError as e:
        raise StateError(f"{folder} can't be written: {e.strerror}") from None
    for name, data in files.items():
        write_new(folder / name, data)
    return tuple(folder / name for name in reversed(files))


def as_dict(
    study: Study, answers: Sequence[Answer], effects: Sequence[Effect] = ()
) -> dict[str, Any]:
    """Return a report's numbers as plain values, for JSON."""
    data = {
        "study": asdict(study),
        "policies": [answer.as_dict() for answer in answers],
        "sensitivity": [asdict(effect) for effect in effects],
        "versions": page.versions_of(),
    }
    plain: dict[str, Any] = json.loads(json.dumps(data))
    return plain
