"""Faults from TOML."""

import contextlib
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.errors import UsageError
from emulator.faults import Fault, FaultPlan, read_faults, whats, whens
from emulator.faults.reader import read_fault

S: Final = 1_000_000_000


def read(body: str) -> Fault:
    """Read the one fault of a file."""
    (fault,) = read_faults(f'[[fault]]\nname = "x"\n{body}\n').faults
    return fault


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ('at = "2026-01-01T00:00:01Z"', whens.At(1_767_225_601 * S)),
        ("after_s = 0.25", whens.After(S // 4)),
        ("press = 12", whens.AtPress(12)),
        ("every = 10", whens.EveryPress(10)),
        ('on = "nvm_write"', whens.On("nvm_write")),
        ('on = "lit"\ncount = 3', whens.On("lit", 3)),
        ("chance = 0.01", whens.Chance(Fraction(1, 100))),
        ('chance = 1\nstream = "pocket"', whens.Chance(Fraction(1), "pocket")),
    ],
)
def test_when(text: str, when: whens.When) -> None:
    """Each when is read exactly, decimals too."""
    assert Fault(name="x", when=when, what=whats.Reset()) == read(f"{text}\nreset = {{}}")


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("tear = {byte = 13}", whats.Tear(13)),
        ("reset = {delay_ms = 1.5}", whats.Reset(1_500_000)),
        ("battery_out = {for_s = 60}", whats.PullBattery(60 * S)),
        ("battery_level = {percent = 8}", whats.DrainBattery(8)),
        ("temperature = {celsius = -12.5}", whats.Temperature(-12_500)),
        (
            "temperature_curve = {points = [[0, 20], [2.5, -5]], period_h = 24}",
            whats.TemperatureCurve(((0, 20_000), (9_000 * S, -5_000)), 86_400 * S),
        ),
        ("clock_offset = {seconds = -135}", whats.ClockOffset(-135 * S)),
        ("crystal = {ppm = 11.6}", whats.Detune(11_600)),
        ("bit_rot = {byte = 0xd3, mask = 0x80}", whats.Rot(0xD3, 0x80)),
        ("port_cut = {for_ms = 500}", whats.PortCut(S // 2)),
    ],
)
def test_what(text: str, what: whats.What) -> None:
    """Each what is read with its settings, in whole numbers of the smallest unit."""
    assert what == read(f"press = 1\n{text}").what


def test_rest() -> None:
    """Serial number, times and seed are read; a serial number as people type it."""
    plan = read_faults(
        'seed = "a"\n[[fault]]\nname = "x"\nserial = "galh 0000-4226"\n'
        "every = 2\ntimes = 3\nmend = {}"
    )
    fault = Fault(
        name="x", when=whens.EveryPress(2), what=whats.Mend(), serial="GALH00004226", times=3
    )
    assert FaultPlan((fault,), "a") == plan


def test_file(tmp_path: Path) -> None:
    """Faults come from a file, and errors name it."""
    path = tmp_path / "faults.toml"
    path.write_text('[[fault]]\nname = "x"\npress = 0\nmend = {}')
    with pytest.raises(UsageError, match=r"faults\.toml: fault 'x': press: 0 is out of range"):
        read_faults(path)
    with pytest.raises(UsageError, match="can't be read"):
        read_faults(tmp_path / "none.toml")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("mend = {}", "nothing to say when; give exactly one of at, after_s"),
        ('press = 1\nat = "2026-01-01T00:00:00Z"\nmend = {}', "at and press to say when"),
        ("press = 1", "nothing to say what"),
        ("press = 1\nexplode = {}", "unknown 'explode'"),
        ("press = 1\nmend = {}\nreset = {}", "reset and mend to say what"),
        ("press = 1\nmend = {}\ncount = 2", "unknown key 'count'; allowed are name, serial"),
        ("press = 1\ntear = {bite = 1}", "tear: unknown key 'bite'; allowed are byte"),
        ("press = 1\ntear = {}", "tear: byte is missing"),
        ("press = 1\ntear = 13", "tear: 13; give a table"),
        ("press = 1\ntear = {byte = 33}", "tear: byte: 33 is out of range; allowed are 0 to 32"),
        ("press = 1\ntear = {byte = 1.5}", "tear: byte: 1.5 is finer than what is kept"),
        ("press = 1\ntear = {byte = true}", "True is not a number"),
        ("press = 1\ntear = {byte = '1'}", "'1' is not a number"),
        ("press = 1\ntear = {byte = nan}", "NaN is not a number"),
        ("press = 1\ntear = {byte = 1e999999999}", "out of range"),
        ("press = 1\ntear = {byte = 1e-999999999}", "out of range"),
        (f"press = 1\ntear = {{byte = 0x{'f' * 9000}}}", "a huge number is out of range"),
        ("press = 1\ndead_segment = {digit = 0, segment = 'h'}", "allowed are a, b, c"),
        ("press = 1\nbounce = {pattern = 'wild'}", "allowed are none, typical, long, outlier"),
        ("on = 'light'\nmend = {}", "allowed are accepted, refused"),
        ("at = 2026-01-01T00:00:00Z\nmend = {}", "in quotes"),
        ("at = 'tomorrow'\nmend = {}", "not an ISO 8601 time"),
        ("at = '9000-01-01T00:00:00Z'\nmend = {}", "is no bench time"),
        ("chance = 1.5\nmend = {}", "allowed are numbers above 0, up to 1"),
        ("press = 1\ntimes = 2\nmend = {}", "what waits for one moment fires once"),
        ("press = 1\ntimes = -1\nmend = {}", "allowed are 0 to"),
        ("press = 1\nserial = 'G!'\nmend = {}", "character 2"),
        ("press = 1\nserial = 1\nmend = {}", "must be a text"),
        ("press = 1\ntemperature_curve = {points = [[1, 20]]}", "begin at 0"),
        ("press = 1\ntemperature_curve = {points = [20]}", "list of"),
        (
            "press = 1\ntemperature_curve = {points = [[0, 1], [5, 2]], period_h = 5}",
            "temperature_curve: period_h: 5 ends before the last point",
        ),
    ],
)
def test_impossible(body: str, message: str) -> None:
    """What can't be is refused with the fault's name, what was given and what is allowed."""
    with pytest.raises(UsageError, match="faults: fault 'x': ") as caught:
        read(body)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("faults = []", "faults: unknown key 'faults'; allowed are seed, fault"),
        ("seed = 1.5", "seed = 1.5"),
        ("fault = 1", "write [[fault]] above each fault"),
        ("[[fault]]\npress = 1\nmend = {}", "a fault without a name"),
        ('[[fault]]\nname = ""\npress = 1\nmend = {}', "1 to 64 printable characters"),
        ("[[fault]", "no TOML"),
        (2 * '[[fault]]\nname = "x"\npress = 1\nmend = {}\n', "two faults are called 'x'"),
        ("a = " + "[" * 100_000, ""),
    ],
)
def test_no_faults(text: str, message: str) -> None:
    """A text that is no list of faults is refused with what is wrong."""
    with pytest.raises(UsageError) as caught:
        read_faults(text)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("tear 13", Fault(name="n", when=whens.After(0), what=whats.Tear(13))),
        ("mend", Fault(name="n", when=whens.After(0), what=whats.Mend())),
        (
            "dead_segment 0 b",
            Fault(name="n", when=whens.After(0), what=whats.DeadSegment(0, "b")),
        ),
        (
            '{name = "m", press = 3, reset = {}}',
            Fault(name="m", when=whens.AtPress(3), what=whats.Reset()),
        ),
    ],
)
def test_line(line: str, fault: Fault) -> None:
    """A fault fits on a line, as a table or as words."""
    assert fault == read_fault(line, "n")


@pytest.mark.parametrize("line", ["", "explode 1", "tear 1 2", "tear", "{", "{}", "{a = 1}\nb = 2"])
def test_no_line(line: str) -> None:
    """A line that says no fault is refused."""
    with pytest.raises(UsageError, match="fault"):
        read_fault(line, "n")


SETTINGS: Final = ("name", "serial", "times", "count", "stream", "byte", "for_s", "points")
KEYS: Final = st.sampled_from([*SETTINGS, *whens.WHENS, *whats.WHATS]) | st.text(max_size=3)
SCALARS: Final = (
    st.none().map(lambda _: "1e99999999999999999999")
    | st.integers().map(str)
    | st.floats().map(str)
    | st.booleans().map(lambda b: str(b).lower())
    | st.sampled_from(["2026-01-01", "2026-01-01T00:00:00Z", "12:00:00", "'lit'", "'a'", "'\\n'"])
    | st.decimals(allow_nan=False).map(lambda d: str(Decimal(d)))
)
VALUES: Final = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]")
        | st.dictionaries(KEYS, inner, max_size=3).map(
            lambda table: "{" + ", ".join(f"{quoted(k)} = {v}" for k, v in table.items()) + "}"
        )
    ),
    max_leaves=6,
)


def quoted(key: str) -> str:
    """Return a key as TOML writes it."""
    return '"' + "".join(c if c.isalnum() or c == "_" else f"\\U{ord(c):08X}" for c in key) + '"'


@given(st.dictionaries(KEYS, VALUES, max_size=5), st.sampled_from(sorted(whats.WHATS)))
def test_any_table(table: dict[str, str], what: str) -> None:
    """Whatever a fault's table holds, it is read or refused, and nothing else."""
    lines = {"name": "'x'", "press": "1", what: "{}"} | table
    text = "[[fault]]\n" + "\n".join(f"{quoted(key)} = {value}" for key, value in lines.items())
    with contextlib.suppress(UsageError):
        assert isinstance(read_faults(text), FaultPlan)


@given(st.text())
def test_any_text(text: str) -> None:
    """Whatever a text holds, it is read or refused, and nothing else."""
    for reader in (read_faults, lambda line: read_fault(line, "n")):
        with contextlib.suppress(UsageError):
            reader(text)
