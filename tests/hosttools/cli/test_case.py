"""galh case."""

import json
import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from emulator.bench import Bench
from emulator.clock import VirtualClock, parse_utc
from emulator.statedir import StateDir
from firmware_model.nvm import configure
from firmware_model.oath import Secret
from firmware_model.products import GALH, GALT
from firmware_model.profile import SECOND
from hosttools.attached import AttachedReference
from hosttools.benchclient import BenchClient
from hosttools.refserver import Store
from hosttools.scenarios import read_scenario

Galh = Callable[..., tuple[int, str, str]]
Serve = Callable[..., Any]
SERIAL, TIME_SERIAL = "GALH00004226", "GALT00006238"
SECRET = Secret(b"12345678901234567890")
PAGE = Path("docs/cases.md")


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """Return a state directory whose event token was pressed too often for its server."""
    path = tmp_path / "state"
    with StateDir(path) as store, Store(tmp_path / "server.db") as known:
        bench = Bench(VirtualClock(parse_utc("2026-01-05T08:00:00Z")), store=store)
        bench.open(configure(SERIAL, GALH, SECRET))
        bench.open(configure(TIME_SERIAL, GALT, SECRET))
        server = AttachedReference(bench, store=known)
        for _ in range(12):
            bench.wait(SERIAL, lit=False, timeout_ns=60 * SECOND)
            code = bench.press(SERIAL).result.code
        assert code is not None
        server.submit(SERIAL, "verify", [code])
        bench.close()
    return path


@pytest.fixture
def file(tmp_path: Path, state: Path, galh: Galh) -> Path:
    """Return a case of both tokens."""
    path = tmp_path / "bug.galh-case.json"
    code, out, err = galh("case", "save", "--state", state, "--out", path, "--title", "too far")
    assert (0, "") == (code, err)
    assert out.startswith("saved ")
    return path


def test_replay(galh: Galh, file: Path) -> None:
    """A case that was saved replays to the same digest, and says so."""
    code, out, err = galh("case", "replay", file)
    assert (0, "") == (code, err)
    assert out.startswith("replays to the same digest ")
    assert "1 of 1 submissions judged again" in out
    assert json.loads(galh("case", "replay", file, "--json")[1])["same"]


def test_show(galh: Galh, file: Path) -> None:
    """The tokens, both counters, the distance and what happened are shown; no digits are."""
    code, out, _ = galh("case", "show", file)
    assert 0 == code
    for text in (
        "too far",
        "digits blotted out",
        "next counter 12",
        "expects counter 0",
        "+12",
        "out of sync",
    ):
        assert text in out
    assert "code of 11 lit" in out
    told = json.loads(galh("case", "show", file, "--json")[1])
    assert [12, 0] == [token["position"] for token in told["tokens"]]
    assert 0 == told["tokens"][0]["server"]["next_counter"]


def test_show_digits(galh: Galh, file: Path) -> None:
    """Digits are shown where that is asked for."""
    blotted, plain = galh("case", "show", file)[1], galh("case", "show", "--digits", file)[1]
    assert blotted != plain
    assert "digits blotted out" not in plain


def test_server_db(galh: Galh, state: Path, tmp_path: Path) -> None:
    """What the server keeps now is in the case if its database is named."""
    path = tmp_path / "with.galh-case.json"
    db = tmp_path / "server.db"
    arguments = ("--state", state, "--out", path, "--serial", SERIAL, "--server-db", db)
    assert 0 == galh("case", "save", *arguments)[0]
    out = galh("case", "show", path)[1]
    assert "reference server keeps: next counter 0, active, 1 refused codes" in out
    assert TIME_SERIAL not in out


def test_keep_secrets(galh: Galh, state: Path, file: Path, tmp_path: Path) -> None:
    """The tokens' own secrets are in it only if that is asked for, and there is a warning."""
    path = tmp_path / "own.galh-case.json"
    code, _, err = galh("case", "save", "--state", state, "--out", path, "--keep-secrets")
    assert 0 == code
    assert "holds the tokens' secrets" in err
    assert SECRET.reveal().hex() in path.read_text()
    assert SECRET.reveal().hex() not in file.read_text()
    assert 0 == galh("case", "replay", path)[0]


def test_diff(galh: Galh, state: Path, file: Path, tmp_path: Path) -> None:
    """A case is like another of the same history, and unlike one of a longer one."""
    same, longer = (tmp_path / f"{name}.galh-case.json" for name in ("same", "longer"))
    galh("case", "save", "--state", state, "--out", same)
    assert (0, "same end\n", "") == galh("case", "diff", file, same)
    with StateDir(state) as store:
        bench = Bench(VirtualClock((store.now_ns or 0) + 60 * SECOND), store=store)
        bench.load(SERIAL)
        bench.press(SERIAL)
        bench.close()
    galh("case", "save", "--state", state, "--out", longer)
    code, out, _ = galh("case", "diff", file, longer)
    assert 1 == code
    assert "A: nothing" in out
    assert "another end" in out
    assert not json.loads(galh("case", "diff", file, longer, "--json")[1])["same"]


def test_shrink(galh: Galh, file: Path, tmp_path: Path) -> None:
    """A case whose last answer is doubted becomes the fewest presses that lead to it again."""
    small, test = tmp_path / "small.toml", tmp_path / "test_small.py"
    code, out, err = galh("case", "shrink", file, "--out", small, "--pytest", test)
    assert (0, "") == (code, out)
    assert "to   4 steps, 14 presses, 0 s of waiting" in err
    assert "accepted: expected true, got false" in err
    scenario = read_scenario(small)
    assert ["add", "press_many", "press", "submit"] == [step.do for step in scenario.steps]
    assert "too far" == scenario.title
    assert 1 == galh("scenario", "run", small)[0]
    assert "def test_scenario" in test.read_text()


def test_never_overwrites(galh: Galh, state: Path, file: Path) -> None:
    """A file that is there stays."""
    before = file.read_bytes()
    code, _, err = galh("case", "save", "--state", state, "--out", file)
    assert (2, before) == (code, file.read_bytes())
    assert "there already" in err


def test_no_state(galh: Galh, tmp_path: Path) -> None:
    """A state directory or a database that is not there is told, and none is made."""
    out = tmp_path / "x.galh-case.json"
    assert 2 == galh("case", "save", "--state", tmp_path / "none", "--out", out)[0]
    assert [] == list(tmp_path.iterdir())


def test_no_database(galh: Galh, state: Path, tmp_path: Path) -> None:
    """A database that is not there is told, and none is made."""
    missing = tmp_path / "none.db"
    arguments = ("--state", state, "--out", tmp_path / "x.json", "--server-db", missing)
    assert 2 == galh("case", "save", *arguments)[0]
    assert not missing.exists()


@pytest.mark.parametrize("verb", ["show", "replay"])
def test_damaged(galh: Galh, file: Path, verb: str) -> None:
    """A damaged case ends with exit code 74 and says what to do."""
    file.write_text(file.read_text().replace("too far", "too near"))
    code, out, err = galh("case", verb, file)
    assert (74, "") == (code, out)
    assert "checksum is wrong; take a good copy" in err


def test_of_a_served_bench(galh: Galh, serve: Serve, tmp_path: Path) -> None:
    """A bench that is served gives a case of what happened, and of its server, that replays."""
    url, path = serve().url, tmp_path / "far.galh-case.json"
    with BenchClient(url) as client:
        (pressed,) = client.press("GALH12345678")
        client.submit("GALH12345678", "verify", str(pressed.code))
    title = f"Gedr\u00fcckt: {pressed.code}"
    code, out, err = galh("case", "save", "--url", url, "--out", path, "--title", title)

    assert (0, "") == (code, err)
    assert "of GALH12345678 in" in out
    assert 0o600 == path.stat().st_mode & 0o777
    assert "1 of 1 submissions judged again" in galh("case", "replay", path)[1]
    shown = galh("case", "show", path)[1]
    assert "Gedr\u00fcckt: ******" in shown
    assert "reference server keeps: next counter 1, active" in shown


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ((), "give --state DIR, or --url URL"),
        (("--state", "state", "--url", "http://127.0.0.1:1"), "give --state DIR, or --url URL"),
        (("--url", "http://127.0.0.1:1", "--keep-secrets"), "go with --state"),
        (("--url", "http://127.0.0.1:1", "--server-db", "server.db"), "go with --state"),
        (("--state", "state", "--bearer-file", "file"), "with --url only"),
        (("--url", "http://127.0.0.1:1", "--bearer-file", "none"), "none can't be read"),
    ],
)
def test_of_one_or_the_other(
    galh: Galh, tmp_path: Path, options: tuple[str, ...], told: str
) -> None:
    """Options that don't go together are a usage error, and nothing is written."""
    code, _, err = galh("case", "save", *options, "--out", tmp_path / "x.json")
    assert 2 == code
    assert told in err
    assert [] == list(tmp_path.iterdir())


def test_of_a_token_that_is_not_served(galh: Galh, serve: Serve, tmp_path: Path) -> None:
    """A token that is not there is told, and nothing is written."""
    options = ("--serial", "GALH99999999", "--out", tmp_path / "x.json")
    code, _, err = galh("case", "save", "--url", serve().url, *options)
    assert 2 == code
    assert "no token 'GALH99999999'" in err
    assert [] == list(tmp_path.iterdir())


@pytest.mark.usefixtures("state")
def test_page(galh: Galh, serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The commands of the page on cases run as written, in a row."""
    url = serve().url
    commands = re.findall(r"^\$ galh (case .*)$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert commands
    monkeypatch.chdir(tmp_path)
    for command in commands:
        code, _, err = galh(*shlex.split(command.replace("http://127.0.0.1:8080", url)))
        assert (0, "") == (code, err), command


def test_page_python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page's example prints what it says."""
    (source,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    monkeypatch.chdir(tmp_path)
    printed: list[str] = []
    names = {"print": lambda *values: printed.append(" ".join(map(str, values)))}
    exec(compile(source, str(PAGE), "exec"), names)  # noqa: S102  # our own page
    assert re.findall(r"^print\(.*\)\s+# (.*)$", source, re.MULTILINE) == printed
