"""What is special of RADIUS, with FreeRADIUS and pam_oath behind it."""

import contextlib
import socket
import threading
from collections.abc import Iterator

import pytest
from pyrad.packet import AuthPacket

from hosttools.errors import UsageError
from hosttools.servers import NotOfferedError, Outcome, ServerError, radius
from hosttools.servers.launch.radius import FreeRadius
from hosttools.servers.radius import RadiusServer, open_server
from hosttools.testing import BACKSTOP_S
from tests.hosttools.servers.fob import EVENT, Fob
from tests.hosttools.servers.measured import taken

SECRET = "a shared secret"


@contextlib.contextmanager
def answering(code: int, reply_message: str = "") -> Iterator[int]:
    """Serve RADIUS on a free port, with the same answer to the first request."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))

        def answer() -> None:
            data, client = server.recvfrom(4096)
            reply = AuthPacket(secret=SECRET.encode(), packet=data).CreateReply()
            reply.code = code
            if reply_message:
                reply[18] = [reply_message.encode()]
            server.sendto(reply.ReplyPacket(), client)

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        yield server.getsockname()[1]
        thread.join(BACKSTOP_S)


def test_has_the_window_of_liboath(freeradius: FreeRadius) -> None:
    """Through two servers and a protocol it is what pam_oath makes of it."""
    with freeradius.open() as server:
        assert [0, 9, 10] == taken(server, EVENT, [0, 9, 10, 11])


def test_is_opened_by_its_target(freeradius: FreeRadius, monkeypatch: pytest.MonkeyPatch) -> None:
    """As the launcher prints it."""
    monkeypatch.setenv("GALH_RADIUS_SECRET_FILE", str(freeradius.secret_file))
    with open_server(f"127.0.0.1:{freeradius.port},usersfile={freeradius.usersfile}") as server:
        fob = Fob(server)
        assert server.verify(fob.serial, fob.press()).accepted


def test_tells_a_challenge() -> None:
    """It is neither yes nor no; the server's words are passed on, but no code in them."""
    with (
        answering(11, "Enter the code after 123456") as port,
        RadiusServer("127.0.0.1", port, SECRET) as server,
    ):
        answer = server.verify("mallory", "123456")

    assert Outcome.CHALLENGED is answer.outcome
    assert "Enter the code after ######" == answer.reason


def test_a_server_that_does_not_answer_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody listens there."""
    monkeypatch.setattr(radius, "TIMEOUT_S", 0.01)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        with (
            RadiusServer("127.0.0.1", silent.getsockname()[1], SECRET) as server,
            pytest.raises(ServerError, match="shared secret the same"),
        ):
            server.verify("mallory", "123456")


@pytest.mark.parametrize("typed", ["9" * 129, "12\x0034"])
def test_what_can_not_be_sent_is_not(typed: str) -> None:
    """It is refused without being cut to something else."""
    with RadiusServer("127.0.0.1", 9, SECRET) as server:
        answer = server.verify("mallory", typed)

    assert Outcome.REFUSED is answer.outcome
    assert answer.reason.startswith("not submitted")


def test_without_its_usersfile_nothing_is_enrolled() -> None:
    """RADIUS has no way to."""
    with RadiusServer("127.0.0.1", 9, SECRET) as server, pytest.raises(NotOfferedError):
        server.enrol(EVENT)


@pytest.mark.parametrize("target", ["", "host", "host:0", "host:70000", ":1812"])
def test_refuses_what_is_no_place(target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says what one looks like."""
    monkeypatch.setenv("GALH_RADIUS_SECRET", SECRET)
    with pytest.raises(UsageError, match=r"127\.0\.0\.1:1812"):
        open_server(target)


def test_wants_a_shared_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    """And says where to put it: not on the command line."""
    monkeypatch.delenv("GALH_RADIUS_SECRET", raising=False)
    with pytest.raises(UsageError, match="GALH_RADIUS_SECRET_FILE"):
        open_server("127.0.0.1:1812")
