"""docs/probe.md and docs/findings.md say what the registry and the command do."""

import re
import shlex
from pathlib import Path

import pytest

from hosttools.cli.main import run
from hosttools.prober.registry import RULES
from hosttools.prober.rule import Rule

DOCS = Path(__file__).parents[3] / "docs"
PROBE, FINDINGS = DOCS / "probe.md", DOCS / "findings.md"


def _row(rule: Rule) -> str:
    needs = ", ".join(sorted(can.value for can in rule.needs)) or "-"
    return f"| `{rule.id}` | {rule.title} | {rule.unit or '-'} | {needs} | {rule.reference} |"


def test_table_is_the_registry() -> None:
    """One row for each rule, in order."""
    rows = re.findall(r"^\| `\w+\..*\|$", PROBE.read_text(encoding="utf-8"), re.MULTILINE)

    assert [_row(rule) for rule in RULES.values()] == rows


def test_each_rule_has_a_finding() -> None:
    """What a finding suggests, and how it is mended, is said of every rule; of no other."""
    families = "|".join(sorted({rule_id.partition(".")[0] for rule_id in RULES}))
    named = re.findall(rf"`((?:{families})\.[\w.]+)`", FINDINGS.read_text(encoding="utf-8"))

    assert set(RULES) == set(named)


def test_commands_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The first commands do as they are written, one after the other."""
    monkeypatch.chdir(tmp_path)
    (block,) = re.findall(r"```sh\n(.*?)```", PROBE.read_text(encoding="utf-8"), re.DOTALL)
    for line in block.splitlines():
        command, _, out = line.partition(" > ")
        exit_code = run(shlex.split(command)[1:])
        told = capsys.readouterr().out
        assert told
        assert (1 if " diff " in line else 0) == exit_code, line
        if out:
            Path(out).write_text(told)

    assert {"report.html", "report.xml", "strict.json", "lax.json"} == {
        path.name for path in tmp_path.iterdir()
    }
