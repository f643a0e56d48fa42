"""docs/hand.md does what it says."""

import io
import re
import sys
from collections.abc import Callable, Mapping
from contextlib import ExitStack, redirect_stdout
from pathlib import Path
from typing import Final

import pytest

from emulator.inprocess import alive
from hosttools.hand import BenchHand, Can, Hand, open_bench, open_hand
from hosttools.testing import Serving
from tests.hosttools.hand.conftest import BACKENDS, Shop

DOCS: Final = Path(__file__).parents[3] / "docs"
PAGE: Final = (DOCS / "hand.md").read_text(encoding="utf-8")
BLOCKS: Final = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


def _in_process(shop: Shop, stack: ExitStack) -> list[Hand]:
    configs = [shop.any("GALH"), shop.any("GALT")]
    runner = stack.enter_context(open_bench([(config, None) for config in configs]))
    return [BenchHand(runner, config.serial) for config in configs]


def _port(shop: Shop, stack: ExitStack) -> list[Hand]:
    configs = [shop.any("GALH"), shop.any("GALT")]
    stack.enter_context(alive(configs))
    return [open_hand(f"galh://{config.serial}") for config in configs]


def _both(backend: str) -> Callable[[Shop, ExitStack], list[Hand]]:
    return lambda shop, stack: [BACKENDS[backend](shop, kind, stack) for kind in ("GALH", "GALT")]


COLUMNS: Final = (_in_process, _port, _both("http"), _both("rig"), _both("manual"))


def test_table_is_what_they_can(shops: Mapping[bool, Shop]) -> None:
    """One row for each capability, in order, with who has it on a manual clock."""
    with ExitStack() as stack:
        can = []
        for column in COLUMNS:
            hands = column(shops[False], stack)
            can.append(frozenset[Can]().union(*(hand.can for hand in hands)))
            for hand in hands:
                stack.callback(hand.close)

    rows = [
        f"| `{one.name}` | {one.value} | {' | '.join('yes' if one in c else 'no' for c in can)} |"
        for one in Can
    ]
    assert rows == re.findall(r"^\| `[A-Z_]+` .*\|$", PAGE, re.MULTILINE)


def _run(source: str) -> list[str]:
    printed = io.StringIO()
    with redirect_stdout(printed):
        exec(compile(source, "hand.md", "exec"), {})  # noqa: S102  # our own page
    return printed.getvalue().splitlines()


def test_examples_print_what_they_say(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every block of the page runs, one after another, and prints what its comments say."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "stdin", io.StringIO("755224\n\n287082\n"))
    (options,) = re.findall(r"galh serve (.*)", PAGE)
    with Serving(*options.split()):
        for block in BLOCKS:
            said = re.findall(r"^\s*print\(.*\)\s+# (.*)$", block, re.MULTILINE)
            expected = ["" if line.startswith("an empty line") else line for line in said]
            assert expected == _run(block)

    asked = "Press the button of GALH00004226, and type the code.\n    none      no new code"
    assert asked in capsys.readouterr().err


@pytest.mark.parametrize("page", ["hand.md", "rig.md"])
def test_links(page: str) -> None:
    """Every relative link leads to a file."""
    targets = re.findall(r"\]\(([^)#:]+)", (DOCS / page).read_text(encoding="utf-8"))

    assert [] == [target for target in targets if not (DOCS / target).exists()]
