"""From what was seen to a profile's settings: pure, and each with how it is known."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from firmware_model.profile import (
    MILLISECOND,
    SECOND,
    HoldAction,
    PressWhileLit,
    Profile,
    StepChange,
    TokenType,
)
from firmware_model.profile_file import profile_from_mapping
from hosttools.calibration.evidence import (
    MIN_STEP_S,
    lit_ns,
    lit_times,
    rounded,
    seconds,
    stayed_longer,
    type_evidence,
)
from hosttools.calibration.observations import AfterDouble, Change, Observations

WIDE_SPREAD_NS: Final = SECOND
"""Trials that differ by more deserve another try; our default."""


class Finding(NamedTuple):
    """A setting's value as a profile file has it, and how it is known."""

    value: str | int
    how: str


@dataclass(frozen=True, slots=True)
class Findings:
    """What a measurement came to.

    Attributes:
        settings: what is known, by the setting's name.
        remarks: what was seen and has no setting, in sentences.
        missing: settings that were not found out and stay the base's.
    """

    settings: Mapping[str, Finding]
    remarks: tuple[str, ...]
    missing: tuple[str, ...]

    def mapping(self) -> dict[str, object]:
        """Return the settings as :func:`profile_from_mapping` takes them, without a base."""
        return {name: finding.value for name, finding in self.settings.items()}

    def apply(self, base: Profile) -> Profile:
        """Return the base with what was found.

        Raises:
            ProfileError: no token can be like that.
        """
        return profile_from_mapping({"base": base.name, **self.mapping()}, known={base.name: base})


def findings(seen: Observations, base: Profile) -> Findings:
    """Turn what was seen into settings.

    Args:
        seen: what was seen.
        base: the profile that the rest comes from.
    """
    settings: dict[str, Finding] = {}
    kind = _token_type(seen)
    if kind is not None:
        settings["token_type"] = kind
    timed = (base.token_type.value if kind is None else kind.value) == TokenType.TIME.value
    if seen.digits is not None:
        settings["digits"] = Finding(seen.digits, "measured: the length of the codes")
    usual_ns = lit_ns(seen)
    if usual_ns is not None:
        settings["lit_ns"] = Finding(usual_ns, _how_lit(seen))
    rule = _press_while_lit(seen, usual_ns)
    if rule is not None:
        settings["press_while_lit"] = rule
    settings |= _hold(seen, base, timed=timed)
    settings |= _of_time(seen) if timed else {}
    if seen.weak_battery is not None:
        settings["weak_battery"] = Finding(seen.weak_battery.value, "asked")
    settings |= _excluded(base, timed=timed)
    missing = tuple(name for name in _wanted(seen, timed=timed) if name not in settings)
    return Findings(settings, tuple(_remarks(seen, rule, timed=timed)), missing)


def _how_lit(seen: Observations) -> str:
    times = ", ".join(map(seconds, lit_times(seen)))
    taken = "the longest" if seen.step_change is StepChange.DARK else "the median"
    return f"measured: {times} s; {taken}, to 0.1 s"


def _token_type(seen: Observations) -> Finding | None:
    evidence = type_evidence(seen.sightings)
    if seen.step_change is StepChange.REFRESH:
        return Finding(TokenType.TIME.value, "measured: a code changed by itself")
    if seen.across:
        how = "measured: presses left a code as it was, until one gave another"
        return Finding(TokenType.TIME.value, how)
    if evidence.proved is TokenType.TIME:
        return Finding(TokenType.TIME.value, "measured: two presses gave the same code")
    if evidence.proved is TokenType.EVENT:
        return Finding(
            TokenType.EVENT.value,
            f"measured: codes changed faster than with time steps of {MIN_STEP_S} s or more",
        )
    return None if seen.told_type is None else Finding(seen.told_type.value, "asked")


def _press_while_lit(seen: Observations, usual_ns: int | None) -> Finding | None:
    press = seen.while_lit
    if press is None:
        return None
    at = f"at a press {seconds(press.gap_ns)} s after the code appeared"
    if press.change is Change.DARK:
        return Finding(PressWhileLit.CLEAR.value, f"measured: the LCD went dark {at}")
    if press.change is Change.OTHER:
        return Finding(PressWhileLit.NEW_CODE.value, f"measured: another code came {at}")
    longer = stayed_longer(press, usual_ns)
    if longer and seen.across:
        how = "measured: a press in the next time step gave its code"
        return Finding(PressWhileLit.NEW_CODE.value, how)
    if press.told_longer is not None:
        lasted = "asked: the code stayed " + ("longer" if longer else "no longer")
    else:
        lasted = f"measured: the code stayed, for {seconds(press.lasted_ns or 0)} s in all,"
    rule = {True: PressWhileLit.SAME_CODE, False: PressWhileLit.IGNORE, None: None}[longer]
    return None if rule is None else Finding(rule.value, f"{lasted} {at}")


def _hold(seen: Observations, base: Profile, *, timed: bool) -> dict[str, Finding]:
    hold = seen.hold
    if hold is None or hold.action is None:
        return {}
    action = hold.action.value
    if hold.action is HoldAction.NONE or hold.after_ns is None:
        return {"hold_action": Finding(action, "measured: a long hold showed nothing else")}
    # The model counts from the accepted press, the person from the code's appearance.
    unseen_ns = base.compute_ns + (0 if timed else base.commit_ns)
    return {
        "hold_action": Finding(action, "asked: what the hold showed"),
        "hold_ns": Finding(
            rounded(hold.after_ns + unseen_ns),
            f"measured: {seconds(hold.after_ns)} s after the code appeared, which it does"
            f" {unseen_ns // MILLISECOND} ms after the press by the base",
        ),
    }


def _of_time(seen: Observations) -> dict[str, Finding]:
    found = {}
    if seen.told_step_s is not None:
        found["step_s"] = Finding(seen.told_step_s, "asked, and it fits the codes seen")
    if seen.step_change is not None:
        found["step_change"] = Finding(seen.step_change.value, "asked: what was seen")
    if seen.bars is not None:
        found["time_bars"] = Finding(seen.bars, "asked")
    return found


def _excluded(base: Profile, *, timed: bool) -> dict[str, Finding]:
    """Return what of the base no token of this type can have."""
    names = ("max_codes",) if timed else ("time_bars", "life_days", "time_settable")
    how = f"{'a time' if timed else 'an event'} token has none of the base's"
    present = {name: getattr(base, name) for name in names}
    return {name: Finding(type(value)(), how) for name, value in present.items() if value}


def _wanted(seen: Observations, *, timed: bool) -> list[str]:
    """Return the settings that a full measurement finds out."""
    names = ["token_type", "digits", "lit_ns", "press_while_lit", "hold_action"]
    if seen.hold is None or seen.hold.action is not HoldAction.NONE:
        names.append("hold_ns")
    if timed:
        names += ["step_s", "step_change", "time_bars"]
    return [*names, "weak_battery"]


def _remarks(seen: Observations, rule: Finding | None, *, timed: bool) -> Iterator[str]:
    times = lit_times(seen)
    if times and max(times) - min(times) > WIDE_SPREAD_NS:
        spread = seconds(max(times) - min(times))
        yield f"The lit times differ by {spread} s, more than reaction time explains."
    name = None if rule is None else rule.value
    if timed and seen.across is None and name == PressWhileLit.SAME_CODE.value:
        yield (
            "Within one time step a press shows the same code in any case; no press was seen"
            " in another one, so press_while_lit may be new_code as well."
        )
    if seen.double is not None:
        expected = _AFTER_DOUBLE.get(name, frozenset())
        yield f"A quick double press left {seen.double.value}" + (
            "."
            if name is None or seen.double in expected
            else f", other than press_while_lit = {name} lets expect: its second press may come"
            " too early for the token, or that setting deserves another look."
        )
    if seen.hold is not None and seen.hold.went_dark:
        yield (
            f"Held down, the LCD went dark {seconds(seen.hold.after_ns or 0)} s after the code"
            " appeared."
        )
    elif seen.hold is not None and seen.hold.action is None:
        yield "A long hold showed something that no setting describes."


_AFTER_DOUBLE: Final[Mapping[str | int | None, frozenset[AfterDouble]]] = {
    PressWhileLit.IGNORE.value: frozenset({AfterDouble.CODE}),
    PressWhileLit.SAME_CODE.value: frozenset({AfterDouble.CODE}),
    PressWhileLit.CLEAR.value: frozenset({AfterDouble.DARK}),
    # A time token shows the same code again within its step.
    PressWhileLit.NEW_CODE.value: frozenset({AfterDouble.CODE, AfterDouble.CHANGED}),
}
