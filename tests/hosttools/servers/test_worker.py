"""A server in a child process: questions, answers, and a child that goes."""

import pytest

from hosttools.servers import ServerError
from hosttools.servers.worker import Worker

CHILD = "tests.hosttools.servers.child"


def test_passes_on_what_a_verb_says() -> None:
    """An answer, a refusal in its own words, and a mistake by its kind."""
    worker = Worker(CHILD)
    try:
        assert {"heard": "a\nb"} == worker.ask("echo", heard="a\nb")
        with pytest.raises(ServerError, match="not today"):
            worker.ask("refuse")
        with pytest.raises(ServerError, match="KeyError"):
            worker.ask("nonesuch")
        assert {"heard": "still"} == worker.ask("echo", heard="still")
    finally:
        worker.close()


def test_what_a_verb_prints_is_no_answer() -> None:
    """Standard output belongs to the answers alone."""
    worker = Worker(CHILD)
    try:
        assert worker.ask("print_and_answer") is True
    finally:
        worker.close()


def test_a_child_that_can_not_serve_says_why() -> None:
    """Its last line is in the error."""
    with pytest.raises(ServerError, match="No module named"):
        Worker("hosttools.servers.nonesuch")


def test_a_hung_child_is_given_up() -> None:
    """Its patience is the parent's."""
    worker = Worker(CHILD)
    worker._patience_s = 0.01
    try:
        with pytest.raises(ServerError, match="no answer"):
            worker.ask("hang")
    finally:
        worker.close()


def test_asked_when_closed_it_says_so() -> None:
    """Closing twice does no harm."""
    worker = Worker(CHILD)
    worker.close()
    worker.close()
    with pytest.raises(ServerError, match="is gone"):
        worker.ask("echo", heard="")
