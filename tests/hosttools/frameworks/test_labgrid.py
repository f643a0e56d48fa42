"""The labgrid driver, under labgrid itself."""

from collections.abc import Callable
from pathlib import Path

import pytest

from hosttools.hand import Token
from hosttools.testing import Serving
from tests.hosttools.frameworks.conftest import SERIAL, Run

pytestmark = pytest.mark.usefixtures("served")

Shown = Callable[[str, str], str]


@pytest.fixture
def run(framework: Callable[[str], Run], shown: Shown) -> Run:
    """Return what runs labgrid's programs beside a served token and the page's environment."""
    run = framework("labgrid")
    Path("station.yaml").write_text(shown("yaml", "GalhTokenDriver"), encoding="utf-8")
    return run


def test_page(run: Run, shown: Shown) -> None:
    """The page's test passes; labgrid's log tells the steps, and no code."""
    Path("test_token.py").write_text(shown("python", "get_driver"), encoding="utf-8")

    done = run("pytest", "--lg-env", "station.yaml", "-vv", "test_token.py")

    assert 0 == done.returncode, done.stdout + done.stderr
    assert "1 passed" in done.stdout
    assert "press_many" in done.stdout
    assert not [code for code in ("755224", "287082", "969429") if code in done.stdout]


def test_the_port_is_free_afterwards(run: Run, served: Serving) -> None:
    """A driver that is deactivated lets go of the port, and refuses verbs from then on."""
    Path("test_it.py").write_text(
        """\
import pytest
from labgrid.binding import StateError

def test_it(target):
    driver = target.get_driver("GalhTokenDriver")
    assert driver.can and driver.press() == "755224"
    target.deactivate(driver)
    with pytest.raises(StateError):
        driver.press()
    assert driver.held is None
    target.activate(driver)
    driver.advance(31)
    assert driver.look() == ""
""",
        encoding="utf-8",
    )

    done = run("pytest", "--lg-env", "station.yaml", "test_it.py")

    assert 0 == done.returncode, done.stdout + done.stderr
    with Token.open(served.port(SERIAL)) as token:
        assert 1 == token.counter


def test_a_token_that_is_another(run: Run) -> None:
    """A resource that names another token than the port's fails the test that asks for it."""
    station = Path("station.yaml")
    station.write_text(station.read_text("utf-8").replace(SERIAL, "GALH12345678"), "utf-8")
    Path("test_it.py").write_text(
        'def test_it(target):\n    target.get_driver("GalhTokenDriver")\n', encoding="utf-8"
    )

    done = run("pytest", "--lg-env", "station.yaml", "test_it.py")

    assert 1 == done.returncode
    assert "port ./token has no token GALH12345678" in done.stdout
    assert f"this port is {SERIAL}'s" in done.stdout
