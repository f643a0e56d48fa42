"""The OpenHTF plug of docs/frameworks.md."""

from collections.abc import Callable
from pathlib import Path

from hosttools.hand import Token
from hosttools.testing import Serving
from tests.hosttools.frameworks.conftest import SERIAL, Run


def test_page(
    framework: Callable[[str], Run], served: Serving, shown: Callable[[str, str], str]
) -> None:
    """The page's station passes, and leaves the token's port free."""
    run = framework("openhtf")
    Path("station.py").write_text(shown("python", "BasePlug"), encoding="utf-8")

    done = run("python", "station.py")

    assert 0 == done.returncode, done.stdout + done.stderr
    with Token.open(served.port(SERIAL)) as token:
        assert 3 == token.counter
