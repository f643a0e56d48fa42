"""A server's further acts in scenarios: what is given, kept, compared, and taken out of parcels."""

import contextlib
from collections.abc import Mapping
from contextlib import nullcontext
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_model.nvm import Config, configure
from firmware_model.oath import Secret
from firmware_model.products import GALH
from hosttools.scenarios import Result, ScenarioError, Status, read_scenario, run
from hosttools.scenarios.shrink import shrink
from hosttools.scenarios.steps import Press
from hosttools.scenarios.toml import inline, write_scenario
from hosttools.scenarios.under_test import Bed
from hosttools.scenarios.values import found
from hosttools.servers import Can, Enrolment, NotOfferedError, Reply
from hosttools.servers.reference import ReferenceServer

HEAD: Final = """
version = 1
[[token]]
serial = "GALH00004226"
sample = "GALH00004226"
[[step]]
do = "press"
as = "first"
"""
TWO: Final = HEAD.replace(
    "[[step]]", '[[token]]\nserial = "GALH00271828"\nname = "spare"\nenrolled = false\n[[step]]\n'
    'token = "GALH00004226"', 1
)  # fmt: skip
PARCEL: Final = 7
SENT: Final = configure("GALH73191609", GALH, Secret(b"12345678901234567890"))


class Desk(ReferenceServer):
    """The reference server with a counter where one asks for things.

    Attributes:
        asked: all that was asked for.
    """

    can = frozenset(Can)
    acts = frozenset({"echo", "refuse", "send"})

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[tuple[str, str, dict[str, Any]]] = []

    def ask(self, act: str, user: str, given: Mapping[str, Any]) -> Reply:
        """Say back what is given, or say no."""
        self.asked.append((act, user, dict(given)))
        if act == "refuse":
            return Reply(accepted=False, told={"code": "no", "detail": "We say 755224 no."})
        return Reply(accepted=True, told={"given": dict(given), "list": [1, {"number": PARCEL}]})

    def unpack(self, user: str, parcel: int) -> Config:
        """Give the one fob that was sent."""
        assert ("dr.adams", PARCEL) == (user, parcel)
        self.enrol(Enrolment.of_token(SENT))
        return SENT


def steps(*lines: str) -> str:
    """Return steps, each given as the inline table that it is."""
    return "".join(f"[[step]]\n{line.replace('; ', chr(10))}\n" for line in lines)


def played(head: str, *lines: str, desk: Desk | None = None) -> Result:
    """Play steps on the desk."""
    return run(read_scenario(head + steps(*lines)), lambda _: nullcontext(Bed(desk or Desk())))


def passes(head: str, *lines: str, desk: Desk | None = None) -> None:
    """Play steps, which must pass."""
    result = played(head, *lines, desk=desk)
    assert (Status.PASSED, "") == (result.status, result.reason)


def problems(*lines: str, head: str = HEAD) -> list[str]:
    """Return what is wrong with steps."""
    with pytest.raises(ScenarioError) as caught:
        read_scenario(head + steps(*lines))
    return list(caught.value.problems)


ECHO: Final = 'do = "ask"; act = "echo"; user = "dr.adams"'


def test_given() -> None:
    """Codes, what was kept and the serial number stand for themselves; a dollar sign is doubled."""
    desk = Desk()
    passes(
        HEAD,
        f'{ECHO}; keep = {{parcel = "list.-1.number"}}',
        f'{ECHO}; with = {{code = "$first", of = "$serial", order = "$parcel",'
        ' all = ["$first", "b"], price = "$$5", yes = true, n = 3}',
        desk=desk,
    )
    given = {"code": "755224", "of": "GALH00004226", "order": PARCEL, "all": ["755224", "b"]}

    assert ("echo", "dr.adams", {**given, "price": "$5", "yes": True, "n": 3}) == desk.asked[-1]


def test_told() -> None:
    """What is told is compared by its place, with its type."""
    passes(
        HEAD,
        f'{ECHO}; with = {{a = true}}; expect = {{accepted = true, told = {{"given.a" = true,'
        ' "list.#" = 2, "list.1.number" = 7}}',
        'do = "ask"; act = "refuse"; user = "x"; keep = {said = "detail"};'
        ' expect = {accepted = false, outcome = "refused", told = {code = "no", detail = "$said"}}',
    )
    result = played(HEAD, f'{ECHO}; with = {{a = true}}; expect = {{told = {{"given.a" = 1}}}}')
    assert (Status.FAILED, "step 2 (ask): given.a: expected 1, got true") == (
        result.status,
        result.reason,
    )


def test_no_code_is_shown() -> None:
    """Neither in what is said nor in what differs, whatever is told."""
    result = played(
        HEAD,
        'do = "ask"; act = "refuse"; user = "x"; keep = {said = "code"};'
        ' expect = {told = {detail = "$first"}}',
    )
    assert "what $first is" in result.reason
    assert "755224" not in repr(result)


def test_kept_is_missing() -> None:
    """What is to be remembered has to be there."""
    result = played(HEAD, f'{ECHO}; keep = {{number = "list.9"}}')
    assert (Status.FAILED, True) == (result.status, "the answer has no list.9" in result.reason)


def test_unpacked() -> None:
    """A fob that was sent takes the place of a token, with its own serial number and secret."""
    passes(
        TWO,
        f'{ECHO}; token = "spare"; keep = {{parcel = "list.-1.number"}}',
        'do = "unpack"; token = "spare"; user = "dr.adams"; parcel = "parcel"',
        'do = "press"; token = "spare"; expect = {lcd = "755224", counter = 1}',
        f'{ECHO}; token = "spare"; with = {{of = "$serial"}};'
        f' expect = {{told = {{"given.of" = "{SENT.serial}"}}}}',
    )


@pytest.mark.parametrize("act", ["fetch", "../healthz"])
def test_other_acts_are_skipped(act: str) -> None:
    """An act that the server has not got is never asked for."""
    desk = Desk()
    result = played(HEAD, f'do = "ask"; act = "{act}"; user = "x"', desk=desk)

    assert (Status.SKIPPED, []) == (result.status, desk.asked)
    assert f"has not got what step 2 needs: the act '{act}'" in result.reason


def test_servers_without_acts() -> None:
    """Such a scenario is skipped on them, and the verbs say that there are none."""
    result = run(read_scenario(HEAD + steps(ECHO)))
    assert (Status.SKIPPED, True) == (result.status, result.reason.endswith("needs: procedure"))
    with ReferenceServer() as server:
        with pytest.raises(NotOfferedError):
            server.ask("echo", "x", {})
        with pytest.raises(NotOfferedError):
            server.unpack("x", 1)


@pytest.mark.parametrize(
    ("step", "problem"),
    [
        ('do = "ask"; act = "echo"', "user is missing"),
        (f'{ECHO}; with = {{a = "$second"}}', "nothing is known as 'second' by then"),
        (f'{ECHO}; with = {{a = ["$second"]}}', "nothing is known as 'second' by then"),
        (f'{ECHO}; expect = {{told = {{a = "$second"}}}}', "nothing is known as 'second'"),
        (f'{ECHO}; keep = {{first = "a"}}', "'first' is called otherwise already"),
        (f'{ECHO}; keep = {{serial = "a"}}', "'serial' is called otherwise already"),
        (f'{ECHO}; keep = {{a = "b c"}}', "a table of names and paths"),
        (f"{ECHO}; keep = {{}}", "a table of names and paths"),
        (f"{ECHO}; with = 3", "allowed is a table"),
        (f"{ECHO}; with = {{a = 1.5}}", "allowed is a table"),
        (f"{ECHO}; with = {{a = {{b = 1}}}}", "allowed is a table"),
        (f'{ECHO}; with = {{"a b" = 1}}', "allowed is a table"),
        (f"{ECHO}; expect = {{winners = 1}}", "winners is nothing that ask leads to"),
        ('do = "press"; expect = {told = {a = 1}}', "told is nothing that press leads to"),
        ('do = "unpack"; user = "x"; parcel = "p"', "nothing is kept as 'p'"),
    ],
)
def test_problems(step: str, problem: str) -> None:
    """Every mistake is told before anything is sent."""
    assert problem in problems(step)[0]


def test_of_no_token() -> None:
    """Of several tokens an act need not name one; then it has no serial number or counter."""
    read_scenario(TWO + steps(f"{ECHO}; expect = {{accepted = true}}"))
    assert "'serial'" in problems(f'{ECHO}; with = {{a = "$serial"}}', head=TWO)[0]
    assert "say it with token" in problems(f"{ECHO}; expect = {{counter = 1}}", head=TWO)[0]


def test_round_trip() -> None:
    """What is written is read back as it was."""
    scenario = read_scenario(
        TWO
        + steps(
            f'{ECHO}; token = "spare"; with = {{a = "$first", b = [], "c.d" = true}}'
            '; keep = {p = "x.-1"}; expect = {told = {"a.#" = 3}}',
            'do = "unpack"; token = "spare"; user = "x"; parcel = "p"',
        )
    )
    assert scenario == read_scenario(write_scenario(scenario))


def test_shrunk() -> None:
    """What an act refers to stays while it does."""
    scenario = read_scenario(
        HEAD
        + steps(
            f'{ECHO}; with = {{a = "$first"}}; expect = {{told = {{"given.a" = "b"}}}}',
        )
    )
    small = shrink(scenario, lambda _: nullcontext(Bed(Desk()))).scenario
    assert ["press", "ask"] == [step.do for step in small.steps]
    assert Press(as_="first") == small.steps[0].what


JSON: Final = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("ab-1#", max_size=2), inner)
    ),
    max_leaves=10,
)
PATHS: Final = st.lists(st.text("ab-1#", max_size=3), max_size=4).map(".".join)


@given(told=JSON, path=PATHS | st.text(max_size=12))
def test_any_answer(told: object, path: str) -> None:
    """Whatever is told, at a path stands something or nothing."""
    found(told, path)


PLAIN: Final = st.integers(-(2**60), 2**60) | st.booleans() | st.text(max_size=6)
TABLES: Final = st.dictionaries(
    st.text("ab$.# ", max_size=4),
    PLAIN
    | st.lists(PLAIN, max_size=2)
    | st.sampled_from(["$first", "$serial", "$kept", "$$", "a.0"]),
    max_size=3,
)


@given(given=TABLES, keep=TABLES, told=TABLES)
def test_fuzz(given: dict[str, object], keep: dict[str, object], told: dict[str, object]) -> None:
    """Whatever stands in the tables, it is played to an end, or it is told why not."""
    text = (
        f"{ECHO}\nwith = {inline(given)}\nkeep = {inline(keep)}\nexpect = {{told = {inline(told)}}}"
    )
    with contextlib.suppress(ScenarioError):
        assert isinstance(played(HEAD, text), Result)
