"""The documentation that is drawn from the model is up to date."""

import importlib.util
import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from firmware_model.table import TABLE, Mode, Trigger

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture(scope="module")
def files() -> Mapping[str, Callable[[], str]]:
    """Load what docs/generate.py writes, by file."""
    spec = importlib.util.spec_from_file_location("docs_generate", DOCS / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    path = list(sys.path)
    spec.loader.exec_module(module)
    sys.path[:] = path  # the script looks for its own source tree
    made: Mapping[str, Callable[[], str]] = module.FILES
    return made


DRAWN = ["profiles.md", "state-machine.md", "token-life.md", "order-life.md", "study.md"]


def test_every_drawn_file_is_held_here(files: Mapping[str, Callable[[], str]]) -> None:
    """What the script writes, and nothing else, is compared below."""
    assert set(DRAWN) == set(files)


@pytest.mark.parametrize("name", DRAWN)
def test_up_to_date(files: Mapping[str, Callable[[], str]], name: str) -> None:
    """The file is what the code makes; else run ``python docs/generate.py``."""
    made = files[name]()
    assert made == (DOCS / name).read_text(encoding="utf-8"), "run python docs/generate.py"


def test_diagram_is_the_table(files: Mapping[str, Callable[[], str]]) -> None:
    """Every transition is an arrow of the diagram, and what every mode has is drawn once."""
    diagram = files["state-machine.md"]().split("```")[1]
    arrows = {
        (source, trigger, to)
        for source, to, triggers in re.findall(r"(\w+) --> (\w+): (.+)", diagram)
        for trigger in triggers.split(", ")
    }
    boots = {
        Trigger.BOOT_GOOD,
        Trigger.BOOT_BROKEN,
        Trigger.BOOT_SPENT,
        Trigger.POWER_GONE,
    }
    expected = {
        ("power_on" if trigger in boots else mode.name, trigger.name, step.to.name)
        for mode in Mode
        for trigger, step in TABLE[mode].items()
    }
    assert expected == arrows
    for trigger in boots:
        assert diagram.count(trigger.name) == 1


def test_every_trigger_is_explained(files: Mapping[str, Callable[[], str]]) -> None:
    """Every trigger has its meaning in the page."""
    page = files["state-machine.md"]()
    for trigger in Trigger:
        assert re.search(rf"^\| `{trigger.name}` \| \w.+\. \|$", page, re.MULTILINE)
