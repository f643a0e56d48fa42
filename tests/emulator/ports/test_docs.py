"""docs/ports.md says what the ports do."""

import re
from pathlib import Path

from emulator.ports.tcp import DEFAULT_LIMIT
from emulator.scpi.traffic import LONGEST

DOCS = Path(__file__).parents[3] / "docs"
PAGE = (DOCS / "ports.md").read_text(encoding="utf-8")


def test_the_limits_are_those_of_the_code() -> None:
    """Places of a port, length of a line in the journal."""
    assert f"There are {DEFAULT_LIMIT} places for each port" in PAGE
    assert f"cut after {LONGEST}\ncharacters" in PAGE


def test_links_lead_somewhere() -> None:
    """To pages beside it."""
    targets = re.findall(r"\]\(([^)#:]+)\)", PAGE)
    assert [] == [target for target in targets if not (DOCS / target).exists()]


def test_python_is_python() -> None:
    """Every example compiles."""
    for source in re.findall(r"^```python\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE):
        compile(source, "docs/ports.md", "exec")
