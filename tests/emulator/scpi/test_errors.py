"""The error queue: bounded, ordered, and clean text only."""

from emulator.scpi.errors import MAX_TEXT, QUEUE_SIZE, ErrorCode, ErrorQueue


def test_an_empty_queue_says_no_error() -> None:
    """Nothing queued reads as 0."""
    assert ErrorQueue().pop() == '0,"No error"'


def test_errors_come_out_in_order() -> None:
    """The oldest error is read first."""
    queue = ErrorQueue()
    queue.push(ErrorCode.UNDEFINED_HEADER)
    queue.push(ErrorCode.SYNTAX, "what")
    assert [queue.pop(), queue.pop()] == ['-113,"Undefined header"', '-102,"Syntax error; what"']


def test_overflow_keeps_the_first_errors() -> None:
    """The last place says that more came; the first errors stay."""
    queue = ErrorQueue()
    for _ in range(1000):
        queue.push(ErrorCode.SYNTAX)
    entries = [queue.pop() for _ in range(len(queue))]
    assert len(entries) == QUEUE_SIZE
    assert entries[0] == '-102,"Syntax error"'
    assert entries[-1] == '-350,"Queue overflow"'


def test_text_of_a_client_can_not_break_out_of_the_quotes() -> None:
    """Quotes and control characters of the input are replaced."""
    queue = ErrorQueue()
    queue.push(ErrorCode.SYNTAX, 'a"b\nc\xff')
    assert queue.pop() == "-102,\"Syntax error; a'b'c'\""


def test_a_text_is_bounded() -> None:
    """However long the information, the string is at most 255 characters."""
    queue = ErrorQueue()
    queue.push(ErrorCode.SYNTAX, "x" * 10_000)
    assert len(queue.pop()) == len('-102,""') + MAX_TEXT
