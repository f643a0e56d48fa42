"""Each header calls its verb and words the answer."""

import re
from fractions import Fraction
from unittest.mock import Mock

import pytest

from emulator.errors import EmulatorError, StateError, UsageError
from emulator.results import PressResult
from emulator.scpi.commands import COMMANDS, press_answer
from emulator.scpi.testing import START_NS, Line, ScriptedBench
from emulator.scpi.verbs import BenchVerbs
from firmware_model.products import GALT

SERIAL = "GALH00004226"


@pytest.fixture
def bench() -> ScriptedBench:
    """An event token on a manual clock."""
    return ScriptedBench()


@pytest.fixture
def line(bench: ScriptedBench) -> Line:
    """A line to it."""
    return Line(bench)


@pytest.fixture
def time_line() -> Line:
    """A line to a time token."""
    return Line(ScriptedBench(GALT))


def test_the_double_has_all_verbs(bench: ScriptedBench) -> None:
    """It fits the protocol that the real bench fits."""
    verbs: BenchVerbs = bench
    assert verbs.serials() == (SERIAL,)


def test_ten_presses_give_the_codes_of_the_rfc(line: Line) -> None:
    """RFC 4226 appendix D, over the line."""
    codes = [line.ask(b"BUTT:PRES;:DISP:TEXT?;:CLOC:ADV 31") for _ in range(10)]
    assert " ".join(codes).replace('"', "") == (
        "755224 287082 359152 969429 338314 254676 287922 162583 399871 520489"
    )


def test_a_press_has_a_hold_time(line: Line, bench: ScriptedBench) -> None:
    """Given in seconds, 0.1 s if not given."""
    line.ask(b"BUTT:PRES 2.5;PRES")
    assert bench.calls == [("press", SERIAL, 2_500_000_000), ("press", SERIAL, 100_000_000)]


def test_a_refused_press_is_an_answer_and_no_error(line: Line) -> None:
    """The reason can't be taken for a code."""
    assert line.ask(b"BUTT:PRES?;PRES?") == '"755224";"REFUSED LIT"'
    assert line.errors() == []


def test_a_reason_of_two_words_stays_one_string() -> None:
    """In capitals, after REFUSED."""
    result = PressResult(None, "battery dead", None, 0)
    assert press_answer(result) == '"REFUSED BATTERY DEAD"'


def test_the_button_goes_down_and_up(line: Line) -> None:
    """STATe? tells."""
    assert line.ask(b"BUTT:DOWN;STAT?;UP;STAT?") == "1;0"


def test_a_dark_display(line: Line) -> None:
    """No text, no segment, no time left."""
    answer = line.ask(b"DISP:TEXT?;STAT?;SEGM?;BARS?;REM?")
    assert answer == '"";0;#H000000000000;0;0.000000000'


def test_a_lit_display(line: Line) -> None:
    """The code as text and as segments, and how long it stays."""
    line.ask(b"BUTT:PRES;:CLOC:ADV 0.25")
    answer = line.ask(b"DISP:TEXT?;STAT?;SEGM?;REM?")
    assert answer == '"755224";1;#H076D6D5B5B66;29.750000000'


def test_a_time_token_has_bars(time_line: Line) -> None:
    """As many as are lit."""
    assert time_line.ask(b"BUTT:PRES;:DISP:BARS?;BARS:COUN?") == "6;6"


def test_wait_answers_when_it_is_so(line: Line) -> None:
    """On a manual clock the wait moves the clock."""
    line.ask(b"BUTT:PRES")
    assert line.ask(b"DISP:WAIT? dark,30;STAT?") == "1;0"


def test_wait_that_times_out_is_an_error_without_answer(line: Line) -> None:
    """-365."""
    assert line.ask(b"DISP:WAIT? LIT,1.5") == ""
    assert line.errors() == ['-365,"Time out error; not LIT within 1.5 s"']


def test_clock_time_is_exact(line: Line) -> None:
    """Nine places, no float in between."""
    line.ask(b"CLOC:ADV 1NS")
    assert line.ask(b"CLOC:TIME?") == f"{START_NS // 10**9}.000000001"


def test_clock_rate_is_exact(line: Line, bench: ScriptedBench) -> None:
    """Set and read."""
    assert line.ask(b"CLOC:RATE 0.1;RATE?;MODE?") == "0.1;MANUAL"
    assert bench.calls == [("set_rate", Fraction(1, 10))]


def test_a_real_clock_refuses(bench: ScriptedBench) -> None:
    """-221 with the clock's own words."""
    bench.mode = "real"
    line = Line(bench)
    assert line.ask(b"CLOC:ADV 1;RATE 2;MODE?") == "REAL"
    assert line.errors() == [
        '-221,"Settings conflict; a real clock moves by itself"',
        '-221,"Settings conflict; a real clock has no rate"',
    ]


@pytest.mark.parametrize("advance", [b"CLOC:ADV -1", b"CLOC:ADV 1E99", b"TOK:COUN 13"])
def test_what_is_out_of_range_moves_nothing(
    line: Line, bench: ScriptedBench, advance: bytes
) -> None:
    """-222, be it ours or the bench's refusal."""
    line.ask(advance)
    assert [entry[:5] for entry in line.errors()] == ["-222,"]
    assert bench.calls == []


def test_an_event_token_tells_its_counter(line: Line) -> None:
    """And takes another; its time it does not have."""
    assert line.ask(b"TOK:SER?;TYPE?;PROF?;COUN?") == f'"{SERIAL}";EVENT;"GALH";0'
    assert line.ask(b"TOK:COUN #HFFFFFFFFFFFFFFFE;COUN?;TIME?") == "18446744073709551614"
    assert [entry[:5] for entry in line.errors()] == ["-221,"]


def test_a_time_token_tells_its_time(time_line: Line) -> None:
    """And has no counter, to read or to set."""
    assert time_line.ask(b"TOK:TYPE?;TIME?") == f"TIME;{START_NS // 10**9}.000000000"
    assert time_line.ask(b"TOK:COUN?;COUN 5") == ""
    assert [entry[:5] for entry in time_line.errors()] == ["-221,", "-221,"]


@pytest.mark.parametrize(
    ("error", "number"),
    [
        (StateError("disk full"), "-320,"),
        (UsageError("no"), "-200,"),
        (EmulatorError("?"), "-310,"),
    ],
)
def test_errors_of_the_bench_are_queued(
    line: Line,
    bench: ScriptedBench,
    monkeypatch: pytest.MonkeyPatch,
    error: EmulatorError,
    number: str,
) -> None:
    """And never leave the session."""
    monkeypatch.setattr(bench, "reset", Mock(side_effect=error))
    assert line.ask(b"*RST;*OPC?") == "1"
    assert [entry[:5] for entry in line.errors()] == [number]


def test_reset_resets_the_token(line: Line, bench: ScriptedBench) -> None:
    """The counter stays."""
    assert line.ask(b"BUTT:PRES;*RST;:DISP:STAT?;:TOK:COUN?") == "0;1"
    assert ("reset", SERIAL) in bench.calls


def test_identification_has_four_fields(line: Line) -> None:
    """Maker, model, serial number, version."""
    fields = line.ask(b"*IDN?").split(",")
    assert fields[:3] == ["GALH-EMULATOR", "GALH", SERIAL]
    assert re.fullmatch(r"[0-9][\w.+]*", fields[3])


def test_status_commands(line: Line) -> None:
    """Masks are kept (without the summary's own bit), events are read once."""
    assert line.ask(b"*ESE 60;*ESE?;*SRE 255;*SRE?") == "60;191"
    assert line.ask(b"*ESR?;*ESR?") == "128;0"
    line.ask(b"NO:SUCH")
    assert line.ask(b"*STB?;*STB?;*CLS;*ESR?;*STB?") == "100;116;0;80"


def test_operation_complete(line: Line) -> None:
    """Always true at once, since commands run one after another."""
    assert line.ask(b"*ESR?;*OPC;*ESR?;*OPC?;*WAI;*TST?") == "128;1;1;0"


def test_errors_are_read_and_counted(line: Line) -> None:
    """ERRor? and ERRor:NEXT? are the same."""
    line.ask(b"NO:SUCH")
    line.ask(b"BUTT:DOWN 1")
    assert line.ask(b"SYST:ERR:COUN?;NEXT?") == '2;-113,"Undefined header"'
    assert line.ask(b"SYST:ERR?;ERR?;ERR:COUN?") == (
        '-108,"Parameter not allowed; usage: BUTTon:DOWN";0,"No error";0'
    )


def test_version_is_that_of_the_standard(line: Line) -> None:
    """SCPI-99."""
    assert line.ask(b"SYST:VERS?") == "1999.0"


def test_help_is_a_block_with_every_header(line: Line) -> None:
    """Its length is right, and each header is in it once, commands and queries merged."""
    answer = line.ask(b"SYST:HELP:HEAD?")
    digits = int(answer[1])
    listed = answer[2 + digits :]
    assert int(answer[2 : 2 + digits]) == len(listed)
    lines = listed.split("\n")
    assert len(lines) == len({command.header.rstrip("?") for command in COMMANDS})
    assert {":BUTTon:PRESs", ":DISPlay:TEXT?/qonly/", ":BUTTon:UP/nquery/"} <= set(lines)


@pytest.mark.parametrize(
    ("sent", "error"),
    [
        (b"BUTT:JUMP", '-113,"Undefined header"'),
        (b"CLOC:ADV", '-109,"Missing parameter; usage: CLOCk:ADVance <s>"'),
        (b"DISP:WAIT? LIT", '-109,"Missing parameter; usage: DISPlay:WAIT? LIT|DARK,<timeout s>"'),
        (b"DISP:WAIT? LIT,", '-109,"Missing parameter; usage: DISPlay:WAIT? LIT|DARK,<timeout s>"'),
        (b"DISP:TEXT? 1", '-108,"Parameter not allowed; usage: DISPlay:TEXT?"'),
        (b"BUTT:PRES 1,2", '-108,"Parameter not allowed; usage: BUTTon:PRESs [<hold s>]"'),
        (b"BUTT:PRES 7200", '-222,"Data out of range; hold s 7200: allowed are 0.001 to 3600 s"'),
        (b"DISP:WAIT? DIM,1", '-224,"Illegal parameter value; state DIM: allowed are LIT or DARK"'),
        (b"BUTT:PRES long", '-104,"Data type error; hold s long: must be a decimal number"'),
    ],
)
def test_an_error_says_what_is_allowed(line: Line, sent: bytes, error: str) -> None:
    """And nothing is answered."""
    assert line.ask(sent) == ""
    assert line.errors() == [error]
