# A script beside the pages, not a package.
# ruff: noqa: INP001
"""Write the parts of the documentation that are drawn from the code.

``python docs/generate.py``, from anywhere, rewrites ``profiles.md``,
``state-machine.md``, ``token-life.md``, ``order-life.md`` and the settings in ``study.md``;
a test fails while they are out of date.
"""

import dataclasses
import enum
import inspect
import re
import sys
import types
from collections.abc import Container, Iterable, Mapping
from pathlib import Path
from typing import Final

DOCS: Final = Path(__file__).resolve().parent
sys.path.insert(0, str(DOCS.parent))

from firmware_model import table  # noqa: E402 (a script finds its own source tree first)
from firmware_model.products import PRODUCTS, Product  # noqa: E402
from firmware_model.profile import BOUNDS, OUR_DEFAULT, Profile, TokenType, describe  # noqa: E402
from firmware_model.table import TABLE, Mode, Trigger  # noqa: E402
from hosttools.portal.spares import life  # noqa: E402
from hosttools.refserver import lifecycle  # noqa: E402
from hosttools.refserver.record import Status  # noqa: E402
from hosttools.study import described as study  # noqa: E402

_NOTE: Final = "<!-- Written by docs/generate.py from {source}; edit that. -->"
_SETTINGS: Final = re.compile(
    r"(?<=<!-- settings: )[^\n]*\n.*?(?=<!-- end of settings -->)", re.DOTALL
)
"""Between these the page of studies is drawn; the rest of it is written by hand."""
_NAMES: Final = {"name", "title"}
_ONLY: Final = {
    **dict.fromkeys(("first_counter", "counter_bits", "max_codes"), TokenType.EVENT),
    **dict.fromkeys(("step_s", "t0_s", "step_change", "time_bars", "life_days"), TokenType.TIME),
    **dict.fromkeys(("time_settable", "reset_clock_s"), TokenType.TIME),
}
"""Settings that only one type of token has."""

_UNITS: Final = ((3_600_000_000_000, "h"), (1_000_000_000, "s"), (1_000_000, "ms"), (1, "ns"))


def profiles_md() -> str:
    """Return ``profiles.md``: what products do, and every setting with its meaning and source."""
    compared = [name for name, _, _ in describe() if name not in _NAMES and _is_told(name)]
    notes: dict[str, int] = {}
    products = [
        [f"`{product.profile.name}`", product.profile.title]
        + [_sourced(product, name, notes) for name in compared]
        for product in PRODUCTS.values()
    ]
    defaults = {field.name: field.default for field in dataclasses.fields(Profile)}
    settings = [
        [
            f"`{name}`",
            "must be given"
            if defaults[name] is dataclasses.MISSING
            else _value(name, defaults[name]),
            _allowed(name),
            doc,
            source,
        ]
        for name, doc, source in describe()
    ]
    return "\n".join(
        [
            _NOTE.format(source="firmware_model/products.py and profile.py"),
            "",
            "# Profiles",
            "",
            "A profile is data: what one product does. `galh profile list` names those that ship,",
            "`galh profile show NAME` prints one, and `--profile NAME` makes a token behave by it.",
            "",
            "## Products",
            "",
            "A number leads to the source below. A dagger (†) marks what is not known of the",
            "product: the value is our default, and its source, if any, our reason. A dash marks",
            "what the product has not. A setting that has no column is not known of any of them,",
            "and at the default in the next table.",
            "",
            *_table(["Profile", "Product", *(f"`{name}`" for name in compared)], products),
            "",
            "Sources:",
            "",
            *(f"{number}. {text[0].upper()}{text[1:]}" for text, number in notes.items()),
            "",
            "## Settings",
            "",
            "The source is that of the default. *Our default* says that it is not known of the",
            "GALH fob; what is known of others stands beside it.",
            "",
            *_table(["Setting", "Default", "Allowed", "Meaning", "Source"], settings),
            "",
            "## A profile of one's own",
            "",
            "A TOML file with some of these settings, in which `base` names a profile that ships",
            "and fills the gaps, goes in place of a name: `--profile FILE`. `galh profile measure`",
            "makes one from a fob in your hand.",
            "",
            "```toml",
            'base = "DIGIPASS-GO7"',
            'name = "MY-GO7"',
            'serial_pattern = "GO7X[0-9]{8}"',
            "lit_ns = 20_000_000_000",
            "```",
            "",
            "Enums are given by the values in the table, times in whole nanoseconds (settings that",
            "end in `_ns`), seconds (`_s`) or days (`_days`), temperatures in thousandths of a",
            "degree (`_mc`), switches as `true` and `false`; nothing has a fraction.",
            "",
        ]
    )


def _is_told(name: str) -> bool:
    """Whether something is stated of a setting for any product."""
    return any(name in product.sources for product in PRODUCTS.values())


def _sourced(product: Product, name: str, notes: dict[str, int]) -> str:
    """Return a product's value with the number of its source, or the mark of our default."""
    if name in _ONLY and product.profile.token_type is not _ONLY[name]:
        return "-"
    source = product.sources.get(name, OUR_DEFAULT)
    mark = "†" if source.startswith(OUR_DEFAULT) else ""
    if source != OUR_DEFAULT:
        mark += f"<sup>{notes.setdefault(source, len(notes) + 1)}</sup>"
    return _value(name, getattr(product.profile, name)) + mark


def state_diagram_md() -> str:
    """Return ``state-machine.md``: theory of operation, diagram and table."""
    title, theory = _theory(table)
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
            title,
            "",
            "## Theory of operation",
            "",
            theory,
            "",
            "## Diagram",
            "",
            "An arrow is labelled with what makes the firmware go on. What the supply does is",
            "drawn once, at power_on: it leads from every mode to the same ones.",
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


def token_life_md() -> str:
    """Return ``token-life.md``: theory, diagram and table of a token's life at the server."""
    return _life_md(
        lifecycle,
        Status,
        lifecycle.Trigger,
        "Trigger",
        [
            "Not drawn: each of the first five leads to the last three too, by revoke, replace",
            "and expire.",
            "",
        ],
        hidden=lifecycle.TERMINAL,
    )


def order_life_md() -> str:
    """Return ``order-life.md``: the same of the order of a spare token in the portal."""
    return _life_md(life, life.OrderStatus, life.OrderAct, "Act", [])


def study_md() -> str:
    """Return ``study.md`` as it is, with the table of a study's settings drawn anew."""
    rows = [
        [
            f"`{heading}`" if "[" in heading else heading,
            f"`{name}`",
            _value(name, default),
            allowed,
            doc,
            source,
        ]
        for heading, settings in study.describe()
        for name, default, allowed, doc, source in settings
    ]
    table = _table(["Table", "Setting", "Default", "Allowed", "Meaning", "Source"], rows)
    drawn = "\n".join(["written by docs/generate.py from hosttools/study -->", "", *table, "", ""])
    page, found = _SETTINGS.subn(lambda _: drawn, (DOCS / "study.md").read_text(encoding="utf-8"))
    if found != 1:
        raise SystemExit("study.md has lost the comments between which its settings are drawn")
    return page


def _life_md(
    module: types.ModuleType,
    statuses: type[enum.Enum],
    triggers: type[enum.Enum],
    trigger: str,
    note: list[str],
    *,
    hidden: Container[enum.Enum | None] = (),
) -> str:
    """Return the page of a table of a life.

    Args:
        module: where it is, with its theory.
        statuses: what the table leads from and to.
        triggers: what it leads by.
        trigger: what one of those is called.
        note: what stands above the diagram.
        hidden: statuses to which no arrow is drawn.
    """
    source = module.__name__.replace(".", "/")
    title, theory = _theory(module)
    rows = [
        [_status(before), by.value, _status(after)]
        for before, leads in module.TABLE.items()
        for by, after in leads.items()
    ]
    return "\n".join(
        [
            _NOTE.format(source=f"{source}.py"),
            "",
            title,
            "",
            "## Theory of operation",
            "",
            theory,
            "",
            "## Diagram",
            "",
            *note,
            "```mermaid",
            *_life_mermaid(module.TABLE, hidden),
            "```",
            "",
            "## Statuses",
            "",
            *_table(
                ["Status", "Meaning"],
                [[_status(s), _doc(statuses, s) or "see above"] for s in statuses],
            ),
            "",
            f"## {trigger}s",
            "",
            *_table([trigger, "Meaning"], [[f"`{t.value}`", _doc(triggers, t)] for t in triggers]),
            "",
            "## Transitions",
            "",
            "What is missing is refused, and changes nothing.",
            "",
            *_table(["Status", trigger, "Leads to"], rows),
            "",
        ]
    )


def _life_mermaid(
    table: Mapping[enum.Enum | None, Mapping[enum.Enum, enum.Enum]],
    hidden: Container[enum.Enum | None],
) -> Iterable[str]:
    yield "stateDiagram-v2"
    for before, leads in table.items():
        for trigger, after in leads.items():
            if after not in hidden:
                yield f"    {before.value if before else '[*]'} --> {after.value}: {trigger.value}"
    for status, leads in table.items():
        if status and not leads:
            yield f"    {status.value} --> [*]"


def _status(status: enum.Enum | None) -> str:
    return "not known yet" if status is None else f"`{status.value}`"


def _theory(module: types.ModuleType) -> tuple[str, str]:
    """Return the heading and the theory of operation in a module's docstring."""
    title, *parts = inspect.getdoc(module).split("\n\n")  # type: ignore[union-attr]  # it has one
    # The last part says that this page is made of it.
    theory = [_plain(part) for part in parts[:-1] if "Theory of operation" not in part]
    return "# " + title.strip().rstrip("."), "\n\n".join(theory)


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
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
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
    return "`true`, `false`" if kind is bool else "text"


def _span(ns: int) -> str:
    if not ns:
        return "0"
    size, unit = next((size, unit) for size, unit in _UNITS if ns >= size and ns * 10 % size == 0)
    return f"{ns / size:g} {unit}"


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


FILES: Final = {
    "profiles.md": profiles_md,
    "state-machine.md": state_diagram_md,
    "token-life.md": token_life_md,
    "order-life.md": order_life_md,
    "study.md": study_md,
}
"""What is written, by whom."""


def main() -> None:
    """Rewrite the files."""
    for name, make in FILES.items():
        (DOCS / name).write_text(make(), encoding="utf-8")


if __name__ == "__main__":
    main()
