"""docs/load.md says what the code does."""

import re
from pathlib import Path

import pytest

from hosttools.cli.load import load
from hosttools.servers import Can
from hosttools.servers.http import open_server

DOCS = Path(__file__).parents[3] / "docs"
PAGE = (DOCS / "load.md").read_text(encoding="utf-8")


def test_every_option_is_told_and_none_besides() -> None:
    """Whatever begins with two dashes is one of the command's, or of its example's."""
    options = {name for parameter in load.params for name in parameter.opts}
    told = set(re.findall(r"--[a-z][a-z-]+", PAGE))

    assert {"--lock"} == told - options
    assert {"--help"} >= options - told - {"-h"}


def test_the_described_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """The description of the racing server is one that can be loaded, and raced."""
    monkeypatch.setenv("RACING_URL", "http://127.0.0.1:1")
    path = DOCS / "examples" / "racing.toml"
    with open_server(str(path)) as server:
        assert {Can.EVENT, Can.ENROL, Can.RESYNC, Can.REMOVE, Can.AT_ONCE} == server.can


def test_the_locustfile_is_python() -> None:
    """As far as can be told without Locust in this process."""
    (source,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)

    compile(source, "docs/load.md", "exec")
