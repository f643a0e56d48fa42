"""Lines as the journal tells them: no codes, on one line, of bounded length."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.annotations import Connected, Disconnected, Traffic
from emulator.errors import StateError
from emulator.scpi.testing import CODES, START_NS, Line, ScriptedBench
from emulator.scpi.traffic import LONGEST, tell

SERIAL = "GALH00004226"
CLIENT = "tcp 127.0.0.1:40512"


def told(bench: ScriptedBench) -> list[tuple[str, str]]:
    """Return what was told of lines, ``>`` the client's, ``<`` the token's."""
    return [
        ("<" if event.answer else ">", event.line)
        for _, event in bench.told
        if isinstance(event, Traffic)
    ]


@pytest.fixture
def bench() -> ScriptedBench:
    """An event token."""
    return ScriptedBench()


@pytest.fixture
def line(bench: ScriptedBench) -> Line:
    """A TCP connection to it."""
    return Line(bench, client=CLIENT, connection=True)


# Blotting out


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('"755224"', '"······"'),
        ("'755 224'", "'·······'"),
        ('1;"75-22";0', '1;"·····";0'),
        ('"755224', '"······'),
        ('"GALH00000042"', '"GALH00000042"'),
        ('"a 1","755224","b 2"', '"a 1","······","b 2"'),
        ('"say ""755224"" now"', '"say ""······"" now"'),
        ('""', '""'),
        ("TOK:COUN 755224", "TOK:COUN 755224"),
    ],
)
def test_a_text_of_digits_is_blotted_out(line: str, expected: str) -> None:
    """As many dots as it has characters; other texts and numbers are told."""
    assert expected == tell(line, lcd=False)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('"7?5 E4"', '"······"'),
        ('"REFUSED LIT"', '"REFUSED LIT"'),
        ("#H076D6D5B5B66", "#H············"),
        ('30.000000000;"755224";1', '30.000000000;"······";1'),
    ],
)
def test_what_the_lcd_shows_is_blotted_out(line: str, expected: str) -> None:
    """Whatever it looks like; a refusal is no code."""
    assert expected == tell(line, lcd=True)


def test_what_can_t_be_printed_is_escaped() -> None:
    """So that a line stays one line of ASCII."""
    assert r"a\x00\x0a\xff\x85" == tell("a\0\n\xff\x85", lcd=False)


@pytest.mark.parametrize("line", ["x" * 1_000, "\0" * 300, '"' + "1" * 1_000])
def test_a_long_line_is_cut(line: str) -> None:
    """And says that it was."""
    assert (LONGEST, "…") == (len(tell(line, lcd=False)), tell(line, lcd=False)[-1])


@given(st.text(st.characters(max_codepoint=255)), st.sampled_from(CODES), st.booleans())
def test_no_code_is_told(noise: str, code: str, lcd: bool) -> None:  # noqa: FBT001 - hypothesis
    """Whatever comes before and after its line's other texts."""
    text = noise.replace('"', "").replace("'", "").replace(code, "")
    assert code not in tell(f'{text};"{code}";{text}', lcd=lcd)
    assert len(tell(text, lcd=lcd)) <= LONGEST


# Telling


def test_lines_and_answers_are_told(line: Line, bench: ScriptedBench) -> None:
    """Who, when, and which way; codes never, however they are asked for."""
    line.ask(b"BUTT:PRES?;:TOK:COUN?")
    line.ask(b"DISP:TEXT?")
    line.ask(b"DISP:SEGM?")
    line.ask(b"*CLS")
    lines = [event for _, event in bench.told if isinstance(event, Traffic)]
    assert [
        (">", "BUTT:PRES?;:TOK:COUN?"),
        ("<", '"······";1'),
        (">", "DISP:TEXT?"),
        ("<", '"······"'),
        (">", "DISP:SEGM?"),
        ("<", "#H············"),
        (">", "*CLS"),
    ] == told(bench)
    assert {(SERIAL, CLIENT)} == {(serial, event.port) for serial, event in bench.told}  # type: ignore[union-attr]  # each of these has a port
    assert Traffic(START_NS, CLIENT, "BUTT:PRES?;:TOK:COUN?", answer=False) == lines[0]


def test_a_line_that_is_no_command_is_told(line: Line, bench: ScriptedBench) -> None:
    """Half of it is not: it may never end."""
    line.say(b"caf\xe9\n\nhalf")
    assert [(">", r"caf\xe9")] == told(bench)


def test_an_answer_that_nobody_reads_is_not_told(bench: ScriptedBench) -> None:
    """The line was executed, and its client is gone."""
    bench.later = True
    line = Line(bench)
    line.say(b"BUTT:PRES?\n*IDN?\n")
    line.session.hang_up()
    bench.settle()
    assert [(">", "BUTT:PRES?"), (">", "*IDN?")] == told(bench)


def test_a_connection_is_told(line: Line, bench: ScriptedBench) -> None:
    """That it came, and that it left."""
    line.session.hang_up()
    assert [
        (SERIAL, Connected(START_NS, CLIENT)),
        (SERIAL, Disconnected(START_NS, CLIENT)),
    ] == bench.told


def test_a_serial_port_has_no_connections(bench: ScriptedBench) -> None:
    """Nor does an idle one say anything."""
    Line(bench, client="pty").session.hang_up()
    assert [] == bench.told


def test_traffic_can_be_off(bench: ScriptedBench) -> None:
    """Then nothing is told of any client."""
    bench.traffic = False
    line = Line(bench, client=CLIENT, connection=True)
    line.ask(b"*IDN?")
    line.session.hang_up()
    assert [] == bench.told


def test_a_journal_that_fails_stops_no_line(
    line: Line, bench: ScriptedBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bench says so to whoever commands a token."""

    def fail(_serial: str, _event: object) -> None:
        raise StateError("disk full")

    monkeypatch.setattr(bench, "annotate", fail)
    assert "1" == line.ask(b"*OPC?")
    assert [] == line.errors()


# Who did it


def test_commands_act_for_their_client(
    line: Line, bench: ScriptedBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And for nobody once they are done."""
    actors: list[str] = []
    monkeypatch.setattr(bench, "reset", lambda _: actors.append(bench.actors[-1]))
    line.ask(b"*RST")
    assert ([CLIENT], [""]) == (actors, bench.actors)


def test_what_a_client_leaves_is_undone_in_its_name(
    line: Line, bench: ScriptedBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A button that it held, and a press that nobody waits for."""
    actors: list[tuple[str, str]] = []
    for verb in ("up", "give_up"):
        monkeypatch.setattr(
            bench, verb, lambda *_, verb=verb: actors.append((verb, bench.actors[-1]))
        )
    bench.later = True
    line.say(b"BUTT:DOWN\nBUTT:PRES?\n")
    line.session.hang_up()
    bench.settle()
    assert [("give_up", CLIENT), ("up", CLIENT)] == actors
