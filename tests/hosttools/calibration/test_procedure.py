"""A person measures fobs that are known, and finds what they are."""

import itertools
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.bench import Bench
from emulator.clock import VirtualClock
from firmware_model.nvm import configure
from firmware_model.oath import Secret
from firmware_model.products import GALH, GALT, PROFILES
from firmware_model.profile import (
    MILLISECOND,
    SECOND,
    HoldAction,
    PressWhileLit,
    Profile,
    StepChange,
    TokenType,
    WeakBattery,
)
from hosttools.calibration import Answer, Cue, Findings, Prompt, Tell, conduct, measure
from hosttools.calibration.testing import Person

START_NS = 1_767_225_600 * SECOND
SECRET = Secret(b"12345678901234567890")
MEASURED = ("token_type", "digits", "lit_ns", "press_while_lit", "hold_action")
Says = Mapping[Cue, Callable[[str], str]]


def person_with(
    profile: Profile,
    *,
    reactions: tuple[int, ...] = (250 * MILLISECOND,),
    says: Says | None = None,
    start_ns: int = START_NS,
) -> Person:
    """Give somebody a new fob."""
    serial = "GALH00004226" if profile.token_type is TokenType.EVENT else "GALT00006238"
    bench = Bench(VirtualClock(start_ns))
    bench.open(configure(serial, profile, SECRET))
    return Person(bench, reactions=reactions, says=says)


def find(person: Person, base: Profile = GALH) -> Findings:
    """Have somebody measure the fob in their hand."""
    return conduct(measure(base), person.answer)


def settings(profile: Profile, *names: str) -> dict[str, object]:
    """Return some of a profile's settings."""
    return {name: getattr(profile, name) for name in names}


def fob(base: Profile, **changes: object) -> Profile:
    """Return a fob's profile."""
    return replace(base, **changes)  # type: ignore[arg-type]  # settings by name


def once(wrong: str) -> Callable[[str], str]:
    """Return what says something else the first time."""
    words = itertools.chain([wrong], itertools.repeat(None))
    return lambda right: next(words) or right


@pytest.mark.parametrize("hold", HoldAction, ids=lambda action: action.value)
@pytest.mark.parametrize("rule", PressWhileLit, ids=lambda rule: rule.value)
@pytest.mark.parametrize("kind", [GALH, GALT], ids=lambda kind: kind.name)
@pytest.mark.parametrize("lit_s", [30, 10])
def test_fob_is_found(kind: Profile, rule: PressWhileLit, hold: HoldAction, lit_s: int) -> None:
    """Every press-while-lit rule and hold action of both types is measured as it is."""
    real = fob(
        kind, press_while_lit=rule, hold_action=hold, hold_ns=3 * SECOND, lit_ns=lit_s * SECOND
    )
    found = find(person_with(real))
    names = [*MEASURED, *(["hold_ns"] if hold is not HoldAction.NONE else [])]
    names += ["step_s", "step_change", "time_bars"] if kind is GALT else []

    assert settings(real, *names) == settings(found.apply(GALH), *names)
    assert set(names) <= set(found.settings)
    assert found.missing == ()


@pytest.mark.parametrize("base", PROFILES.values(), ids=lambda base: base.name)
@pytest.mark.parametrize("kind", [GALH, GALT], ids=lambda kind: kind.name)
def test_base_of_another_type_does_not_matter(kind: Profile, base: Profile) -> None:
    """What is found fits into every base that ships, of either type."""
    found = find(person_with(kind), base)

    assert (kind.token_type, kind.time_bars) == (
        found.apply(base).token_type,
        found.apply(base).time_bars,
    )


@pytest.mark.parametrize("offset_s", range(0, 30, 3))
@pytest.mark.parametrize("rule", PressWhileLit, ids=lambda rule: rule.value)
def test_time_steps_may_end_anywhere(rule: PressWhileLit, offset_s: int) -> None:
    """Wherever in its step a time token's first press comes, its rule is found."""
    real = fob(GALT, press_while_lit=rule)
    found = find(person_with(real, start_ns=START_NS + offset_s * SECOND))

    assert rule.value == found.settings["press_while_lit"].value


@pytest.mark.parametrize("rule", PressWhileLit, ids=lambda rule: rule.value)
@pytest.mark.parametrize("kind", [GALH, GALT], ids=lambda kind: kind.name)
def test_type_of_short_lit_fob_needs_no_leaflet(kind: Profile, rule: PressWhileLit) -> None:
    """A fob whose code stays for 10 s shows by its codes whether it knows the time."""
    real = fob(kind, press_while_lit=rule, lit_ns=10 * SECOND)
    person = person_with(real, says={Cue.TOKEN_TYPE: lambda _: "unknown"})
    found = find(person)

    assert kind.token_type.value == found.settings["token_type"].value
    assert Cue.TOKEN_TYPE not in person.asked


@pytest.mark.parametrize("rule", [PressWhileLit.CLEAR, PressWhileLit.NEW_CODE])
@pytest.mark.parametrize("kind", [GALH, GALT], ids=lambda kind: kind.name)
def test_type_of_fob_that_gives_codes_quickly_needs_no_leaflet(
    kind: Profile, rule: PressWhileLit
) -> None:
    """A fob that gives the next code without waiting shows its type, however long it is lit."""
    real = fob(kind, press_while_lit=rule)
    found = find(person_with(real, says={Cue.TOKEN_TYPE: lambda _: "unknown"}))

    assert kind.token_type.value == found.settings["token_type"].value


def test_unknown_type_stays_the_bases() -> None:
    """A type that neither codes nor the person can tell is not set, and said to be missing."""
    found = find(person_with(GALT, says={Cue.TOKEN_TYPE: lambda _: "unknown"}))

    assert "token_type" not in found.settings
    assert "token_type" in found.missing
    assert found.apply(GALH).token_type is TokenType.EVENT


@pytest.mark.parametrize("rule", PressWhileLit, ids=lambda rule: rule.value)
def test_refreshed_code_is_no_new_code(rule: PressWhileLit) -> None:
    """A code that changes by itself is told from one that a press made."""
    real = fob(GALT, press_while_lit=rule, step_change=StepChange.REFRESH)
    found = find(person_with(real)).apply(GALH)

    # Its code is always that of the present step: presses can't make another.
    same = {PressWhileLit.NEW_CODE: PressWhileLit.SAME_CODE}
    assert (same.get(rule, rule), StepChange.REFRESH, TokenType.TIME) == (
        found.press_while_lit,
        found.step_change,
        found.token_type,
    )


def test_reactions_differ() -> None:
    """Reactions that differ by 0.2 s leave an error of 0.1 s at most."""
    real = fob(GALH, lit_ns=32 * SECOND, hold_action=HoldAction.MENU, hold_ns=6 * SECOND)
    reactions = tuple(ms * MILLISECOND for ms in (220, 310, 180, 260, 350, 240, 200))
    found = find(person_with(real, reactions=reactions)).apply(GALH)

    assert found.lit_ns == pytest.approx(real.lit_ns, abs=SECOND // 10)
    assert found.hold_ns == pytest.approx(real.hold_ns, abs=SECOND // 5)


def test_eight_digits_are_found() -> None:
    """The digits come from the codes, and the weak battery from the leaflet."""
    real = fob(GALH, digits=8, weak_battery=WeakBattery.ERROR)
    found = find(person_with(real)).apply(GALH)

    assert (8, WeakBattery.ERROR) == (found.digits, found.weak_battery)


def test_skipped_steps_stay_the_bases() -> None:
    """Who skips every step gets the base, and no press is asked for."""
    person = person_with(GALT, says={Cue.BEGIN: lambda _: "skip"})
    found = find(person)

    assert {} == found.settings
    assert {Cue.BEGIN} == set(person.asked)
    assert found.apply(GALH) == GALH


@pytest.mark.parametrize("cue", [Cue.CODE, Cue.DARK, Cue.CONFIRM], ids=lambda cue: cue.name)
def test_step_skipped_half_way_leaves_nothing(cue: Cue) -> None:
    """A step that is left half-way, or after its result, counts as not done."""
    found = find(person_with(GALH, says={cue: once("skip")}))

    assert "lit_ns" not in found.settings
    assert "lit_ns" in found.missing


@pytest.mark.parametrize("cue", [Cue.CODE, Cue.DARK, Cue.CONFIRM, Cue.PRESS_AGAIN, Cue.HOLD])
def test_step_done_again_comes_out_the_same(cue: Cue) -> None:
    """A step can be done again at any question."""
    real = fob(GALH, press_while_lit=PressWhileLit.CLEAR, hold_action=HoldAction.LCD_TEST)
    person = person_with(real, says={cue: once("again")})
    found = find(person)

    assert settings(real, *MEASURED) == settings(found.apply(GALH), *MEASURED)
    assert "Once more." in person.told


def test_missed_moment_begins_the_step_anew() -> None:
    """Something typed where only the moment of Enter counts: the step begins once more."""
    person = person_with(GALH, says={Cue.DARK: once("oops")})
    found = find(person)

    assert GALH.lit_ns == found.settings["lit_ns"].value
    assert "Once more: only Enter was asked for; that moment is lost." in person.told


def test_late_press_begins_the_step_anew() -> None:
    """A press while lit that came after dark is done again."""
    person = person_with(GALH, says={Cue.CODE_OR_DARK: once("late")})
    found = find(person)

    assert PressWhileLit.IGNORE.value == found.settings["press_while_lit"].value
    assert "Once more: that press came too late." in person.told


def test_mistyped_code_is_found_out() -> None:
    """Another code after a press is asked about, so that a slip makes no new_code."""
    says: Says = {Cue.CODE_OR_DARK: once("000001"), Cue.HOW_CHANGED: once("mistyped")}
    found = find(person_with(GALH, says=says))

    assert PressWhileLit.IGNORE.value == found.settings["press_while_lit"].value


def test_mistyped_length_can_be_corrected() -> None:
    """A first code with a digit too many is forgotten when the step is done again."""
    says: Says = {Cue.CODE: _slip_then_again()}
    person = person_with(GALH, says=says)

    assert find(person).settings["digits"].value == 6
    assert any("that has 6 digits; a code of this token has 7" in text for text in person.told)


def _slip_then_again() -> Callable[[str], str]:
    slips: Iterator[Callable[[str], str]] = itertools.chain(
        [lambda code: code + "0", lambda code: code, lambda _: "again"],
        itertools.repeat(lambda code: code),
    )
    return lambda code: next(slips)(code)  # noqa: PLW0108  # another slip each time


def test_impossible_step_is_asked_again() -> None:
    """A time step that the codes contradict is refused with the reason."""
    real = fob(GALT, lit_ns=10 * SECOND)
    person = person_with(real, says={Cue.STEP: once("3")})

    assert find(person).settings["step_s"].value == 30
    assert any(re.search(r"a code came again after \d+ s", text) for text in person.told)


def test_impossible_lit_time_is_measured_again() -> None:
    """A result that no token can have is refused with the reason, and measured again."""
    marks = itertools.count()
    person = person_with(GALH)

    def answer(prompt: Prompt) -> Answer | None:
        given = person.answer(prompt)
        if given is not None and not isinstance(prompt, Tell) and prompt.cue is Cue.DARK:
            late_ns = 100_000 * SECOND if next(marks) < 3 else 0
            return Answer(given.text, given.at_ns + late_ns)
        return given

    found = conduct(measure(GALH), answer)

    assert GALH.lit_ns == found.settings["lit_ns"].value
    assert any("lit_ns = 100030000000000" in text for text in person.told)


def test_double_press_that_contradicts_is_remarked() -> None:
    """A double press that fits the rule is a remark; one that doesn't says so."""
    fits = find(person_with(fob(GALH, press_while_lit=PressWhileLit.CLEAR)))
    contradicts = find(person_with(GALH, says={Cue.AFTER_DOUBLE: lambda _: "dark"}))

    assert ("A quick double press left a dark LCD.",) == fits.remarks
    assert "other than press_while_lit = ignore lets expect" in contradicts.remarks[0]


def test_codes_are_told_to_nobody() -> None:
    """No code that was typed is in what is said, found or shown of the procedure's inside."""
    typed: list[str] = []

    def note(code: str) -> str:
        typed.append(code)
        return code

    person = person_with(GALH, says={Cue.CODE: note, Cue.CODE_OR_DARK: note})
    found = find(person)
    shown = " ".join([*person.told, repr(found)])

    assert len(typed) > 4
    assert [] == [code for code in typed if code in shown]
    assert "123456" not in repr(Answer("123456", 7))


WORDS = ["", "skip", "again", "123456", "1234567", "000000", "dark", "late", "press", "same"]
WORDS += ["itself", "mistyped", "unknown", "event", "time", "code", "changed", "counter", "menu"]
WORDS += ["test", "other", "longer", "30", "6", "0", "keep", "refresh", "sign", "nothing", "?", "-"]


@given(st.data())
def test_any_answers_lead_on(data: st.DataObject) -> None:
    """Whatever is typed whenever, a measurement asks on or ends; it never fails."""
    dialog = measure(data.draw(st.sampled_from([GALH, GALT])))
    now_ns, given_answer = 0, None
    for _ in range(150):
        try:
            prompt = dialog.send(given_answer)
        except StopIteration as end:
            end.value.apply(GALH)
            return
        given_answer = None
        if not isinstance(prompt, Tell):
            now_ns += data.draw(st.integers(0, 40 * SECOND))
            likely = st.sampled_from([*WORDS, *prompt.words])
            given_answer = Answer(data.draw(likely | st.text(max_size=8)), now_ns)
