"""What a scenario's steps can do, as data: one record for each ``do``.

Every setting says what it means and what is allowed. The reader of files, the checks, the
JSON Schema and the reference in docs/scenarios.md all go by that; what a step does is in
:mod:`hosttools.scenarios.acts`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final, TypeAlias, get_args

from emulator.acts import DEFAULT_HOLD_NS
from emulator.bench import MAX_HOLD_NS
from emulator.faults.values import CENTURY_NS
from firmware_model.oath import MAX_COUNTER
from firmware_model.profile import SECOND
from hosttools.hand.seam import MAX_TIMES
from hosttools.holder import SlipKind
from hosttools.refserver import Kind as VerdictKind
from hosttools.scenarios.values import (
    Choice,
    Codes,
    Moment,
    Name,
    Number,
    Paths,
    Range,
    Switch,
    Table,
    Text,
    Values,
    Word,
    setting,
)
from hosttools.servers import Can, Outcome

_DAY_NS: Final = 86_400 * SECOND
_FAR: Final = 2**62
MOST_AT_ONCE: Final = 100

_HOLD: Final = Number("how long the button is held", 1, MAX_HOLD_NS, SECOND, key="hold_s")
_AS: Final = Name("what the code is called from here on", key="as")
_CODE: Final = Name("which code, by its name; without it, the last one of the token")
_TYPED: Final = Text("what is typed in its place, character by character")
_SLIPS: Final = (SlipKind.TRANSPOSED, SlipKind.MISTYPED)
FORMS: Final = (*(slip.value for slip in _SLIPS), "spaced", "shortened", "lengthened")


@dataclass(frozen=True, slots=True, kw_only=True)
class Press:
    """The button is pressed and let go, and the code read."""

    needs: ClassVar[frozenset[Can]] = frozenset()
    as_: str | None = setting(_AS, default=None)
    hold_ns: int = setting(_HOLD, default=DEFAULT_HOLD_NS)
    fresh: bool = setting(Switch("whether to wait first until the display is dark"), default=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class PressMany:
    """So many codes light, one after another; the last one is remembered."""

    needs: ClassVar[frozenset[Can]] = frozenset()
    times: int = setting(Number("how many", 1, MAX_TIMES))
    as_: str | None = setting(_AS, default=None)
    hold_ns: int = setting(_HOLD, default=DEFAULT_HOLD_NS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """Time passes until the display is dark."""

    needs: ClassVar[frozenset[Can]] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Advance:
    """Time passes: so many seconds and days, or until a moment."""

    needs: ClassVar[frozenset[Can]] = frozenset()
    seconds_ns: int | None = setting(
        Number("how many seconds", 0, CENTURY_NS, SECOND, key="seconds"), default=None
    )
    days_ns: int | None = setting(
        Number("how many days, besides", 0, CENTURY_NS, _DAY_NS, key="days"), default=None
    )
    to_ns: int | None = setting(
        Number(
            "until so many seconds after the scenario's start; at once if they are over",
            0,
            CENTURY_NS,
            SECOND,
            key="to_s",
        ),
        default=None,
    )
    at_ns: int | None = setting(
        Moment("until this moment; at once if it is past", key="at"), default=None
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrol:
    """The server gets to know the token, as from its seed file."""

    needs: ClassVar[frozenset[Can]] = frozenset({Can.ENROL})


@dataclass(frozen=True, slots=True, kw_only=True)
class Remove:
    """The server forgets the token."""

    needs: ClassVar[frozenset[Can]] = frozenset({Can.REMOVE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Unlock:
    """An operator lets the server forget the token's failures."""

    needs: ClassVar[frozenset[Can]] = frozenset({Can.UNLOCK})


@dataclass(frozen=True, slots=True, kw_only=True)
class Add:
    """Two fresh codes in a row go into the add form; a server without one gets both singly."""

    needs: ClassVar[frozenset[Can]] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Submit:
    """One code is submitted."""

    needs: ClassVar[frozenset[Can]] = frozenset()
    code: str | None = setting(_CODE, default=None)
    typed: str | None = setting(_TYPED, default=None)
    form: str | None = setting(
        Choice("how the fingers change the code: typos, and other ways to write it", FORMS),
        default=None,
    )
    wrong: bool = setting(
        Switch("whether a code is typed that is none of the token's, a new one each time"),
        default=False,
    )
    times: int = setting(
        Number("how often; what is expected is expected of the last", 1, 1_000), default=1
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Race:
    """One code is submitted so many times at the same moment."""

    needs: ClassVar[frozenset[Can]] = frozenset({Can.AT_ONCE})
    code: str | None = setting(_CODE, default=None)
    times: int = setting(Number("how many times", 2, MOST_AT_ONCE), default=2)


_PAIR: Final = Codes("the two codes, by their names; without them, two fresh ones in a row")
_TYPED_PAIR: Final = Codes("what is typed in their place, character by character")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sync:
    """The add form is submitted: two codes of a new token."""

    needs: ClassVar[frozenset[Can]] = frozenset({Can.SYNC})
    codes: tuple[str, str] | None = setting(_PAIR, default=None)
    typed: tuple[str, str] | None = setting(_TYPED_PAIR, default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Resync:
    """The resync form is submitted: two codes in a row."""

    needs: ClassVar[frozenset[Can]] = frozenset({Can.RESYNC})
    codes: tuple[str, str] | None = setting(_PAIR, default=None)
    typed: tuple[str, str] | None = setting(_TYPED_PAIR, default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class SetCounter:
    """The token's next counter is set, as a programming tool would."""

    needs: ClassVar[frozenset[Can]] = frozenset()
    counter: int = setting(Number("to what", 0, MAX_COUNTER))


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Something goes wrong with the token, at once or later: see docs/faults.md."""

    needs: ClassVar[frozenset[Can]] = frozenset()
    fault: Mapping[str, Any] = setting(Table("when and what, as in a fault file"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Desync:
    """The token is brought out of step by a recipe: see docs/desync-recipes.md."""

    needs: ClassVar[frozenset[Can]] = frozenset()
    recipe: str = setting(Word("which, by its name"))
    by_milli: int | None = setting(
        Number("the recipe's number; without it, its default", 0, 20_000_000, 1_000, key="by"),
        default=None,
    )
    trial: bool = setting(
        Switch(
            "whether the server's part is played too, and has to end as documented;"
            " with the reference server in this process only"
        ),
        default=False,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """A person has the token for some days and signs with it: see docs/holder.md."""

    needs: ClassVar[frozenset[Can]] = frozenset()
    days: int = setting(Number("for how long", 1, 3_653))
    habits: Mapping[str, Any] | None = setting(Table("the person's habits"), default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One of the server's further acts is done, under somebody's login: see docs/servers.md."""

    needs: ClassVar[frozenset[Can]] = frozenset({Can.PROCEDURE})
    act: str = setting(Word("which, by its name"))
    user: str = setting(Word("under whose login, by the server's name for them"))
    given: Mapping[str, Any] | None = setting(Values("what it takes", key="with"), default=None)
    keep: Mapping[str, Any] | None = setting(
        Paths("what of the answer is remembered, by which name"), default=None
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Unpack:
    """A fob that was sent comes out of its parcel, and is the token from here on."""

    needs: ClassVar[frozenset[Can]] = frozenset({Can.PROCEDURE})
    user: str = setting(Word("to whom it was sent, by the server's name for them"))
    parcel: str = setting(Name("what the number of its order was kept as"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """Nothing is done; what is expected is looked for."""

    needs: ClassVar[frozenset[Can]] = frozenset()


What: TypeAlias = (
    Press
    | PressMany
    | Wait
    | Advance
    | Enrol
    | Remove
    | Unlock
    | Add
    | Submit
    | Race
    | Sync
    | Resync
    | SetCounter
    | Fault
    | Desync
    | Holder
    | Ask
    | Unpack
    | Look
)

WHATS: Final[Mapping[str, type[What]]] = {
    "press": Press,
    "press_many": PressMany,
    "wait": Wait,
    "advance": Advance,
    "enrol": Enrol,
    "remove": Remove,
    "unlock": Unlock,
    "add": Add,
    "submit": Submit,
    "race": Race,
    "sync": Sync,
    "resync": Resync,
    "set_counter": SetCounter,
    "fault": Fault,
    "desync": Desync,
    "holder": Holder,
    "ask": Ask,
    "unpack": Unpack,
    "expect": Look,
}
"""What files call them."""

_missing = {kind.__name__ for kind in get_args(What)} - {kind.__name__ for kind in WHATS.values()}
if _missing:  # pragma: no cover  # a step that no file could ask for
    raise AssertionError(f"no name for {', '.join(_missing)}")

NAMES: Final = {kind: name for name, kind in WHATS.items()}

PRESSES: Final = (Press, PressMany)
SUBMISSIONS: Final = (Add, Submit, Sync, Resync)
"""Steps that a server answers once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expect:
    """What has to be so after a step.

    ``kind``, and what the server believes, is compared where the server tells it.
    """

    accepted: bool | None = setting(Switch("whether the server took it"), default=None)
    outcome: str | None = setting(
        Choice("what the server let on", tuple(o.value for o in Outcome)), default=None
    )
    kind: str | None = setting(
        Choice("the reference server's verdict", tuple(k.value for k in VerdictKind)), default=None
    )
    winners: tuple[int, int] | None = setting(
        Range("how many submissions of a race were accepted", 0, MOST_AT_ONCE), default=None
    )
    told: Mapping[str, Any] | None = setting(
        Values("what stands where in the answer to `ask`: paths as of its `keep`, and values"),
        default=None,
    )
    refused: str | None = setting(
        Word("why the press gave no code, as `lit`, `dead`, `expired`"), default=None
    )
    lcd: str | None = setting(
        Text("what the display shows: `dark`, `lit`, or what its digits read"), default=None
    )
    counter: tuple[int, int] | None = setting(
        Range("the event token's next counter", 0, MAX_COUNTER), default=None
    )
    next: tuple[int, int] | None = setting(
        Range("the counter that the server expects next", 0, MAX_COUNTER + 1), default=None
    )
    drift: tuple[int, int] | None = setting(
        Range("steps that the server takes the token's clock to be ahead", -_FAR, _FAR),
        default=None,
    )
    distance: tuple[int, int] | None = setting(
        Range("presses or steps that the token is ahead of the server", -_FAR, _FAR), default=None
    )
    locked: bool | None = setting(
        Switch("whether the server takes nothing of the token"), default=None
    )


OF_ANSWERS: Final = frozenset({"accepted", "outcome", "kind"})
OF_SERVER: Final = frozenset({"next", "drift", "distance", "locked"})
"""Expectations of the server's view; its adapter may not have one."""
