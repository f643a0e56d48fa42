"""What the token routes take and give, as pydantic models: checked here, described in OpenAPI.

Requests are strict (a number is a number, a misspelt field an error), so that what the
description allows is what is taken. A secret is in requests only, never in an answer.
"""

from typing import Annotated, Any, Final, Literal, TypeAlias

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from emulator.bench import MAX_HOLD_NS
from emulator.serverview import MAX_NAME, MAX_WINDOW
from firmware_model.climate import MAX_MC, MIN_MC
from firmware_model.crystal import MAX_TOLERANCE_PPB
from firmware_model.damage import BYTE, LONGEST_NS, MAX_DIGIT, MAX_EDGES, SLOT_BYTES
from firmware_model.identifier import MAX_SERIAL
from firmware_model.products import PROFILES
from firmware_model.segments import ALL

MAX_TIMES: Final = 10_000
"""Most presses in one request; our default."""

MAX_SEQUENCE: Final = 9 * 10**18
"""Largest sequence number and nanosecond; written out as a float in the description, it is
still the same (RFC 8259 section 6)."""

_LAST_COUNTER: Final = 18 * 10**18
"""As far as a counter goes over HTTP, for the same reason; the token's own end is 2**64 - 1."""
_MS: Final = 1_000_000
_NS_NOTE: Final = "Bench time, ns since 1970, UTC."


class Answer(BaseModel):
    """Something that the bench answers."""

    model_config = ConfigDict(frozen=True)


class Request(BaseModel):
    """Something that a client asks for: what is not described here is refused."""

    # Nothing of a request is ever quoted in an error: it may be a secret.
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, hide_input_in_errors=True)

    @model_validator(mode="before")
    @classmethod
    def _whole_numbers(cls, data: object) -> object:
        """JSON knows one kind of number: 8.0 is as whole as 8 (RFC 8259 section 6)."""
        if isinstance(data, dict):
            return {name: _whole(value) for name, value in data.items()}
        return data


def _whole(value: object) -> object:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        return [_whole(item) for item in value]
    return value


def _flag(value: object) -> object:
    if isinstance(value, bool):
        return value
    raise ValueError("it is true or false")  # Python's 0 is as good as False, JSON's is not


Sequence_: TypeAlias = Annotated[
    int,
    Field(description="Number of the newest record of the journal: a cursor.", examples=[42]),
]


# What can be seen of a token.


class Display(Answer):
    """What the LCD shows, worn and pale segments included."""

    text: str = Field(
        description="What the digits spell: empty when dark, `?` where no glyph fits.",
        examples=["755224"],
    )
    segments: list[int] = Field(
        description="Segments of each digit from the left: bit 0 is a (top), then clockwise"
        " b to f; bit 6 is g (middle).",
        examples=[[7, 109, 109, 91, 91, 102]],
    )
    bars: int = Field(description="Time bars that are lit.", examples=[0])
    bar_count: int = Field(description="Time bars that the product has; 0: none.", examples=[0])
    battery: bool = Field(description="Whether the battery sign is on.", examples=[False])
    battery_sign: bool = Field(description="Whether the product has one.", examples=[True])
    contrast: int = Field(
        description="Percent: 100 as it should be, 0 when nothing can be seen.", examples=[100]
    )
    lit: bool = Field(description="Whether any segment is on.", examples=[True])
    remaining_ns: int = Field(
        description="Bench time until it goes dark by itself; 0 if dark, or if it doesn't.",
        examples=[29_960_000_000],
    )
    sequence: Sequence_


class Counter(Answer):
    """Where the token's moving factor stands."""

    next: int | None = Field(
        description="Event token: the counter that the next press uses (not the last one used)."
        " `null` for a time token, a broken memory, and without power.",
        examples=[4],
    )
    step: int | None = Field(
        description="Time token: the step of its own clock. `null` for an event token, and"
        " without power.",
        examples=[None],
    )
    step_s: int | None = Field(
        description="Time token: seconds of one step; else `null`.", examples=[None]
    )
    token_time_ns: int | None = Field(
        description="Time token: what its own clock believes, ns since 1970, UTC; else `null`.",
        examples=[None],
    )


class Port(Answer):
    """A way to the token besides HTTP."""

    kind: str = Field(description="`pty`, `tcp`, `rfc2217` …", examples=["pty"])
    address: str = Field(description="What to open.", examples=["/dev/pts/7"])


_NAME: Final = Field(
    min_length=1,
    max_length=MAX_NAME,
    pattern=r"^[ -~]+$",
    description="The server's name.",
    examples=["staging"],
)


class ServerView(Answer):
    """What a server believes of the token, as the gauge draws it."""

    name: str = Field(description="The server's name.", examples=["staging"])
    next_counter: int | None = Field(
        description="Event token: the counter that the server expects next.", examples=[4]
    )
    step_offset: int | None = Field(
        description="Time token: steps that the server believes its clock to be ahead.",
        examples=[None],
    )
    look_ahead: int = Field(
        description="Skipped presses (steps, to both sides) that one code is still taken with.",
        examples=[10],
    )
    resync_window: int = Field(description="The same for two codes in a row.", examples=[100])
    locked: bool = Field(description="Whether it takes nothing at present.", examples=[False])


class _ServerViewRequest(Request):
    name: str = _NAME
    look_ahead: int = Field(default=0, ge=0, le=MAX_WINDOW, description="See the answer.")
    resync_window: int = Field(default=0, ge=0, le=MAX_WINDOW, description="See the answer.")
    locked: bool = Field(default=False, description="Whether it takes nothing at present.")


class EventServerView(_ServerViewRequest):
    """What a server believes of an event token."""

    next_counter: int = Field(
        ge=0, le=_LAST_COUNTER, description="The counter that it expects next.", examples=[4]
    )
    step_offset: None = None


class TimeServerView(_ServerViewRequest):
    """What a server believes of a time token."""

    step_offset: int = Field(
        ge=-MAX_SEQUENCE,
        le=MAX_SEQUENCE,
        description="Steps that it believes the token's clock to be ahead.",
        examples=[-2],
    )
    next_counter: None = None


class Token(Answer):
    """A token on the bench. Its secret is in no answer."""

    serial: str = Field(description="What is printed on its back.", examples=["GALH00000042"])
    profile: str = Field(description="Which product it is.", examples=["GALH"])
    type: Literal["event", "time"] = Field(
        description="What moves its factor: presses (HOTP) or its clock (TOTP).",
        examples=["event"],
    )
    digits: int = Field(description="Digits of a code.", examples=[6])
    step_s: int | None = Field(description="See `counter`.", examples=[None])
    pressed: bool = Field(description="Whether the button's contact is closed.", examples=[False])
    mode: str = Field(
        description="What the firmware is doing; `failed` once its state can't be kept.",
        examples=["asleep"],
    )
    display: Display
    counter: Counter
    server: ServerView | None = Field(description="What a server last said of it, if one did.")
    ports: list[Port] = Field(description="Other ways to it.")
    failure: str | None = Field(
        description="Why nothing can be done to it any more; `null`: nothing is wrong.",
        examples=[None],
    )
    sequence: Sequence_


class TokenList(Answer):
    """A page of the tokens on the bench, by serial number."""

    tokens: list[Token] = Field(description="Those of this page.")
    total: int = Field(description="Tokens on the bench.", examples=[4000])
    matched: int = Field(
        description="Tokens whose serial number has `search` in it.", examples=[12]
    )
    next: str | None = Field(
        description="Give it as `after` for the next page; `null`: this is the last one.",
        examples=["GALH00000042"],
    )


class NewToken(Request):
    """A token to be made."""

    serial: str = Field(
        min_length=1,
        max_length=2 * MAX_SERIAL,
        description="What is printed on its back; its prefix says which product it is.",
        examples=["GALH00000042"],
        json_schema_extra={"format": "galh-serial"},
    )
    profile: str | None = Field(
        default=None,
        max_length=16,
        description="Another product than the serial number's, see `galh profile list`.",
        examples=["GALH"],
        json_schema_extra={"enum": [*PROFILES, None]},
    )
    secret: str | None = Field(
        default=None,
        repr=False,
        pattern=r"^([0-9A-Fa-f]{2}){16,64}$",
        description="16 to 64 bytes, in hex; none: the bench draws one, and keeps it to itself.",
        json_schema_extra={"writeOnly": True},
    )
    counter: int | None = Field(
        default=None,
        ge=0,
        le=2**31,
        description="Event token: its first counter.",
        examples=[0],
    )
    digits: int | None = Field(
        default=None, ge=6, le=8, description="Digits of a code; none: the product's."
    )


# The button.


class Press(Request):
    """The button is pressed and let go, as one act."""

    action: Literal["press-and-release"]
    hold_ms: int = Field(
        default=100,
        ge=1,
        le=MAX_HOLD_NS // _MS,
        description="How long it is held, ms of bench time.",
        examples=[100],
    )
    times: int = Field(
        default=1,
        ge=1,
        le=MAX_TIMES,
        description="How many presses that give a code; each waits until the LCD is dark.",
        examples=[1],
    )


class Down(Request):
    """The button goes down and stays there; nothing if it is down."""

    action: Literal["press"]


class Up(Request):
    """The button comes up; nothing if it is up."""

    action: Literal["release"]


ButtonRequest: TypeAlias = Annotated[Press | Down | Up, Field(discriminator="action")]


class PressResult(Answer):
    """What came of one press: a code, or why there is none."""

    code: str | None = Field(
        description="The code as it lit; `null`: none did, or nobody could read it.",
        examples=["755224"],
    )
    refused: str | None = Field(
        description="Why there is none: `lit`, `dead`, `unreadable`, `glitch` …; else `null`.",
        examples=[None],
    )
    factor: int | None = Field(description="Counter or step of the code.", examples=[0])
    at_ns: int = Field(
        description=f"When it lit or was refused. {_NS_NOTE}", examples=[1_790_000_000_040_000_000]
    )


class PressAnswer(PressResult):
    """What came of the presses; at the top the last one's."""

    presses: list[PressResult] = Field(description="All of them, in order.")
    display: Display
    sequence: Sequence_


class EdgeAnswer(Answer):
    """Where the button is now."""

    pressed: bool = Field(description="Whether the contact is closed.", examples=[True])
    display: Display
    sequence: Sequence_


class CounterRequest(Request):
    """Where the counter is to be set to. Setting it back begins a new lineage."""

    next: int = Field(
        ge=0, le=_LAST_COUNTER, description="The counter that the next press uses.", examples=[40]
    )


# Matter.


class Gap(Request):
    """The worn contact opens for a moment while the button is held."""

    after_ns: int = Field(ge=1, le=MAX_HOLD_NS, description="How long after the press.")
    open_ns: int = Field(ge=1, le=LONGEST_NS, description="For how long.")


class StuckBits(Request):
    """Bits of the counter's memory that keep their value, whatever is written."""

    offset: int = Field(
        ge=SLOT_BYTES.start,
        lt=SLOT_BYTES.stop,
        description="Byte of the NVM image, within the counter slots.",
        examples=[SLOT_BYTES.start],
    )
    mask: int = Field(ge=1, le=BYTE, description="Which bits.", examples=[1])
    value: int = Field(ge=0, le=BYTE, description="What they stick at.", examples=[0])


Segments: TypeAlias = Annotated[
    list[Annotated[int, Field(ge=0, le=ALL)]],
    Field(
        max_length=MAX_DIGIT,
        description="Bits for each digit from the left, as in `Display.segments`.",
        examples=[[0, 2]],
    ),
]


class Damage(Request):
    """All that is worn or broken. In a change, what is left out stays as it is."""

    dead: Segments = Field(default=[], title="Segments that no longer light")
    stuck: Segments = Field(default=[], title="Segments that light with every picture")
    jammed: bool = Field(default=False, description="Whether the key stays down.")
    bounce: list[Annotated[int, Field(ge=1, le=LONGEST_NS)]] = Field(
        default=[],
        max_length=MAX_EDGES,
        description="How long the contact stays closed and open by turns before it rests, ns.",
        examples=[[200_000, 150_000]],
    )
    chatter: list[Gap] = Field(
        default=[],
        max_length=MAX_EDGES,
        description="Gaps of a worn contact, one after the other, while the button is held.",
    )
    cells: list[StuckBits] = Field(
        default=[], max_length=MAX_EDGES, description="Stuck bits of the counter's memory."
    )


class Battery(Answer):
    """The battery."""

    present: bool = Field(description="Whether it is in.", examples=[True])
    percent: int = Field(description="What is left of its charge; 0 without one.", examples=[98])
    millivolts: int = Field(description="Under the load of the moment.", examples=[3000])


class Environment(Answer):
    """What is round a token, and what it is made of, now."""

    temperature_c: float = Field(description="Temperature, °C.", examples=[25.0])
    battery: Battery
    crystal_ppm: float = Field(
        description="Rate error of its crystal at the turnover, ppm; positive runs fast."
        " 1 ppm is 31.6 s a year.",
        examples=[3.8],
    )
    damage: Damage


class BatteryOut(Request):
    """The battery is out."""

    present: Annotated[Literal[False], BeforeValidator(_flag)]


class BatteryIn(Request):
    """The battery is in: one is put in if there is none."""

    present: Annotated[Literal[True], BeforeValidator(_flag)] = True
    percent: float | None = Field(
        default=None,
        ge=0,
        le=100,
        description="Its charge; left out: as it is, or that of a fresh one.",
        examples=[20],
    )


class EnvironmentChange(Request):
    """What is to be otherwise; what is left out stays. All of it happens, or nothing."""

    temperature_c: float | None = Field(
        default=None,
        ge=MIN_MC / 1000,
        le=MAX_MC / 1000,
        description="°C, from now on.",
        examples=[-10],
    )
    battery: BatteryOut | BatteryIn | None = None
    crystal_ppm: float | None = Field(
        default=None,
        ge=-MAX_TOLERANCE_PPB / 1000,
        le=MAX_TOLERANCE_PPB / 1000,
        description="Rate error at the turnover, ppm.",
        examples=[20],
    )
    damage: Damage | None = None


class Faults(Answer):
    """The faults of a token that are armed."""

    faults: list[str] = Field(description="One a line.", examples=[["1: at press 3, tear byte 13"]])


class FaultRequest(Request):
    """A fault to be armed."""

    fault: str = Field(
        max_length=2_000,
        description="An inline table of TOML, or what goes wrong and its settings; see"
        " the fault pages of the documentation.",
        examples=["{press = 3, tear = {byte = 13}}"],
        json_schema_extra={"format": "galh-fault"},
    )


class FaultArmed(Answer):
    """A fault that was armed."""

    name: str = Field(description="What it is called in lists and in the journal.", examples=["1"])
    faults: list[str] = Field(description="All that are armed.")


# Recipes and servers.


class RecipeInfo(Answer):
    """A way to bring a token and a server apart, as it happens to people."""

    name: str = Field(description="As in its path.", examples=["pocket"])
    title: str = Field(description="For people.", examples=["Pressed in a pocket"])
    unit: str | None = Field(
        description="What its number counts; `null`: it takes none.", examples=["presses"]
    )
    default: float | None = Field(description="The number, if none is given.", examples=[37])
    low: float = Field(description="Smallest number.", examples=[1])
    high: float = Field(description="Largest number.", examples=[20000])


class RecipeList(Answer):
    """The recipes that there are."""

    recipes: list[RecipeInfo]


class RecipeRequest(Request):
    """How far to go."""

    by: float | None = Field(
        default=None, description="The recipe's number; none: its default.", examples=[37]
    )


class RecipePlayed(BaseModel):
    """What happened; recipes may tell more than this."""

    model_config = ConfigDict(frozen=True, extra="allow")

    recipe: str = Field(description="Which one it was.", examples=["pocket"])
    serial: str = Field(description="On which token.", examples=["GALH00000042"])
    history: list[str] = Field(
        description="What happened, in lines for people.",
        examples=[["pressed 37 times in a pocket; the server hears nothing of it"]],
    )
    token: Any = Field(description="Where the token is.", examples=[37])
    server: Any = Field(description="Where the server is.", examples=[0])
    distance: Any = Field(description="How far apart they are.", examples=[37])


Code: TypeAlias = Annotated[str, Field(pattern=r"^[0-9]{6,10}$")]


class Submission(Request):
    """Codes for the attached server, in the order in which the token showed them."""

    verb: Literal["verify", "sync", "resync"] = Field(
        description="`verify` takes one code, `sync` and `resync` take two.", examples=["verify"]
    )
    codes: list[Code] = Field(
        min_length=1, max_length=10, repr=False, examples=[["755224"]], description="The codes."
    )


class Submitted(Answer):
    """What the server said."""

    accepted: bool = Field(description="Whether it took them.", examples=[True])
    kind: str = Field(description="Its verdict in a word.", examples=["accepted"])
    message: str = Field(description="Its verdict for people.", examples=["accepted at counter 0"])
    sequence: Sequence_


class SubmissionReport(Request):
    """What a server that is not attached said: for the timeline, from any adapter."""

    server: str = _NAME
    verb: str = Field(
        min_length=1,
        max_length=40,
        pattern=r"^[ -~]+$",
        description="What was asked of it.",
        examples=["verify"],
    )
    accepted: bool = Field(description="Whether it took the codes.")
    reason: str = Field(
        default="",
        max_length=500,
        description="What it said, for people. Digits of codes are blotted out.",
        examples=["outside the look-ahead window"],
    )
    factor: int | None = Field(
        default=None, ge=0, le=_LAST_COUNTER, description="Counter or step of the first code."
    )


class Told(Answer):
    """It stands in the journal now."""

    sequence: Sequence_


# Time travel.


class ForkRequest(Request):
    """Where a copy of the token branches off."""

    at: int | None = Field(
        default=None,
        ge=0,
        le=MAX_SEQUENCE,
        description="As of this record of the journal; none: now.",
        examples=[42],
    )
    name: str | None = Field(
        default=None,
        min_length=1,
        max_length=2 * MAX_SERIAL,
        description="Serial number of the copy; none: the original's with F1, F2 … behind it.",
        examples=["GALH00000042F1"],
        json_schema_extra={"format": "galh-copy"},
    )


class PastState(Answer):
    """A token as it was right after a record of the journal."""

    sequence: int = Field(description="The record.", examples=[42])
    at_ns: int = Field(description=_NS_NOTE, examples=[1_790_000_000_040_000_000])
    display: Display
    counter: Counter
    mode: str = Field(description="What the firmware was doing.", examples=["lit"])
    digest: str = Field(
        description="Names the state without giving secrets or codes away; the same history"
        " has the same digest.",
    )


class DropPress(Request):
    """One press is left out."""

    drop: int = Field(
        ge=0, le=MAX_SEQUENCE, description="Sequence number of its edge.", examples=[42]
    )


class Moved(Request):
    """One press comes earlier or later."""

    sequence: int = Field(ge=0, le=MAX_SEQUENCE, description="Sequence number of its edge.")
    by_ns: int = Field(
        ge=-MAX_SEQUENCE, le=MAX_SEQUENCE, description="By how much; negative: earlier."
    )


class MovePress(Request):
    """One press comes earlier or later."""

    move: Moved


class Inserted(Request):
    """One press more."""

    at_ns: int = Field(ge=0, le=MAX_SEQUENCE, description=f"When. {_NS_NOTE}")
    hold_ms: int = Field(default=100, ge=1, le=MAX_HOLD_NS // _MS, description="Held how long.")


class InsertPress(Request):
    """One press more."""

    insert: Inserted


WhatIfRequest: TypeAlias = DropPress | MovePress | InsertPress


class LitEvent(Answer):
    """A code that lit."""

    at_ns: int = Field(description=_NS_NOTE)
    factor: int = Field(description="Its counter or step.", examples=[4])


class RefusedEvent(Answer):
    """A press that gave no code."""

    at_ns: int = Field(description=_NS_NOTE)
    reason: str = Field(description="Why.", examples=["lit"])


class Future(Answer):
    """How it went on until the present."""

    digest: str = Field(description="Names the state at its end.")
    next_counter: int | None = Field(description="Event token: where it ends.", examples=[5])
    lit: list[LitEvent] = Field(description="Codes that lit.")
    refused: list[RefusedEvent] = Field(description="Presses that gave none.")


class Comparison(Answer):
    """What was, and what would have been."""

    from_sequence: int = Field(description="The record from which both start.", examples=[1])
    to_ns: int = Field(description=f"Where both end. {_NS_NOTE}")
    actual: Future
    other: Future
    diverge_ns: int | None = Field(
        description=f"When the two part; `null`: they are the same. {_NS_NOTE}"
    )


# Snapshots.

MIN_PASSPHRASE: Final = 8
"""Shortest passphrase, characters: NIST SP 800-63B section 3.1.1."""

_PASSPHRASE: Final = Field(
    default=None,
    min_length=MIN_PASSPHRASE,
    max_length=1_024,
    repr=False,
    description="Encrypts the secrets; without it they are left out.",
    json_schema_extra={"writeOnly": True},
)


class SnapshotRequest(Request):
    """A snapshot to be taken."""

    name: str = Field(
        pattern=r"^[A-Za-z0-9_-][A-Za-z0-9._-]{0,79}$",
        description="What to call it.",
        examples=["before-resync"],
    )
    tokens: list[str] | None = Field(
        default=None,
        min_length=1,
        description="Serial numbers; left out: all on the bench.",
        examples=[["GALH00000042"]],
    )
    at: int | None = Field(
        default=None,
        ge=0,
        le=MAX_SEQUENCE,
        description="As of this record of the journal; left out: now.",
    )
    note: str = Field(
        default="", max_length=500, pattern=r"^[ -~]*$", description="What to say about it."
    )
    passphrase: str | None = _PASSPHRASE


class RestoreRequest(Request):
    """How a snapshot is to be put back."""

    passphrase: str | None = Field(
        default=None,
        min_length=1,
        max_length=1_024,
        repr=False,
        description="Opens the secrets. Without it a token keeps the secret that it has on the"
        " bench if that is its own, and gets a new one if not.",
        json_schema_extra={"writeOnly": True},
    )
    tokens: list[str] | None = Field(
        default=None, min_length=1, description="Serial numbers; left out: all that are in it."
    )


class SnapshotClock(Answer):
    """The clock of the bench that it was taken of."""

    mode: str = Field(description="`real`, `scaled` or `manual`.", examples=["manual"])
    rate: str = Field(description="Bench seconds in one host second.", examples=["0"])


class SnapshotInfo(Answer):
    """What can be told of a snapshot without its passphrase."""

    name: str = Field(description="What it is called.", examples=["before-resync"])
    bytes: int = Field(description="Its size.", examples=[4096])
    time: str = Field(description="Bench time.", examples=["2026-11-23T08:00:00Z"])
    now_ns: int = Field(description=_NS_NOTE)
    clock: SnapshotClock
    sequence: int = Field(description="The newest record that is in it.", examples=[42])
    note: str = Field(description="What somebody said about it.", examples=[""])
    galh: str = Field(description="The release that took it.", examples=["0.1.0"])
    secrets: str = Field(
        description="What became of the secrets: `left out`, or encrypted with a `passphrase`"
        " or a `key file`.",
        examples=["left out"],
    )
    tokens: list[str] = Field(description="Serial numbers.", examples=[["GALH00000042"]])


class DamagedSnapshot(Answer):
    """A file that is named like a snapshot, and none."""

    name: str = Field(description="What it is called.", examples=["old"])
    detail: str = Field(description="What is wrong with it.")


class SnapshotList(Answer):
    """The snapshots in the bench's folder."""

    snapshots: list[SnapshotInfo] = Field(description="By name.")
    damaged: list[DamagedSnapshot] = Field(description="Files that can't be read.")


class Restored(Answer):
    """What became of a snapshot's tokens."""

    tokens: list[str] = Field(description="Those that were put on the bench.")
    rekeyed: list[str] = Field(description="Those of them that have another secret than then.")
    moved_ns: int = Field(description="By how much every time of theirs was moved.")
    sequence: Sequence_
