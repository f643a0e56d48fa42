# A script beside the pages, not a package.
# ruff: noqa: INP001
"""Write the parts of the documentation that are drawn from the code.

``python docs/generate.py``, from anywhere, rewrites ``profiles.md`` and
``state-machine.md``; a test fails while they are out of date.
"""

import enum
import inspect
import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Final

DOCS: Final = Path(__file__).resolve().parent
sys.path.insert(0, str(DOCS.parent))

from firmware_model import table  # noqa: E402 (a script finds its own source tree first)
from firmware_model.profile import BOUNDS, PROFILES, Profile, describe  # noqa: E402
from firmware_model.table import TABLE, Mode, Trigger  # noqa: E402

_NOTE: Final = "<!-- Written by docs/generate.py from {source}; edit that. -->"
_UNITS: Final = ((3_600_000_000_000, "h"), (1_000_000_000, "s"), (1_000_000, "ms"), (1, "ns"))


def profiles_md() -> str:
    """Return ``profiles.md``: every setting, its values, bounds and source."""
    names = list(PROFILES)
    head = ["Setting", *names, "Allowed", "Meaning", "Source"]
    rows = [
        [
            f"`{name}`",
            *(_value(name, getattr(profile, name)) for profile in PROFILES.values()),
            _allowed(name),
            doc,
            source,
        ]
        for name, doc, source in describe()
    ]
    return "\n".join(
        [
            _NOTE.format(source="firmware_model/profile.py"),
            "",
            "# Profiles",
            "",
            "A profile is data: what one product does. The emulator ships two; a profile of one's",
            "own is a table of these settings, with `base` naming a known profile that fills the",
            "gaps. A source that says *our default* is not known of the real product.",
            "",
            *_table(head, rows),
            "",
            "In a file, enums are given by the values in this table, times in whole nanoseconds",
            "(settings that end in `_ns`) or seconds (`_s`), and nothing has a fraction.",
            "",
        ]
    )


def state_diagram_md() -> str:
    """Return ``state-machine.md``: theory of operation, diagram and table."""
    title, *theory = inspect.getdoc(table).split("\n\n")  # type: ignore[union-attr]  # it has one
    theory = [part for part in theory if "Theory of operation" not in part]
    rows = [
        [mode.name, _list(triggers), step.action.value, step.to.name]
        for mode in Mode
        for step, triggers in _steps(mode).items()
    ]
    for trigger in _boots():
        step = TABLE[Mode.ASLEEP][trigger]
        rows.append(["any", trigger.name, step.action.value, step.to.name])
    return "\n".join(
        [
            _NOTE.format(source="firmware_model/table.py"),
            "",
            "# " + title.strip().rstrip("."),
            "",
            "## Theory of operation",
            "",
            "\n\n".join(_plain(part) for part in theory[:-1]),
            "",
            "## Diagram",
            "",
            "An arrow is labelled with what makes the firmware go on. Power-on is drawn once: it",
            "leads from every mode to the same three.",
            "",
            "```mermaid",
            *_mermaid(),
            "```",
            "",
            "## Triggers",
            "",
            *_table(["Trigger", "Meaning"], [[f"`{t.name}`", _doc(Trigger, t)] for t in Trigger]),
            "",
            "## Transitions",
            "",
            "A pair of mode and trigger that is missing changes nothing.",
            "",
            *_table(["Mode", "Trigger", "Action", "Leads to"], rows),
            "",
        ]
    )


def _mermaid() -> Iterable[str]:
    yield "stateDiagram-v2"
    yield "    state power_on <<choice>>"
    yield "    [*] --> power_on"
    for trigger in _boots():
        step = TABLE[Mode.ASLEEP][trigger]
        yield f"    power_on --> {step.to.name}: {trigger.name}"
    for mode in Mode:
        arrows: dict[Mode, list[Trigger]] = {}
        for step, triggers in _steps(mode).items():
            arrows.setdefault(step.to, []).extend(triggers)
        for to, triggers in arrows.items():
            yield f"    {mode.name} --> {to.name}: {_list(triggers)}"


def _boots() -> list[Trigger]:
    """Return the triggers that every mode answers in the same way."""
    return [trigger for trigger in Trigger if len({TABLE[mode].get(trigger) for mode in Mode}) == 1]


def _steps(mode: Mode) -> dict[table.Transition, list[Trigger]]:
    """Return a mode's transitions but for power-on, each with all its triggers."""
    steps: dict[table.Transition, list[Trigger]] = {}
    for trigger, step in TABLE[mode].items():
        if trigger not in _boots():
            steps.setdefault(step, []).append(trigger)
    return steps


def _list(triggers: Iterable[Trigger]) -> str:
    return ", ".join(trigger.name for trigger in triggers)


def _doc(kind: type[enum.Enum], member: enum.Enum) -> str:
    """Return the docstring under an enum's member: only its source has it."""
    found = re.search(
        rf"^    {member.name} = .*\n    \"\"\"(.*?)\"\"\"", inspect.getsource(kind), re.MULTILINE
    )
    return found[1] if found else ""


def _plain(text: str) -> str:
    return text.replace("``", "`")


def _value(name: str, value: object) -> str:
    if isinstance(value, enum.Enum):
        return f"`{value.value}`"
    if name.endswith("_ns") and isinstance(value, int):
        return _span(value)
    return f"`{value}`" if isinstance(value, str) else str(value)


def _allowed(name: str) -> str:
    if name in BOUNDS:
        low, high = BOUNDS[name]
        if name.endswith("_ns"):
            return f"{_span(low)} to {_span(high)}"
        return f"{_power(low)} to {_power(high)}"
    kind = Profile.__annotations__[name]
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return ", ".join(f"`{choice.value}`" for choice in kind)
    return "text"


def _span(ns: int) -> str:
    if not ns:
        return "0"
    size, unit = next((size, unit) for size, unit in _UNITS if ns % size == 0)
    return f"{ns // size} {unit}"


def _power(number: int) -> str:
    """Write numbers near a large power of two as one."""
    size = abs(number)
    if size < 2**32:
        return str(number)
    sign = "-" if number < 0 else ""
    exponent = size.bit_length() if size & (size - 1) else size.bit_length() - 1
    less = 2**exponent - size
    return f"{sign}2^{exponent}" + (f" - {less}" if less else "")


def _table(head: list[str], rows: list[list[str]]) -> list[str]:
    lines = [head, ["---"] * len(head), *rows]
    return ["| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines]


FILES: Final = {"profiles.md": profiles_md, "state-machine.md": state_diagram_md}
"""What is written, by whom."""


def main() -> None:
    """Rewrite the files."""
    for name, make in FILES.items():
        (DOCS / name).write_text(make(), encoding="utf-8")


if __name__ == "__main__":
    main()
