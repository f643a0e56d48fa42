"""What the journal tells beside stimuli and effects: plain records, each with its time.

None of them changes a token. A code's digits are in none: lines of a port are told
with their codes blotted out, submissions by counter or step.
"""

from dataclasses import dataclass, field

from emulator.serverview import ServerView
from firmware_model.state import State


@dataclass(frozen=True, slots=True)
class Note:
    """Something worth telling that is neither stimulus nor effect.

    Attributes:
        at_ns: bench time.
        text: what.
    """

    at_ns: int
    text: str


@dataclass(frozen=True, slots=True)
class Stopped(Note):
    """A token's memory failed: it does nothing more until it is started anew."""


@dataclass(frozen=True, slots=True)
class Fired(Note):
    """A fault fires; what it does to the token follows.

    Attributes:
        at_ns: bench time.
        text: all of it, in words.
        name: the fault's.
        what: what goes wrong, as files call it.
        cause: what it waited for, in words.
    """

    text: str = field(init=False, repr=False)
    name: str
    what: str
    cause: str

    def __post_init__(self) -> None:
        text = f"fault {self.name}: {self.what}, {self.cause}"
        object.__setattr__(self, "text", text)


@dataclass(frozen=True, slots=True)
class Placed:
    """A token came on the bench, or this is where it is by now: replay starts here.

    Attributes:
        at_ns: bench time.
        why: what brought it: ``new``, ``loaded``, ``checkpoint``, ``restored``, ``forked …``.
        state: the token then; read back from a disk it is :func:`firmware_model.codec.to_json`'s
            text, for whoever has the secret.
    """

    at_ns: int
    why: str
    state: State | str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Removed:
    """A token left the bench."""

    at_ns: int


@dataclass(frozen=True, slots=True)
class Connected:
    """A client came.

    Attributes:
        at_ns: bench time.
        port: which port of the token, and which client.
    """

    at_ns: int
    port: str


@dataclass(frozen=True, slots=True)
class Disconnected:
    """A client left; see :class:`Connected`."""

    at_ns: int
    port: str


@dataclass(frozen=True, slots=True)
class Traffic:
    """A line that went over a port, its codes blotted out.

    Attributes:
        at_ns: bench time.
        port: which port of the token, and which client.
        line: the line without its end.
        answer: whether it is the token's; else it is the client's.
    """

    at_ns: int
    port: str
    line: str
    answer: bool


@dataclass(frozen=True, slots=True)
class RateSet:
    """The bench's clock runs at another rate.

    Attributes:
        at_ns: bench time.
        rate: bench seconds in a second of the host, as a fraction such as ``60`` or ``1/2``.
    """

    at_ns: int
    rate: str


@dataclass(frozen=True, slots=True)
class Advanced:
    """Somebody let bench time pass at once.

    Attributes:
        at_ns: bench time afterwards: what happened on the way stands before this.
        from_ns: and before.
    """

    at_ns: int
    from_ns: int


@dataclass(frozen=True, slots=True)
class ServerSeen:
    """A server said what it believes of the token.

    Attributes:
        at_ns: bench time.
        view: what it believes.
    """

    at_ns: int
    view: ServerView


@dataclass(frozen=True, slots=True)
class Submitted:
    """Codes of the token were given to a server.

    Attributes:
        at_ns: bench time.
        server: its name.
        verb: ``verify``, ``sync``, ``resync``, or what the server calls it.
        accepted: whether it took them.
        reason: what it said, for the operator; never with digits of a code.
        factor: counter or step of the (first) code; ``None`` if the server can't tell.
        second_factor: that of the second code of a pair, likewise.
        verdict: what became of it, in one word of the server's; empty if it has none.
    """

    at_ns: int
    server: str
    verb: str
    accepted: bool
    reason: str
    factor: int | None = None
    second_factor: int | None = None
    verdict: str = ""


@dataclass(frozen=True, slots=True)
class ServerPlaced:
    """All that a server keeps of a token: its submissions can be judged again from here.

    Attributes:
        at_ns: bench time.
        server: its name.
        kept: as JSON, the key by its id; only the server's side can read it.
    """

    at_ns: int
    server: str
    kept: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Asked:
    """Somebody asked for presses under an idempotency key, which stands in the record.

    Attributes:
        at_ns: bench time.
        request: SHA-256 of what was asked, in hex.
    """

    at_ns: int
    request: str


@dataclass(frozen=True, slots=True)
class Answered:
    """What became of them, by counter or step: never the codes.

    Attributes:
        at_ns: bench time.
        presses: for each press bench time, counter or step of the code, and why there is
            none; one of the last two is ``None``.
    """

    at_ns: int
    presses: tuple[tuple[int, int | None, str | None], ...]


Annotation = (
    Note
    | Placed
    | Removed
    | Connected
    | Disconnected
    | Traffic
    | RateSet
    | Advanced
    | ServerSeen
    | Submitted
    | ServerPlaced
    | Asked
    | Answered
)
