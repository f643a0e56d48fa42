"""One line for many tokens: none is meant until one is selected."""

import pytest

from emulator.scpi.session import MAX_LINE
from emulator.scpi.testing import Line, ScriptedBench

FIRST, SECOND = "GALH00000001", "GALH00000002"


@pytest.fixture
def bench() -> ScriptedBench:
    """Two tokens."""
    return ScriptedBench(serials=(FIRST, SECOND))


@pytest.fixture
def line(bench: ScriptedBench) -> Line:
    """A multiplexed line to them."""
    return Line(bench, multiplexed=True)


@pytest.mark.parametrize(
    "sent",
    [b"BUTT:PRES?", b"BUTT:UP", b"DISP:TEXT?", b"*RST", b"TOK:SER?", b"BATT:OUT", b"FAUL:CLE"],
)
def test_a_token_is_needed_first(line: Line, bench: ScriptedBench, sent: bytes) -> None:
    """Nothing happens to any, and the error says what to do."""
    assert "" == line.ask(sent)
    assert [] == bench.calls
    assert ['-221,"Settings conflict; select a token first: INST:SEL <serial>"'] == line.errors()


def test_what_is_about_no_token_needs_none(line: Line) -> None:
    """Clock, registers, and who is asked."""
    assert "MANUAL;1;1999.0" == line.ask(b"CLOC:MODE?;*OPC?;:SYST:VERS?")
    assert line.ask(b"*IDN?").startswith("galh-emulator,bench,0,")
    assert [] == line.errors()


@pytest.mark.parametrize(
    "sent",
    [
        b"INST:SEL GALH00000002",
        b"INST galh-0000 0002",
        b'INSTrument:SELect "GALH00000002"',
        b"inst:sel 'galh 00000002'",
    ],
)
def test_a_token_is_selected_as_people_type_it(line: Line, sent: bytes) -> None:
    """From then on the line is about it."""
    assert f'"{SECOND}";"{SECOND}"' == line.ask(sent + b";:INST:SEL?;:TOK:SER?")


def test_commands_go_to_the_selected_token(line: Line, bench: ScriptedBench) -> None:
    """Also later in the same line."""
    line.ask(b"INST:SEL GALH00000001;:BUTT:PRES;:INST:SEL GALH00000002;:BUTT:PRES")
    assert [FIRST, SECOND] == [serial for _, serial, *_ in bench.calls]


@pytest.mark.parametrize(
    ("sent", "error"),
    [
        (b"INST:SEL GALH00000003", "-224,"),
        (b"INST:SEL nob_ody", "-224,"),
        (b'INST:SEL ""', "-224,"),
        (b"INST:SEL '", "-151,"),
        (b"INST:SEL", "-109,"),
        (b"INST:CAT? 0,0", "-222,"),
        (b"INST:CAT? -1", "-222,"),
    ],
)
def test_what_can_t_be_selected_is_an_error(line: Line, sent: bytes, error: str) -> None:
    """The token before stays selected."""
    line.ask(b"INST:SEL GALH00000001")
    assert "" == line.ask(sent)
    assert [error] == [entry[:5] for entry in line.errors()]
    assert f'"{FIRST}"' == line.ask(b"INST:SEL?")


def test_another_selection_releases_the_button(line: Line, bench: ScriptedBench) -> None:
    """Of the token before, and only once."""
    line.ask(b"INST:SEL GALH00000001;:BUTT:DOWN;:INST:SEL GALH00000002")
    line.session.hang_up()
    assert [("down", FIRST), ("up", FIRST)] == bench.calls


def test_the_same_selection_releases_nothing(line: Line, bench: ScriptedBench) -> None:
    """It changes nothing."""
    line.ask(b"INST:SEL GALH00000001;:BUTT:DOWN;:INST:SEL GALH00000001")
    assert [("down", FIRST)] == bench.calls


def test_the_next_client_has_nothing_selected(line: Line, bench: ScriptedBench) -> None:
    """It must not press a token that it never named."""
    line.ask(b"INST:SEL GALH00000001;:BUTT:DOWN")
    line.session.hang_up()
    assert '""' == line.ask(b"INST:SEL?")
    assert [("down", FIRST), ("up", FIRST)] == bench.calls


def test_lines_of_a_client_that_left_are_about_its_token(bench: ScriptedBench) -> None:
    """They still come before the next client's."""
    bench.later = True
    line = Line(bench, multiplexed=True)
    line.say(b"INST:SEL GALH00000001\nBUTT:PRES?\n*RST\n")
    line.session.hang_up()
    line.session.feed(b"*RST\n")
    bench.settle()
    assert [("give_up", FIRST), ("reset", FIRST)] == bench.calls[1:]


def test_the_catalog_comes_in_pages(line: Line) -> None:
    """A hundred unless more are asked for; an empty one has no names."""
    assert f'"{FIRST}","{SECOND}";2' == line.ask(b"INST:CAT?;COUN?")
    assert f'"{SECOND}"' == line.ask(b"INST:CAT? 1")
    assert f'"{FIRST}"' == line.ask(b"INST:CAT? 0,1")
    assert '""' == line.ask(b"INST:CAT? 2")


def test_a_page_of_a_hundred_thousand_is_a_line() -> None:
    """Never longer than a line may be."""
    serials = [f"GALH{number:020}" for number in range(100_000)]
    line = Line(ScriptedBench(serials=serials), multiplexed=True)
    assert "100000" == line.ask(b"INST:COUN?")
    assert serials[:100] == line.ask(b"INST:CAT?").replace('"', "").split(",")
    last = line.ask(b"INST:CAT? 99000,MAX")
    assert serials[99_000:] == last.replace('"', "").split(",")
    assert len(line.ask(b"INST:CAT? 0,MAX")) < MAX_LINE


def test_a_port_of_one_token_is_that_one_s(bench: ScriptedBench) -> None:
    """Selecting it is no error, selecting another is; it lists itself only."""
    line = Line(bench)
    assert f'"{FIRST}";"{FIRST}";1' == line.ask(b"INST:SEL GALH00000001;SEL?;CAT?;COUN?")
    assert [] == line.errors()
    line.ask(b"INST:SEL GALH00000002")
    (error,) = line.errors()
    assert error.startswith(f"-221,\"Settings conflict; this port is {FIRST}'s; open the one of")
    line.session.hang_up()
    assert f'"{FIRST}"' == line.ask(b"INST:SEL?")


def test_nothing_selected_is_the_bench_s_traffic(line: Line, bench: ScriptedBench) -> None:
    """What is said before a selection is told of no token."""
    line.ask(b"*OPC?")
    line.ask(b"INST:SEL GALH00000001")
    line.ask(b"*CLS")
    assert ["", "", "", FIRST] == [serial for serial, _ in bench.told]
