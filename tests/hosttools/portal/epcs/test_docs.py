"""The table of docs/epcs-rules.md: what it names is there."""

import re
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[3]
ROW = re.compile(r"^\| 1[^|]+\|[^|]+\| `([^`]+)` \| `([^`:]+)::([^`]+)` \|$", re.MULTILINE)


def test_every_rule_names_a_module_and_a_test() -> None:
    """A rule whose test was renamed is a rule that nobody shows."""
    text = (ROOT / "docs/epcs-rules.md").read_text(encoding="utf-8")
    rows = ROW.findall(text)

    assert text.count("\n| 1") == len(rows) > 0
    for module, file, test in rows:
        assert (ROOT / "hosttools/portal" / module).is_file(), module
        assert f"def {test}(" in (HERE / file).read_text(encoding="utf-8"), test
