"""docs/faults.md says what there is, and its examples load."""

import dataclasses
import inspect
import re
from pathlib import Path
from typing import Any

import pytest

from emulator.faults import check, read_faults
from emulator.faults.reader import read_fault
from emulator.faults.values import kinds
from emulator.faults.whats import WHATS
from emulator.faults.whens import EFFECTS, WHENS
from firmware_model import Secret, configure
from firmware_model.products import GALH, GALT

PAGE = (Path(__file__).parents[3] / "docs" / "faults.md").read_text(encoding="utf-8")
CONFIGS = (
    configure("GALH00004226", GALH, Secret(b"12345678901234567890")),
    configure("GALT00000042", GALT, Secret(b"12345678901234567890")),
)


def row(key: str, owner: type[Any]) -> str:
    """Return the row of a table that says all of one when or what."""
    settings = []
    for name, (field, kind, needed) in kinds(owner).items():
        default = {f.name: f.default for f in dataclasses.fields(owner)}[field]
        left_out = "" if needed or default is None else f"; default {default}"
        optional = ", may be left out" if default is None else ""
        settings.append(f"`{name}`: {kind.doc} ({kind.allowed}{left_out}{optional})")
    return f"| `{key}` | {inspect.getdoc(owner)} | {'<br>'.join(settings)} |"


@pytest.mark.parametrize(("key", "owner"), [*WHENS.items(), *WHATS.items()])
def test_tables(key: str, owner: type[Any]) -> None:
    """Each when and each what has its row, with every setting, its meaning and its bounds."""
    assert row(key, owner) in PAGE.splitlines()


def test_effects() -> None:
    """All names that ``on`` takes are listed."""
    assert ", ".join(f"`{name}`" for name in EFFECTS) in PAGE


@pytest.mark.parametrize("text", re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL))
def test_examples(text: str) -> None:
    """Every example loads, and can come true on the tokens that it names."""
    plan = read_faults(text)
    assert plan.faults
    check(plan, CONFIGS if any(fault.serial for fault in plan.faults) else CONFIGS[:1])


@pytest.mark.parametrize("text", re.findall(r"FAULt:INJect '(.*)'", PAGE))
def test_lines(text: str) -> None:
    """Every fault that is typed into a line can be read."""
    assert read_fault(text, "name").name == "name"


def test_python(capsys: pytest.CaptureFixture[str]) -> None:
    """The Python example prints what it says."""
    (source,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    exec(compile(source, "faults.md", "exec"), {})  # noqa: S102  # our own page
    assert re.findall(r"print\(.*\)\s+# (.*)", source) == capsys.readouterr().out.splitlines()
