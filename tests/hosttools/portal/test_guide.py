"""docs/portal.md shows what is there: its pictures, its messages, its numbers."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from hosttools.portal.epcs import phone, proof
from hosttools.portal.practice import PIN
from hosttools.portal.sessions import IDLE_S
from hosttools.refserver.policy import Policy

ROOT: Final = Path(__file__).parents[3]
GUIDE: Final = (ROOT / "docs" / "portal.md").read_text(encoding="utf-8")
LARGEST: Final = 80_000


def _texts() -> Iterator[str]:
    """Yield every string of the code, and every template with its spaces made one."""
    for package in ("portal", "refserver"):
        for source in (ROOT / "hosttools" / package).rglob("*.py"):
            for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    yield node.value
    for template in (ROOT / "hosttools" / "portal" / "http" / "templates").glob("*.html"):
        yield re.sub(r"\s+", " ", template.read_text(encoding="utf-8"))


def test_every_picture_is_shown_and_said() -> None:
    """Each is there, small, told to those who don't see it, and none lies about unused."""
    shown = re.findall(r"!\[([^]]+)\]\(images/(portal-[a-z-]+\.png)\)", GUIDE)
    pictures = {path.name: path.stat().st_size for path in ROOT.glob("docs/images/portal-*.png")}
    assert sorted(pictures) == sorted(name for _, name in shown)
    assert {} == {name: size for name, size in pictures.items() if size > LARGEST}


def test_every_message_is_one_of_the_portal() -> None:
    """Whoever looks one up finds the words that they read."""
    table = GUIDE.partition("| You read |")[2].partition("\n\n")[0]
    told = re.findall(r"^\| ([A-Z][^|]+?) \|", table, re.MULTILINE)
    said = list(_texts())
    assert [] == [message for message in told if not any(message in text for text in said)]
    assert len(told) > 10  # the table was found


def test_numbers_are_told() -> None:
    """As they are in the code."""
    assert f"signing PIN is {PIN}." in GUIDE
    assert (30, 5, 10) == (IDLE_S // 60, phone.LIVES_S // 60, proof.OPEN_S // 60)
    assert (5, 10) == (phone.MOST_SENT, phone.WITHIN_S // 60)
    assert 10 == Policy().look_ahead  # "Ten presses too many are forgiven"
