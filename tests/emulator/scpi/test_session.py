"""A client's bytes: assembled, executed in order, bounded, and forgotten with the client."""

import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.scpi.commands import COMMANDS
from emulator.scpi.errors import QUEUE_SIZE
from emulator.scpi.session import (
    HIGH_WATER,
    MAX_BACKLOG,
    MAX_LINE,
    Session,
    looks_like_http,
)
from emulator.scpi.testing import Line, ScriptedBench
from emulator.scpi.tree import spellings

SERIAL = "GALH00004226"

WORDS = sorted({s for command in COMMANDS for s in spellings(command.header)} - {"*IDN?"})
LINES = st.lists(
    st.sampled_from([w.encode() for w in WORDS])
    | st.sampled_from([b";", b"\n", b"\r\n", b"\r", b" 1", b" ", b",", b'"', b"'", b":", b"#H1"])
    | st.binary(max_size=5),
    max_size=30,
).map(b"".join)


@pytest.fixture
def bench() -> ScriptedBench:
    """An event token whose results come at once."""
    return ScriptedBench()


@pytest.fixture
def line(bench: ScriptedBench) -> Line:
    """A line to it."""
    return Line(bench)


@pytest.fixture
def slow_bench() -> ScriptedBench:
    """An event token whose results come when the test says so."""
    return ScriptedBench(later=True)


@pytest.fixture
def slow(slow_bench: ScriptedBench) -> Line:
    """A line to it."""
    return Line(slow_bench)


# Lines


@pytest.mark.parametrize("end", [b"\n", b"\r", b"\r\n", b"\n\r", b"\n\n\n"])
def test_every_line_end_is_one(line: Line, end: bytes) -> None:
    """LF, CR, CRLF; empty lines say nothing; answers end with LF."""
    assert line.say(b"*OPC?" + end + b"DISP:STAT?" + end) == b"1\n0\n"
    assert line.errors() == []


def test_half_a_line_is_not_executed(line: Line) -> None:
    """Until its end comes."""
    assert line.say(b"*OP") == b""
    assert line.say(b"C?") == b""
    assert line.say(b"\n") == b"1\n"


def test_an_end_of_line_inside_quotes_is_one(line: Line) -> None:
    """No open quote can swallow what follows."""
    assert line.say(b'*ESE "1\n*OPC?\n') == b"1\n"
    assert [entry[:5] for entry in line.errors()] == ["-151,"]


def test_answers_of_one_line_are_one_line(line: Line) -> None:
    """Joined by semicolons."""
    assert line.ask(b"*OPC?;BUTT:STAT?;:DISP:TEXT?") == '1;0;""'


def test_the_header_path_follows_the_line(line: Line) -> None:
    """A unit goes on where the one before was; a colon goes to the root; * does not move."""
    assert line.ask(b"BUTT:DOWN;*OPC?;STAT?;UP;:DISP:STAT?;TEXT?") == '1;1;0;""'
    assert line.errors() == []


def test_the_header_path_ends_with_the_line(line: Line) -> None:
    """The next one begins at the root."""
    line.ask(b"BUTT:DOWN")
    line.ask(b"UP")
    assert line.errors() == ['-113,"Undefined header"']


def test_a_command_error_ends_its_line(line: Line, bench: ScriptedBench) -> None:
    """What came before is done and answered, what comes after is not."""
    assert line.ask(b"*OPC?;BUTT:JUMP;:BUTT:DOWN") == "1"
    assert bench.calls == []
    assert line.errors() == ['-113,"Undefined header"']


def test_an_execution_error_does_not_end_its_line(line: Line) -> None:
    """The line was understood; each unit stands for itself."""
    assert line.ask(b"BUTT:PRES 7200;STAT?;:TOK:TIME?;TYPE?") == "0;EVENT"
    assert [entry[:5] for entry in line.errors()] == ["-222,", "-221,"]


def test_an_invalid_byte_spoils_its_whole_line(line: Line, bench: ScriptedBench) -> None:
    """Noise on the wire must not press a button."""
    assert line.say(b"BUTT:DOWN;\x00\n*OPC?\n") == b"1\n"
    assert bench.calls == []
    assert [entry[:5] for entry in line.errors()] == ["-101,"]


# Bounds


def test_the_longest_line_is_executed(line: Line) -> None:
    """Exactly MAX_LINE bytes."""
    assert line.ask(b"*OPC?" + b" " * (MAX_LINE - 5)) == "1"


def test_a_longer_line_is_thrown_away(line: Line) -> None:
    """-363 once, and the next line is heard."""
    assert line.say(b"*OPC?" + b" " * (MAX_LINE - 4) + b"*OPC?\n*TST?\n") == b"0\n"
    assert [entry[:5] for entry in line.errors()] == ["-363,"]


def test_endless_input_needs_no_memory(line: Line) -> None:
    """A hundred megabytes in one piece, without an end of line."""
    flood = bytes(b"x" * 100_000_000)
    tracemalloc.start()
    line.session.feed(flood)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2_000_000
    assert line.say(b"\n*OPC?\n") == b"1\n"
    assert [entry[:5] for entry in line.errors()] == ["-363,"]


def test_lines_that_nobody_stopped_are_thrown_away(slow: Line, slow_bench: ScriptedBench) -> None:
    """While a press blocks, a bounded number of bytes waits."""
    slow.say(b"BUTT:PRES?\n" + b"*CLS\n" * MAX_BACKLOG)
    assert HIGH_WATER < slow.session.backlog <= MAX_BACKLOG
    slow_bench.settle()
    assert slow.session.backlog == 0
    assert slow.say(b"*OPC?\n") == b'"755224"\n1\n'
    assert [entry[:5] for entry in slow.errors()] == ["-363,"]


def test_thousands_of_queued_presses_run_in_a_loop(slow: Line, slow_bench: ScriptedBench) -> None:
    """Not one inside the other."""
    slow.say(b"BUTT:PRES\n" + b"BUTT:PRES;PRES?\n" * 3_000)
    slow_bench.later = False
    slow_bench.settle()
    assert slow.say(b"").count(b"REFUSED LIT") == 3_000


def test_the_error_queue_is_bounded(line: Line) -> None:
    """However much goes wrong."""
    line.say(b"x\n" * 1000)
    errors = line.errors()
    assert (len(errors), errors[-1]) == (QUEUE_SIZE, '-350,"Queue overflow"')


# A press takes its time


def test_nothing_is_executed_while_a_press_takes_its_time(
    slow: Line, slow_bench: ScriptedBench
) -> None:
    """The rest of the line and the next lines wait for its result."""
    assert slow.say(b"BUTT:PRES?;STAT?\nDISP:TEXT?\n") == b""
    assert (slow.session.busy, slow.session.backlog) == (True, len(b"DISP:TEXT?\n"))
    slow_bench.settle()
    assert slow.say(b"") == b'"755224";0\n"755224"\n'
    assert (slow.session.busy, slow.session.backlog) == (False, 0)


def test_a_press_without_question_mark_blocks_too(slow: Line, slow_bench: ScriptedBench) -> None:
    """It answers nothing, but the next line finds the code lit."""
    assert slow.say(b"BUTT:PRES\nDISP:TEXT?\n") == b""
    slow_bench.settle()
    assert slow.say(b"") == b'"755224"\n'


def test_a_wait_that_times_out_later_is_an_error(slow: Line, slow_bench: ScriptedBench) -> None:
    """And the line goes on."""
    slow.say(b"DISP:WAIT? LIT,1;STAT?\n")
    slow_bench.settle()
    assert slow.say(b"") == b"0\n"
    assert [entry[:5] for entry in slow.errors()] == ["-365,"]


# Clients come and go


def test_a_half_typed_line_goes_with_its_client(line: Line) -> None:
    """The next client's line begins at its beginning."""
    line.say(b"BUTT:DO")
    line.session.hang_up()
    assert line.say(b"*OPC?\n") == b"1\n"
    assert line.errors() == []


def test_a_line_that_was_too_long_goes_with_its_client(line: Line) -> None:
    """Its rest can't come any more."""
    line.say(b"x" * (MAX_LINE + 1))
    line.session.hang_up()
    assert line.say(b"*OPC?\n") == b"1\n"


def test_a_held_button_is_released(line: Line, bench: ScriptedBench) -> None:
    """When the client that pressed it is gone, once."""
    line.say(b"BUTT:DOWN\n")
    line.session.hang_up()
    line.session.hang_up()
    assert bench.calls == [("down", SERIAL), ("up", SERIAL)]


def test_a_button_of_somebody_else_is_left_alone(line: Line, bench: ScriptedBench) -> None:
    """What this session did not press, it does not release."""
    bench.down(SERIAL)
    line.session.hang_up()
    assert line.ask(b"BUTT:STAT?") == "1"


def test_whole_lines_of_a_gone_client_are_executed_unanswered(
    slow: Line, slow_bench: ScriptedBench
) -> None:
    """In order, then its button is released, then the next client is served."""
    slow.say(b"*OPC?;BUTT:PRES?\nBUTT:DOWN;STAT?\n*OP")
    slow.say(b"")
    slow.session.hang_up()
    slow.say(b"BUTT:STAT?\n")
    slow_bench.settle()
    assert slow.say(b"") == b"0\n"
    assert [call[0] for call in slow_bench.calls] == ["press", "give_up", "down", "up"]


def test_two_clients_may_be_gone_before_the_first_line_is_done(
    slow: Line, slow_bench: ScriptedBench
) -> None:
    """Only the third, who is there, is answered."""
    slow.say(b"BUTT:PRES?\n*OPC?\n")
    slow.session.hang_up()
    slow.say(b"*TST?\n")
    slow.session.hang_up()
    slow.say(b"SYST:VERS?\n")
    slow_bench.settle()
    assert slow.say(b"") == b"1999.0\n"


def test_a_wait_of_a_gone_client_does_not_block_the_next(
    slow: Line, slow_bench: ScriptedBench
) -> None:
    """Nobody reads its answer; its late result changes nothing."""
    slow.say(b"*OPC?;DISP:WAIT? LIT,1000\n")
    slow.session.hang_up()
    assert slow.say(b"*OPC?\n") == b"1\n"
    slow_bench.settle()
    assert slow.say(b"") == b""
    assert slow.errors() == []


def test_what_follows_the_wait_of_a_gone_client_is_executed(
    slow: Line, slow_bench: ScriptedBench
) -> None:
    """Neither the wait under way nor one in the queue keeps the port."""
    slow.say(b"DISP:WAIT? LIT,1E6;*OPC?\nDISP:WAIT? LIT,1E6\nBUTT:DOWN\nSYST:ERR?\n")
    slow.session.hang_up()
    assert slow.say(b"BUTT:STAT?\n") == b"0\n"
    verbs = [call[0] for call in slow_bench.calls]
    assert ["wait", "give_up", "wait", "give_up", "down", "up"] == verbs


def test_a_press_of_a_gone_client_lets_go(slow: Line, slow_bench: ScriptedBench) -> None:
    """The bench is told, whether the press is under way or still in the queue."""
    slow.say(b"BUTT:PRES 3600\nBUTT:PRES 3600\n")
    slow.session.hang_up()
    slow_bench.settle()
    slow_bench.settle()
    assert slow.say(b"*OPC?\n") == b"1\n"
    verbs = [call[0] for call in slow_bench.calls]
    assert ["press", "give_up", "press", "give_up"] == verbs


def test_a_client_may_vanish_while_it_is_answered(bench: ScriptedBench) -> None:
    """The port finds out in write; the session goes on for the next client."""
    sent: list[bytes] = []

    def write(data: bytes) -> None:
        sent.append(data)
        if len(sent) == 1:
            session.hang_up()

    session = Session(bench, SERIAL, write)
    session.feed(b"*OPC?\n*TST?\n")
    session.feed(b"SYST:VERS?\n")
    assert sent == [b"1\n", b"1999.0\n"]


# HTTP


@pytest.mark.parametrize(
    "request_line",
    [b"GET / HTTP/1.1", b"POST /x HTTP/1.0", b"OPTIONS * HTTP/1.1", b"CONNECT a:1 HTTP/1.1"],
)
def test_a_request_line_looks_like_http(request_line: bytes) -> None:
    """Also when its end is missing."""
    assert looks_like_http(request_line)
    assert looks_like_http(request_line[:9])


@pytest.mark.parametrize("command", ["GET", "", "*IDN?", *WORDS])
def test_no_header_looks_like_http(command: str) -> None:
    """With or without a parameter."""
    assert not looks_like_http(command.encode())
    assert not looks_like_http(command.encode() + b" 1")


@pytest.mark.parametrize("target", [b"/", b"/" + b"a" * 2 * MAX_LINE])
def test_http_closes_the_port_before_its_body_is_read(bench: ScriptedBench, target: bytes) -> None:
    """However long its first line; the next client is heard again."""
    closed: list[str] = []
    line = Line(bench, on_http=lambda: closed.append("closed"))
    request = b"POST " + target + b" HTTP/1.1\r\nHost: x\r\n\r\nBUTT:DOWN\r\n"
    assert line.say(request + b"BUTT:DOWN\n" * 20_000) == b""
    assert line.say(b"BUTT:DOWN\n") == b""
    assert (closed, bench.calls) == (["closed"], [])
    line.session.hang_up()
    assert line.say(b"*OPC?\n") == b"1\n"


def test_http_of_a_gone_client_does_not_close_the_next(
    slow_bench: ScriptedBench,
) -> None:
    """Its lines are thrown away up to where it hung up."""
    closed: list[str] = []
    line = Line(slow_bench, on_http=lambda: closed.append("closed"))
    line.say(b"BUTT:PRES\nGET / HTTP/1.1\r\n\r\nBUTT:DOWN\n")
    line.session.hang_up()
    line.say(b"*OPC?\n")
    slow_bench.settle()
    assert line.say(b"") == b"1\n"
    assert (closed, [call[0] for call in slow_bench.calls]) == ([], ["press", "give_up"])


def test_without_a_hook_http_is_a_line_like_any(line: Line) -> None:
    """A pty is not reached by browsers."""
    assert line.say(b"GET / HTTP/1.1\r\n*OPC?\r\n") == b"1\n"
    assert line.errors() == ['-113,"Undefined header"']


# Laws


@given(st.lists(LINES | st.binary(max_size=300), max_size=8))
def test_any_bytes_are_survived(chunks: list[bytes]) -> None:
    """Nothing is raised, and the session still answers."""
    line = Line(ScriptedBench())
    for chunk in chunks:
        line.say(chunk)
    line.say(b"\n*CLS\n")
    assert line.ask(b"SYST:ERR?") == '0,"No error"'
    assert line.ask(b"*IDN?").startswith(f"GALH-EMULATOR,GALH,{SERIAL},")


@given(LINES, st.lists(st.integers(1, 40), max_size=10))
def test_how_the_bytes_are_cut_does_not_matter(data: bytes, cuts: list[int]) -> None:
    """The same bytes give the same answers and errors."""
    whole, cut = Line(ScriptedBench()), Line(ScriptedBench())
    expected = whole.say(data)
    answered = b""
    for length in cuts:
        answered += cut.say(data[:length])
        data = data[length:]
    answered += cut.say(data)
    assert expected == answered
    whole.say(b"\n")
    cut.say(b"\n")
    assert whole.errors() == cut.errors()


@given(LINES)
def test_how_long_a_press_takes_does_not_matter(data: bytes) -> None:
    """Answers are the same whether results come at once or later."""
    at_once, bench = Line(ScriptedBench()), ScriptedBench(later=True)
    later = Line(bench)
    expected = at_once.say(data + b"\n")
    later.session.feed(data + b"\n")
    while later.session.busy:
        bench.settle()
    assert expected == later.say(b"")


@given(st.lists(LINES | st.just(None) | st.just(b"BUTT:PRES?\n"), max_size=8))
def test_no_client_sees_the_answers_of_another(story: list[bytes | None]) -> None:
    """Whatever came before, and whenever results come (None: a client leaves)."""
    bench = ScriptedBench(later=True)
    line = Line(bench)
    for step in story:
        if step is None:
            line.session.hang_up()
        else:
            line.session.feed(step)
    line.session.hang_up()
    line.say(b"")
    line.session.feed(b"*CLS;*OPC?\n")
    while line.session.busy:
        bench.settle()
    assert line.say(b"") == b"1\n"
    assert not bench.look(SERIAL).pressed
