# A script beside the pages, not a package.
# ruff: noqa: INP001
"""Write what the documentation of scenarios takes from the tables that read them.

``python docs/generate_scenarios.py``, from anywhere, rewrites ``scenario-steps.md`` and
``scenario.schema.json``; a test fails while they are out of date.
"""

import dataclasses
import inspect
import json
import sys
from pathlib import Path
from typing import Any, Final

DOCS: Final = Path(__file__).resolve().parent
sys.path.insert(0, str(DOCS.parent))

from hosttools.refserver.policies import POLICIES, NamedPolicy  # noqa: E402 (a script finds its own source tree first)
from hosttools.scenarios.model import TokenSpec  # noqa: E402
from hosttools.scenarios.schema import schema  # noqa: E402
from hosttools.scenarios.steps import WHATS, Expect  # noqa: E402
from hosttools.scenarios.values import Number, kinds  # noqa: E402

_HEAD: Final = """\
<!-- Written by docs/generate_scenarios.py from hosttools/scenarios/steps.py and model.py, and
hosttools/refserver/policies.py; edit those. -->

# Scenarios: every key

How scenarios are written and played is told in [scenarios.md](scenarios.md). An editor that knows
[scenario.schema.json](scenario.schema.json) completes these keys.
"""

_STEPS: Final = """\
## Steps, `[[step]]`

Every step takes `do`, `token` (which one; the only one need not be named), `expect` (a table, see
below) and `note` (for people), and these:
"""

_POLICIES: Final = """\
## Policies, `[policy] like`

Settings of the reference server by name, to which the other keys of `[policy]` are changes
([reference-server.md](reference-server.md) has them all). None of them is the server that it is
named after.
"""


def scenario_steps_md() -> str:
    """Return ``scenario-steps.md``: every key of a scenario."""
    parts = [_HEAD, "## Tokens, `[[token]]`", "", *_keys(TokenSpec), "", _STEPS]
    for do, owner in WHATS.items():
        parts += [f"### `{do}`", "", str(inspect.getdoc(owner)), ""]
        needs = ", ".join(sorted(f"`{need.value}`" for need in owner.needs))
        parts += [f"A server that has not got {needs} skips the scenario.", ""] if needs else []
        parts += [*_keys(owner), ""] if dataclasses.fields(owner) else []
    parts += ["## What is expected, `expect`", "", str(inspect.getdoc(Expect)), ""]
    parts += [*_keys(Expect), "", _POLICIES]
    parts += _table(
        ["Name", "After", "Settings and their sources", "What it does besides"],
        [[f"`{n}`", p.title, _sources(p), "<br>".join(p.differs)] for n, p in POLICIES.items()],
    )
    return "\n".join([*parts, ""])


def _sources(named: NamedPolicy) -> str:
    return "<br>".join(
        f"`{key} = {str(getattr(named.policy, key)).lower()}`: {source}"
        for key, source in named.sources.items()
    )


def _keys(owner: type[Any]) -> list[str]:
    defaults = {field.name: field.default for field in dataclasses.fields(owner)}
    rows = []
    for key, (name, kind, needed) in kinds(owner).items():
        default = defaults[name]
        if needed:
            shown = "must be given"
        elif default is None:
            shown = ""
        elif isinstance(kind, Number):
            shown = f"{default / kind.scale:g}"
        else:
            shown = str(default).lower()
        rows.append([f"`{key}`", kind.doc, kind.allowed, shown])
    return _table(["Key", "Meaning", "Allowed", "Default"], rows)


def _table(head: list[str], rows: list[list[str]]) -> list[str]:
    lines = [head, ["---"] * len(head), *rows]
    return ["| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines]


def scenario_schema_json() -> str:
    """Return ``scenario.schema.json``, for editors."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


FILES: Final = {
    "scenario-steps.md": scenario_steps_md,
    "scenario.schema.json": scenario_schema_json,
}
"""What is written, by whom."""


def main() -> None:
    """Rewrite the files."""
    for name, make in FILES.items():
        (DOCS / name).write_text(make(), encoding="utf-8")


if __name__ == "__main__":
    main()
