"""``galh serve``: real processes and real ptys."""

import json
import os
import shutil
import signal
import stat
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import serial

from hosttools.seedfiles import sample
from hosttools.testing import BACKSTOP_S, Serving

Galh = Callable[..., tuple[int, str, str]]
Ask = Callable[[str], str]
RFC = sample("rfc4226.csv")
WARD = sample("ward.csv")
SERIAL = "GALH00004226"
GAHT = 'base = "GALH"\nname = "GAHT"\nserial_pattern = "GAHT[0-9]{8}"\n'
MANUAL = ("--clock", "manual:2026-01-01T00:00:00Z")


@contextmanager
def _client(port: str | Path) -> Iterator[Ask]:
    with serial.Serial(str(port), timeout=BACKSTOP_S) as line:

        def ask(query: str) -> str:
            line.write(f"{query}\n".encode())
            answer: bytes = line.readline()
            return answer.decode().removesuffix("\n")

        yield ask


# Ready, and the end.


def test_ready_line(tmp_path: Path) -> None:
    """The ready line says process, serial number, profile, pty and link, and nothing else."""
    with Serving("--seeds", RFC, "--link", f"{tmp_path}/") as served:
        (token,) = served.ready.pop("tokens")

        assert served.ready == {"event": "ready", "pid": served.process.pid}
        assert set(token) == {"serial", "profile", "pty", "link"}
        assert (token["serial"], token["profile"]) == (SERIAL, "GALH")
        assert token["link"] == str(tmp_path / SERIAL)
        assert str(Path(token["link"]).readlink()) == token["pty"]
        assert stat.S_ISCHR(Path(token["pty"]).stat().st_mode)


def test_ready_line_without_link() -> None:
    """Without --link there is none."""
    with Serving("--seeds", RFC) as served:
        assert served.ready["tokens"][0]["link"] is None


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_leaves_cleanly(tmp_path: Path, number: signal.Signals) -> None:
    """Told to stop, it removes its links, says nothing more and exits with 0."""
    with Serving("--seeds", RFC, "--link", f"{tmp_path}/") as served:
        assert served.stop(number) == (0, "", "")

    assert list(tmp_path.iterdir()) == []


def test_nohup_is_heeded() -> None:
    """A hang-up that whoever started it had ignored does not end it."""
    command = ["nohup", *Serving.COMMAND, "--json", "--seeds", str(RFC)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout is not None
        port = json.loads(process.stdout.readline())["tokens"][0]["pty"]
        process.send_signal(signal.SIGHUP)
        with _client(port) as ask:
            assert "1" == ask("*OPC?")
        process.terminate()
        assert 0 == process.wait(BACKSTOP_S)


def test_leaves_with_client_in_a_press(tmp_path: Path) -> None:
    """Told to stop while a client waits for a press, it still leaves cleanly."""
    with (
        Serving("--seeds", RFC, "--state", tmp_path) as served,
        serial.Serial(served.port(), timeout=BACKSTOP_S) as line,
    ):
        line.write(b"*OPC?\nBUTT:PRES 3600\n")
        assert line.readline() == b"1\n"
        assert served.stop() == (0, "", "")


def test_link_path(tmp_path: Path) -> None:
    """One token's link can be a path of its own; a client finds the token behind it."""
    link = tmp_path / "token"
    with Serving("--seeds", RFC, "--link", link, *MANUAL), _client(link) as ask:
        assert ask("TOK:SER?") == f'"{SERIAL}"'


def test_link_of_living_process_is_kept(galh: Galh, tmp_path: Path) -> None:
    """A second process that wants the same link exits with 75 and names the first."""
    link = tmp_path / "token"
    with Serving("--seeds", RFC, "--link", link) as served:
        exit_code, out, err = galh("serve", "--seeds", RFC, "--link", link)

        assert (75, "") == (exit_code, out)
        assert f"process {served.process.pid}" in err


def test_link_never_replaces_a_file(galh: Galh, tmp_path: Path) -> None:
    """Something of somebody else's in the link's place stays: exit 2."""
    link = tmp_path / "token"
    link.write_text("dear to somebody")

    assert galh("serve", "--seeds", RFC, "--link", link)[0] == 2
    assert link.read_text() == "dear to somebody"


def test_stale_link_is_replaced(tmp_path: Path) -> None:
    """What a killed process left behind is no hindrance."""
    link = tmp_path / "token"
    with Serving("--seeds", RFC, "--link", link) as served:
        served.kill()
    assert link.is_symlink()

    with Serving("--seeds", RFC, "--link", link, *MANUAL), _client(link) as ask:
        assert ask("TOK:COUN?") == "0"


def test_text_ready_line(tmp_path: Path) -> None:
    """Without --json there is a line for each token that people and shells can read."""
    command = [*Serving.COMMAND, "--seeds", str(RFC), "--link", str(tmp_path / "token")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        words = process.stdout.readline().split()
        process.terminate()

    assert words[:3] == ["ready", f"serial={SERIAL}", "profile=GALH"]
    assert words[3].startswith("port=/dev/pts/")
    assert words[4:] == [f"link={tmp_path / 'token'}"]
    assert process.returncode == 0


# Which tokens.


def test_several_tokens(tmp_path: Path) -> None:
    """All tokens of a seed file are served, each on its own port, under its serial number."""
    with Serving("--seeds", WARD, "--link", tmp_path / "ward", *MANUAL) as served:
        serials = [token["serial"] for token in served.ready["tokens"]]
        assert len(serials) == len(set(serials)) > 3
        assert len({token["pty"] for token in served.ready["tokens"]}) == len(serials)
        for name in serials:
            with _client(tmp_path / "ward" / name) as ask:
                assert f'"{name}"' == ask("TOK:SER?")


def test_tokens_share_a_clock() -> None:
    """Time that passes for one token passes for all."""
    with Serving("GALH00000042", "GALH12345678", "--seeds", WARD, *MANUAL) as served:
        with _client(served.port("GALH12345678")) as ask:
            ask("CLOC:ADV 5;*OPC?")
        with _client(served.port("GALH00000042")) as ask:
            assert ask("CLOC:TIME?") == "1767225605.000000000"


@pytest.mark.parametrize("name", ["galh00000042", "GALH 0000 0042", "GALH-0000-0042"])
def test_serial_as_people_type_it(name: str) -> None:
    """Serial numbers are taken in lower case, with spaces and with hyphens."""
    with Serving(name, "--seeds", WARD) as served:
        assert [t["serial"] for t in served.ready["tokens"]] == ["GALH00000042"]


def test_profile_file(tmp_path: Path) -> None:
    """A profile of one's own serves serial numbers of its own, as it says."""
    profile, seeds = tmp_path / "gaht.toml", tmp_path / "seeds.csv"
    profile.write_text(
        'base = "GALT"\nname = "GAHT"\nserial_pattern = "GAHT[0-9]{8}"\nlit_ns = 5_000_000_000\n'
    )
    seeds.write_text("GAHT00000001,3132333435363738393031323334353637383930,totp,8\n")
    with Serving(
        "--seeds", seeds, "--profile", profile, "--clock", "manual:1970-01-01T00:00:59Z"
    ) as served:
        assert served.ready["tokens"][0]["profile"] == "GAHT"
        with _client(served.port()) as ask:
            assert ask("BUTT:PRES?") == '"94287082"'
            assert 4 < float(ask("DISP:REM?")) < 5


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ([], "give --seeds FILE, --snapshot FILE, or --state DIR"),
        (["GALH99999999", "--seeds", RFC], "no seed for GALH99999999; there are GALH00004226"),
        ([SERIAL, SERIAL.lower(), "--seeds", RFC], "is named twice"),
        (["GAL", "--seeds", RFC], "no seed for GAL"),
        (["--seeds", "/nowhere.csv"], "/nowhere.csv"),
        (["--seeds", RFC, "--profile", "NONE"], "no profile 'NONE'"),
        (["--seeds", RFC, "--profile", "GALT"], "choose another profile"),
        (["--seeds", RFC, "--clock", "sundial"], "--clock 'sundial'"),
        (["--seeds", RFC, "--clock", "scaled:0"], "the rate is a number above 0"),
        (["--seeds", RFC, "--clock", "manual:never"], "not an ISO 8601 time"),
        (["--seeds", RFC, "--link", ""], "an empty --link"),
    ],
)
def test_what_can_not_be_served(galh: Galh, arguments: list[object], complaint: str) -> None:
    """What can't be is refused before anything is served: exit 2 and what to do."""
    exit_code, out, err = galh("serve", *arguments)

    assert (2, "") == (exit_code, out)
    assert complaint in err


def test_seeds_from_environment() -> None:
    """The seed file can come from GALH_SERVE_SEEDS."""
    with Serving(environment={**os.environ, "GALH_SERVE_SEEDS": str(RFC)}) as served:
        assert served.ready["tokens"][0]["serial"] == SERIAL


# The clock.


def test_real_press_takes_its_time() -> None:
    """On a real clock a press blocks its line for the hold time, then answers."""
    with Serving("--seeds", RFC) as served, _client(served.port()) as ask:
        begin, code, end = ask("CLOC:TIME?"), ask("BUTT:PRES? 0.08"), ask("CLOC:TIME?")

        assert code == '"755224"'
        assert 0.08 <= float(end) - float(begin) < BACKSTOP_S
        assert ask("CLOC:ADV 1;MODE?;:SYST:ERR?").startswith('REAL;-221,"Settings conflict')


def test_scaled_clock_runs() -> None:
    """At a thousand seconds a second the LCD goes dark by itself while the client waits."""
    served = Serving("--seeds", RFC, "--clock", "scaled:1000")
    with served, _client(served.port()) as ask:
        assert ask("BUTT:PRES?") == '"755224"'
        assert ask("DISP:WAIT? DARK,60") == "1"
        assert ask("CLOC:MODE?;RATE?") == "SCALED;1000"


def test_vanished_client_harms_nobody() -> None:
    """A client that goes with the button held and a line half typed leaves the next one nothing."""
    with Serving("--seeds", RFC, *MANUAL) as served:
        with serial.Serial(served.port(), timeout=BACKSTOP_S) as line:
            line.write(b"BUTT:DOWN;STAT?\nCLOC:ADV 9")
            assert line.readline() == b"1\n"
        with _client(served.port()) as ask:
            assert ask("*OPC?") == "1"
            assert ask("BUTT:STAT?;:SYST:ERR?") == '0;0,"No error"'


# The state.


def test_counter_goes_on(tmp_path: Path) -> None:
    """A token that is kept goes on with its counter, and needs its seed no more."""
    with Serving("--seeds", RFC, "--state", tmp_path, *MANUAL) as served:
        with _client(served.port()) as ask:
            assert ask("BUTT:PRES?") == '"755224"'
        assert served.stop()[0] == 0

    with Serving("--state", tmp_path, "--clock", "manual") as served, _client(served.port()) as ask:
        assert ask("TOK:COUN?;:DISP:TEXT?") == '1;""'
        assert ask("BUTT:PRES?") == '"287082"'


def test_manual_clock_goes_on(tmp_path: Path) -> None:
    """A manual clock goes on from its checkpoint."""
    with Serving("--seeds", RFC, "--state", tmp_path, *MANUAL) as served:
        with _client(served.port()) as ask:
            ask("CLOC:ADV 7;*OPC?")
        served.stop()

    served = Serving("--seeds", RFC, "--state", tmp_path, "--clock", "manual")
    with served, _client(served.port()) as ask:
        assert ask("CLOC:TIME?") == "1767225607.000000000"


def test_state_is_private(tmp_path: Path) -> None:
    """What is kept is for us alone: folders 0700, files 0600."""
    place = tmp_path / "state"
    with Serving("--seeds", RFC, "--state", place) as served:
        served.stop()

    modes = {stat.S_IMODE(p.stat().st_mode) for p in [place, *place.rglob("*")]}
    assert modes == {0o600, 0o700}


def test_state_in_use(galh: Galh, tmp_path: Path) -> None:
    """A second process on the same state exits with 75 and names the first."""
    with Serving("--seeds", RFC, "--state", tmp_path) as served:
        exit_code, out, err = galh("serve", "--seeds", RFC, "--state", tmp_path)

        assert (75, "") == (exit_code, out)
        assert f"process {served.process.pid} (galh serve" in err
        assert served.stop()[0] == 0


def _kept(place: Path) -> None:
    with Serving("--seeds", RFC, "--state", place, *MANUAL) as served:
        served.stop()


def test_damaged_factory_record(galh: Galh, tmp_path: Path) -> None:
    """A token whose factory record is damaged: exit 74, and the file is named."""
    _kept(tmp_path)
    (nvm,) = tmp_path.rglob("*.nvm")
    image = bytearray(nvm.read_bytes())
    image[16] ^= 0xFF
    nvm.write_bytes(image)
    exit_code, out, err = galh("serve", "--seeds", RFC, "--state", tmp_path)

    assert (74, "") == (exit_code, out)
    assert str(nvm) in err


def test_foreign_directory(galh: Galh, tmp_path: Path) -> None:
    """A directory of other things: exit 74, and nothing is put into it."""
    (tmp_path / "thesis.txt").write_text("dear to somebody")

    assert galh("serve", "--seeds", RFC, "--state", tmp_path)[0] == 74
    assert [p.name for p in tmp_path.iterdir()] == ["thesis.txt"]


def test_state_of_later_version(galh: Galh, tmp_path: Path) -> None:
    """A state of a version that is not known: exit 74."""
    _kept(tmp_path)
    (tmp_path / "format.json").write_text(json.dumps({"format": "galh-state", "version": 99}))

    assert galh("serve", "--seeds", RFC, "--state", tmp_path)[0] == 74


def test_seed_that_contradicts(galh: Galh, tmp_path: Path) -> None:
    """A seed with another secret than what is kept: exit 2, neither secret shown."""
    _kept(tmp_path)
    other = tmp_path.with_suffix(".csv")
    other.write_text(f"{SERIAL},00112233445566778899aabbccddeeff00112233,hotp,6\n")
    exit_code, out, err = galh("serve", "--seeds", other, "--state", tmp_path)

    assert (2, "") == (exit_code, out)
    assert "is kept with another secret than is asked for" in err
    assert "0011223344" not in err


def test_custom_profile_is_kept(galh: Galh, tmp_path: Path) -> None:
    """A kept token goes on by its own profile, with its seed or without."""
    gaht, seeds, state = tmp_path / "gaht.toml", tmp_path / "gaht.csv", tmp_path / "state"
    gaht.write_text(GAHT)
    seeds.write_text(f"GAHT00000001,{'00' * 20},hotp,6\n")
    with Serving("--seeds", seeds, "--profile", gaht, "--state", state) as served:
        assert "GAHT" == served.ready["tokens"][0]["profile"]
        served.stop()
    for seeded in ((), ("--seeds", seeds, "GAHT00000001")):
        with Serving("--state", state, *seeded) as served:
            assert "GAHT" == served.ready["tokens"][0]["profile"]
            served.stop()
    listed = galh("token", "list", seeds, "--profile", gaht)
    assert (0, True) == (listed[0], "GAHT00000001" in listed[1])


def test_packaged_sample_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sample needs no path, wherever one is; a file of that name comes first."""
    monkeypatch.chdir(tmp_path)
    with Serving("--seeds", "rfc4226.csv") as served:
        assert SERIAL == served.ready["tokens"][0]["serial"]
    Path("rfc4226.csv").write_text(f"GALH00000001,{'00' * 20},hotp,6\n")
    with Serving("--seeds", "rfc4226.csv") as served:
        assert "GALH00000001" == served.ready["tokens"][0]["serial"]


def test_short_secret_warns_once(galh: Galh, tmp_path: Path) -> None:
    """A warning of ours, and none of Python's with a path in it."""
    seeds = tmp_path / "short.csv"
    seeds.write_text(f"GALH00000001,{'00' * 10},hotp,6\n")
    with Serving("--seeds", seeds, "--state", tmp_path / "state") as served:
        (line,) = served.stop()[2].splitlines()
    assert "warning: a secret of 10 bytes" in line
    assert "" == galh("token", "list", RFC)[2]


def test_vanished_client_keeps_nothing() -> None:
    """Neither its wait nor its press keeps the port from the next client."""
    with Serving("--seeds", RFC) as served:
        for left in (b"*OPC?\nDISP:WAIT? LIT,1E6\nSYST:ERR?\n", b"*OPC?\nBUTT:PRES 3600\n"):
            with serial.Serial(served.port(), timeout=BACKSTOP_S) as line:
                line.write(left)
                assert b"1\n" == line.readline()
            with _client(served.port()) as ask:
                assert '0;0,"No error"' == ask("*CLS;BUTT:STAT?;:SYST:ERR?")


def test_half_a_line_of_a_vanished_client() -> None:
    """The next client's first line is whole, however soon it comes."""
    with Serving("--seeds", RFC) as served:
        for _ in range(50):
            with serial.Serial(served.port(), timeout=BACKSTOP_S) as line:
                line.write(b"BUTT:DOWN;STAT?\n")
                assert b"1\n" == line.readline()
                line.write(b"CLOC:ADV 9")
            with _client(served.port()) as ask:
                assert "0" == ask("BUTT:STAT?")


def test_one_command_a_port(galh: Galh) -> None:
    """A port that a command uses is busy for the next: exit 75."""
    with (
        Serving("--seeds", RFC) as served,
        serial.Serial(served.port(), exclusive=True),
    ):
        exit_code, out, err = galh("code", "--port", served.port())
    assert (75, "") == (exit_code, out)
    assert "in use" in err


def test_profile_that_contradicts(galh: Galh, tmp_path: Path) -> None:
    """A profile asked for that a kept token does not have: exit 2, with its seed or without."""
    profile = tmp_path / "long.toml"
    profile.write_text('base = "GALH"\nlit_ns = 1\n')
    _kept(tmp_path / "state")
    for seeds in ([], ["--seeds", RFC]):
        exit_code, _, err = galh(
            "serve", *seeds, "--state", tmp_path / "state", "--profile", profile
        )

        assert exit_code == 2
        assert "profile" in err


def test_earlier_clock(galh: Galh, tmp_path: Path) -> None:
    """A manual clock set before the checkpoint: exit 2, nothing changed."""
    _kept(tmp_path)
    before = {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file() and p.name != "lock"}
    exit_code, out, err = galh(
        "serve", "--seeds", RFC, "--state", tmp_path, "--clock", "manual:2025-12-31T23:59:59Z"
    )

    assert (2, "") == (exit_code, out)
    assert "before the checkpoint" in err
    assert before == {p: p.read_bytes() for p in before}


def test_copy_of_state_is_a_state(tmp_path: Path) -> None:
    """A state directory can be copied while nobody serves it."""
    _kept(tmp_path / "one")
    shutil.copytree(tmp_path / "one", tmp_path / "two")

    with Serving("--state", tmp_path / "two") as served:
        assert served.ready["tokens"][0]["serial"] == SERIAL
