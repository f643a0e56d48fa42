"""Each header about matter does to a real token what it says."""

from collections.abc import Sequence
from typing import Final

import pytest

from emulator.bench import Bench
from emulator.clock import VirtualClock
from emulator.errors import UsageError
from emulator.scpi.physical import _BOUNCE
from emulator.scpi.testing import Line
from firmware_model import GALH, GALT, Profile, Secret, configure
from firmware_model.contact import BOUNCES, WORN_DOME
from firmware_model.profile_file import profile_from_mapping

S: Final = 1_000_000_000
START_NS: Final = 1_767_225_600 * S
SECRET: Final = Secret(b"12345678901234567890")


def line_to(base: Profile = GALH, **settings: object) -> tuple[Line, Bench]:
    """Return a line to a token of a profile with these settings, on a manual clock."""
    profile = profile_from_mapping({"base": base.name, **settings})
    bench = Bench(VirtualClock(START_NS))
    bench.traffic = False  # so that the journal has only what happened
    bench.open(configure(f"{base.name}00004226", profile, SECRET))
    return Line(bench), bench


@pytest.fixture
def line() -> Line:
    """A line to an event token."""
    return line_to()[0]


# Environment


def test_temperature(line: Line) -> None:
    """Is set and told to a thousandth of a degree; a token is made at 25 °C."""
    assert line.ask(b"ENV:TEMP?;TEMP -5.25;TEMP?") == "25;-5.25"
    line.ask(b"ENV:TEMP 151")
    assert line.errors() == ['-222,"Data out of range; celsius 151: allowed are -100 to 150"']


def test_cycle(line: Line) -> None:
    """Begins at its coldest, now; a day long if nothing is said."""
    assert line.ask(b"ENV:CYCL -5,45;TEMP?;:CLOC:ADV 43200;:ENV:TEMP?") == "-5;45"
    assert line.ask(b"CLOC:ADV 43200;:ENV:TEMP?") == "-5"
    assert line.ask(b"ENV:CYCL 0,10,100;:CLOC:ADV 25;:ENV:TEMP?") == "5"


def test_the_cold_makes_a_display_unreadable(line: Line) -> None:
    """The code lights, and nobody can read it."""
    assert line.ask(b"ENV:TEMP -40;:BUTT:PRES?;:TOK:COUN?") == '"REFUSED UNREADABLE";1'


# Battery


def test_battery_out_and_in(line: Line) -> None:
    """Without one it is off and has no counter to tell; with one it goes on."""
    assert line.ask(b"BUTT:PRES?;:BATT:OUT;STAT?;VOLT?;LEV?") == '"755224";0;0;0'
    assert line.ask(b"BUTT:PRES?;:DISP:TEXT?;:TOK:COUN?") == '"REFUSED OFF";""'
    assert [entry[:5] for entry in line.errors()] == ["-200,"]
    assert line.ask(b"BATT:IN 50;STAT?;LEV?;:BUTT:PRES?") == '1;50;"287082"'


def test_a_battery_is_in_once(line: Line) -> None:
    """A second one, or none to pull, is a conflict."""
    line.ask(b"BATT:IN")
    line.ask(b"BATT:OUT;OUT")
    line.ask(b"BATT:LEV 50")
    assert [entry[:5] for entry in line.errors()] == ["-221,"] * 3


def test_battery_level(line: Line) -> None:
    """Sets what is left; the voltage falls with it."""
    assert line.ask(b"BATT:VOLT?;LEV 12.5;LEV?;VOLT?") == "3.199;12;2.749"


def test_a_weak_battery_browns_out(line: Line) -> None:
    """The press resets the token; its counter is used or not, but never shown."""
    assert line.ask(b"BATT:LEV 3;:BUTT:PRES?;:DISP:TEXT?") == '"REFUSED RESET";""'


def test_an_empty_battery_lights_nothing(line: Line) -> None:
    """The token goes off for good."""
    assert line.ask(b"BATT:LEV 0;:CLOC:ADV 1E6;:BUTT:PRES?;PRES?") == (
        '"REFUSED OFF";"REFUSED OFF"'
    )


def test_err_in_the_place_of_the_code() -> None:
    """Where the profile shows Err on a weak battery."""
    line, _ = line_to(weak_battery="error")
    assert line.ask(b"BATT:LEV 8;:BUTT:PRES?;:DISP:TEXT?") == '"REFUSED WEAK BATTERY";"   Err"'


# Crystal and clock


def test_crystal() -> None:
    """Tolerance and ageing are set and told; the clock runs by them from then on."""
    line, _ = line_to(GALT)
    assert line.ask(b"CRYS:PPM?;AGE?;PPM 11.6;AGE 2;PPM?;AGE?") == "0;0;11.6;2"
    line.ask(b"CRYS:AGE 0;:CLOC:ADV 86400")
    assert line.ask(b"TOK:TIME?") == f"{START_NS // S + 86_401}.002240000"


def test_a_clock_jumps_and_back() -> None:
    """A time token's does; an event token has none."""
    line, _ = line_to(GALT)
    assert line.ask(b"CRYS:JUMP -90;:TOK:TIME?") == f"{START_NS // S - 90}.000000000"
    other, _ = line_to()
    other.ask(b"CRYS:JUMP 1")
    assert [entry[:5] for entry in other.errors()] == ["-221,"]


def test_a_clock_is_set_where_it_can_be() -> None:
    """Where the profile allows it, and there is power."""
    line, _ = line_to(GALT, time_settable=True)
    assert line.ask(b"TOK:TIME 1767225600.5;TIME?") == "1767225600.500000000"
    line.ask(b"BATT:OUT;:TOK:TIME 5")
    assert line.ask(b"TOK:TIME?") == ""
    assert [entry[:5] for entry in line.errors()] == ["-221,", "-200,"]
    other, _ = line_to(GALT)
    other.ask(b"TOK:TIME 5")
    assert [entry[:5] for entry in other.errors()] == ["-221,"]


def test_an_opened_case() -> None:
    """Costs what the profile says."""
    line, _ = line_to(case_opened="secret")
    assert line.ask(b"TOK:OPEN;:DISP:TEXT?;:BUTT:PRES?") == '"------";"REFUSED ERROR"'
    other, _ = line_to()
    assert other.ask(b"TOK:OPEN;:BUTT:PRES?") == '"755224"'


# Wear and faults


def test_segments(line: Line) -> None:
    """A dead one and a stuck one make the code what a reader guesses; the picture shows them."""
    assert line.ask(b"FAUL:SEGM DEAD,1,C;SEGM STUCK,3,F;:BUTT:PRES?") == '"755824"'
    assert line.ask(b"DISP:SEGM?") == "#H07696D7B5B66"


def test_a_dead_segment_changes_what_is_read(line: Line) -> None:
    """The code pressed is what a person would type."""
    line.ask(b"FAUL:SEGM DEAD,1,F;SEGM STUCK,1,B")
    assert line.ask(b"BUTT:PRES?;:DISP:TEXT?") == '"735224";"735224"'


def test_a_jammed_key(line: Line) -> None:
    """Stays down until it comes loose; pushing it makes it press once."""
    assert line.ask(b"FAUL:JAM ON;:CLOC:ADV 1;:BUTT:STAT?;PRES?;:TOK:COUN?") == (
        '1;"REFUSED HELD";1'
    )
    assert line.ask(b"FAUL:JAM 0;:BUTT:STAT?") == "0"


def test_every_bounce_has_its_word() -> None:
    """And nothing else is one."""
    assert set(BOUNCES) == {word.lower() for word in _BOUNCE.words}


@pytest.mark.parametrize("name", BOUNCES)
def test_a_bouncing_contact(name: str) -> None:
    """Is debounced: one press, one code."""
    line, bench = line_to()
    line.ask(f"FAUL:BOUN {name}".encode())
    assert BOUNCES[name] == bench.condition("GALH00004226").damage.bounce
    assert line.ask(b"BUTT:PRES? 0.3;:TOK:COUN?") == '"755224";1'


def test_a_worn_dome() -> None:
    """One press counts twice where the second gives a code; it can be mended."""
    line, bench = line_to(press_while_lit="new_code", compute_ns=1_000_000)
    line.ask(b"FAUL:CHAT ON")
    assert WORN_DOME == bench.condition("GALH00004226").damage.chatter
    assert line.ask(b"BUTT:PRES?;:TOK:COUN?") == '"755224";2'
    assert line.ask(b"FAUL:CHAT OFF;:BUTT:PRES?;:TOK:COUN?") == '"359152";3'


def test_rot(line: Line) -> None:
    """In one slot it costs a counter at the next reset, in both the memory is broken."""
    line.ask(b"FAUL:ROT #HD0,1;*RST")
    assert line.ask(b"TOK:COUN?") == "1"
    line.ask(b"FAUL:ROT #HD0,1;ROT #HF0,1;*RST")
    assert line.ask(b"DISP:TEXT?") == '"------"'


class Control:
    """A fault engine that keeps texts."""

    def __init__(self) -> None:
        self.armed: list[str] = []

    def inject(self, serial: str, text: str) -> str:
        """Keep it."""
        if "tear" not in text:
            raise UsageError(f"no such fault: {serial} {text}")
        self.armed.append(text)
        return "fault"

    def fault_list(self, serial: str) -> Sequence[str]:  # noqa: ARG002  # protocol
        """Return them."""
        return self.armed

    def clear_faults(self, serial: str) -> None:  # noqa: ARG002  # protocol
        """Forget them."""
        self.armed.clear()


def test_faults_go_to_the_fault_engine() -> None:
    """As inline tables of TOML."""
    line, bench = line_to()
    bench.faults = Control()
    assert line.ask(b"FAUL:LIST?;COUN?;TEAR 13;COUN?") == '"";0;1'
    line.ask(b"FAUL:INJ '{press = 2, tear = {byte = 1}}'")
    assert line.ask(b"FAUL:LIST?") == (
        '"{press = 1, tear = {byte = 13}}","{press = 2, tear = {byte = 1}}"'
    )
    line.ask(b'FAUL:INJ "nonsense"')
    assert [entry[:5] for entry in line.errors()] == ["-222,"]
    assert line.ask(b"FAUL:CLE;LIST?") == '""'


def test_without_a_fault_engine(line: Line) -> None:
    """Nothing can be armed or listed, but wear can be mended."""
    line.ask(b"FAUL:TEAR 1;LIST?;COUN?")
    assert 3 == len(line.errors())
    assert line.ask(b"FAUL:SEGM STUCK,0,G;CLE;:BUTT:PRES?;:DISP:SEGM?") == (
        '"755224";#H076D6D5B5B66'
    )
    assert line.errors() == []


@pytest.mark.parametrize(
    ("sent", "error"),
    [
        (b"FAUL:SEGM DIM,0,A", "-224,"),
        (b"FAUL:SEGM DEAD,8,A", "-222,"),
        (b"FAUL:SEGM DEAD,0,H", "-224,"),
        (b"FAUL:JAM 2", "-224,"),
        (b"FAUL:BOUN high", "-224,"),
        (b"FAUL:ROT 0,1", "-222,"),
        (b"FAUL:ROT 192,0", "-222,"),
        (b"FAUL:TEAR 33", "-222,"),
        (b"FAUL:INJ x", "-104,"),
        (b'FAUL:INJ "x', "-151,"),
        (b"BATT:LEV 101", "-222,"),
        (b"CRYS:PPM 1E9", "-222,"),
        (b"ENV:CYCL 1,2,0", "-222,"),
        (b"TOK:TIME -1", "-222,"),
    ],
)
def test_what_is_refused_before_anything_happens(sent: bytes, error: str) -> None:
    """By the line already."""
    line, bench = line_to(GALT, time_settable=True)
    before = bench.journal.head
    assert line.ask(sent) == ""
    assert [entry[:5] for entry in line.errors()] == [error]
    assert bench.journal.head == before


def test_a_weak_and_cold_display(line: Line) -> None:
    """The display tells its battery sign, that it has one, and how pale it is."""
    assert line.ask(b"DISP:BATT?;BATT:SIGN?;:DISP:CONT?") == "0;1;100"
    line.ask(b"BATT:LEV 7;:ENV:TEMP 15;:BUTT:PRES?")
    assert line.ask(b"DISP:BATT?") == "1"
    line.ask(b"ENV:TEMP -15")
    assert int(line.ask(b"DISP:CONT?")) <= 50
