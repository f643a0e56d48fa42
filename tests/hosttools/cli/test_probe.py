"""``galh probe``: from a server's name to a verdict, an exit code and files."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hosttools.servers import Answer, Can, Enrolment, Server, ServerError

if TYPE_CHECKING:
    from tests.hosttools.cli.conftest import Galh

_TINY = "python:tests.hosttools.prober.tiny:"


def test_reference_server(galh: "Galh") -> None:
    """It does all right: exit code 0, and a line for each rule."""
    done = galh("probe", "--server", "reference", "--only", "hotp.resync,race")
    lines = [line for line in done.out.splitlines() if not line.startswith(" ")]

    assert 0 == done.exit_code
    assert "hotp.resync.ahead" in done.out
    assert lines[0].split() == ["rule", "measured", "documented", "verdict"]
    assert all(line.split()[-1] == "ok" for line in lines[1:])
    assert "0 fail" in done.err


def test_a_rule_that_fails(galh: "Galh") -> None:
    """Exit code 1, and what it means for users."""
    done = galh("probe", "--server", f"{_TINY}ReplayWithin30s", "--only", "hotp.replay.same")

    assert 1 == done.exit_code
    assert "looks over a user's shoulder" in done.out


class _Down(Server):
    name = "down"
    can = frozenset({Can.EVENT, Can.ENROL})

    def enrol(self, token: Enrolment) -> None:
        raise ServerError(f"down does not answer about {token.serial}")


def down() -> Server:
    """Return a server that breaks whatever it is asked."""
    return _Down()


def test_nothing_measured(galh: "Galh") -> None:
    """A server that answers nothing is no success: exit code 1."""
    done = galh("probe", "--server", f"python:{__name__}:down", "--only", "hotp.replay.same")

    assert 1 == done.exit_code
    assert "does not answer" in done.out
    assert "nothing was measured" in done.err


def test_json_alone_is_on_standard_output(galh: "Galh") -> None:
    """One JSON value; plan and progress are on standard error."""
    done = galh("probe", "--server", f"{_TINY}Tiny", "--only", "hotp.replay", "--json")
    value = json.loads(done.out)

    assert (1, "tiny") == (value["schema"], value["server"])
    assert ["hotp.replay.same", "hotp.replay.later", "hotp.replay.older"] == [
        rule["id"] for rule in value["rules"]
    ]
    assert "altogether, up to" in done.err


class _Unasked(Server):
    name = "unasked"
    can = frozenset({Can.EVENT, Can.ENROL})

    def verify(self, serial: str, code: str) -> Answer:  # noqa: ARG002  # must not be called
        raise AssertionError("a dry run sent something")


def unasked() -> Server:
    """Return a server that must not be asked."""
    return _Unasked()


@pytest.mark.parametrize("as_json", [False, True])
def test_dry_run_sends_nothing(galh: "Galh", as_json: bool) -> None:  # noqa: FBT001  # a parameter
    """The plan with its cost; the server is not asked."""
    more = ["--json"] if as_json else []
    done = galh(
        "probe", "--server", "python:tests.hosttools.cli.test_probe:unasked", "--dry-run", *more
    )

    assert 0 == done.exit_code
    if as_json:
        plan = json.loads(done.out)
        assert {"codes", "failures", "tokens", "budget"} <= set(plan)
        assert plan["codes"] > plan["failures"] > 0
    else:
        assert "altogether, up to" in done.out
        assert "lockout" not in done.out


def test_files(galh: "Galh", tmp_path: Path) -> None:
    """JUnit and HTML are written beside the table."""
    junit, html = tmp_path / "probe.xml", tmp_path / "probe.html"
    done = galh(
        *("probe", "--server", f"{_TINY}Tiny", "--only", "hotp.replay.same"),
        *("--junit", junit, "--html", html),
    )

    assert 0 == done.exit_code
    assert "<testsuite " in junit.read_text()
    assert "<!doctype html>" in html.read_text()


def test_a_file_that_is_there_is_kept(galh: "Galh", tmp_path: Path) -> None:
    """Told before anything is measured."""
    html = tmp_path / "probe.html"
    html.write_text("mine")
    done = galh("probe", "--server", f"{_TINY}Tiny", "--html", html)

    assert (2, "", "mine") == (done.exit_code, done.out, html.read_text())


def test_digits_are_for_their_owner(galh: "Galh", tmp_path: Path) -> None:
    """A report with codes in it is a file that nobody else reads."""
    html = tmp_path / "probe.html"
    galh(
        "probe",
        "--server",
        f"{_TINY}Tiny",
        "--only",
        "hotp.replay.same",
        "--digits",
        "--html",
        html,
    )

    assert 0o600 == html.stat().st_mode & 0o777


def test_resume(galh: "Galh", tmp_path: Path) -> None:
    """A second call goes on from the file."""
    path = tmp_path / "probe.json"
    command = ["probe", "--server", f"{_TINY}Tiny", "--resume", path, "--json", "--only"]
    galh(*command, "hotp.replay.same")
    kept = json.loads(path.read_text())["rules"]
    value = json.loads(galh(*command, "hotp.replay").out)

    assert kept == value["rules"][:1]
    assert 3 == len(value["rules"])


def test_one_token_of_a_seed_file(galh: "Galh", tmp_path: Path) -> None:
    """A token that the server knows is named by seed file and serial number."""
    seeds = tmp_path / "seeds.csv"
    seeds.write_text("GALH00000042,3132333435363738393031323334353637383930,hotp,6,0\n")
    done = galh(
        *("probe", "--server", "python:tests.hosttools.cli.test_probe:closed"),
        *("--seeds", seeds, "--serial", "GALH 0000-0042", "--only", "hotp.replay.same", "--json"),
    )
    (rule,) = json.loads(done.out)["rules"]

    assert ("refused", "ok") == (rule["measured"], rule["verdict"])


def closed() -> Server:
    """Return a server that knows one token, and takes no more."""
    from tests.hosttools.prober.test_run import EVENT, closed  # noqa: PLC0415  # only here

    return closed(EVENT)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "name a server with --server"),
        (["--server", "referense"], "reference"),
        (["--server", "reference", "--only", "hotp.replay.smae"], "hotp.replay.same"),
        (["--server", "reference", "--only", "lockout"], "--lockout"),
        (["--server", "reference", "--serial", "GALH00000042"], "--seeds"),
        (["--server", "reference", "--budget", "-1"], "--budget"),
        (["--server", "privacyidea:https://otp.example.org"], ""),
        (["--server", "reference", "--seeds", "ward.csv"], "--serial"),
        (["--server", "python:tests.hosttools.cli.test_probe:closed", "--dry-run"], "--seeds FILE"),
    ],
)
def test_wrong_usage(galh: "Galh", arguments: list[str], told: str) -> None:
    """What can't be is refused with what can, and exit code 2."""
    done = galh("probe", *arguments)

    assert (2, "") == (done.exit_code, done.out)
    assert told in done.err


def test_elsewhere_has_to_be_authorised(galh: "Galh", tmp_path: Path) -> None:
    """A server on another machine is not asked unless it is named."""
    description = tmp_path / "acme.toml"
    description.write_text(
        '[server]\nurl = "https://otp.example.org"\n[verify]\npath = "/"\n'
        "accepted = {status = 200}\nrefused = {status = 401}\n"
    )
    refused = galh("probe", "--server", f"http:{description}", "--dry-run")
    allowed = galh(
        *("probe", "--server", f"http:{description}", "--dry-run"),
        *("--authorised", "otp.example.org", "--seeds", "ward.csv", "--serial", "GALH12345678"),
    )

    assert 2 == refused.exit_code
    assert "--authorised otp.example.org" in refused.err
    assert 0 == allowed.exit_code
    assert "Failure budget: 0" in allowed.out


def test_diff(galh: "Galh", tmp_path: Path) -> None:
    """Two reports are compared: exit code 1 if they differ, 0 if not."""
    paths = []
    for bug in ("Tiny", "GapInAResync"):
        done = galh("probe", "--server", f"{_TINY}{bug}", "--only", "hotp.resync", "--json")
        paths.append(tmp_path / f"{bug}.json")
        paths[-1].write_text(done.out)
    differ, same = galh("probe", "diff", *paths), galh("probe", "diff", paths[0], paths[0])
    as_json = json.loads(galh("probe", "diff", *paths, "--json").out)

    assert (1, 0) == (differ.exit_code, same.exit_code)
    assert "hotp.resync.gap" in differ.out
    assert ["hotp.resync.gap"] == [rule["id"] for rule in as_json["rules"]]


def test_diff_of_no_report(galh: "Galh", tmp_path: Path) -> None:
    """A file that is no report is refused by name."""
    path = tmp_path / "no.json"
    path.write_text("[]")
    done = galh("probe", "diff", path, path)

    assert (2, "") == (done.exit_code, done.out)
    assert "no.json" in done.err
