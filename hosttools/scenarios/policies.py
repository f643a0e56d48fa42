"""One history on many policies: who takes what, and where they first disagree, and why.

The policies are the reference server's (:mod:`hosttools.refserver.policies`), so that
nothing differs but them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any, Final

from firmware_model.profile import TokenType
from hosttools.refserver import Kind, Policy
from hosttools.refserver.policies import POLICIES
from hosttools.scenarios.model import Scenario
from hosttools.scenarios.results import Moment, Result, StepResult
from hosttools.scenarios.run import run
from hosttools.scenarios.under_test import reference

_BLOCKED: Final[Mapping[str, tuple[str, ...]]] = {
    Kind.LOCKED.value: ("lock_after",),
    Kind.THROTTLED.value: ("throttle_s", "throttle_max_s"),
    Kind.RESYNC_BLOCKED.value: ("resync_limit",),
}
_FORMS: Final = frozenset({"sync", "resync", "add"})
_BY_CODE: Final = {
    TokenType.EVENT: ("look_ahead",),
    TokenType.TIME: ("steps_back", "steps_forward", "track_drift"),
}
_BY_PAIR: Final = {
    TokenType.EVENT: ("resync_window", "resync_unlocks"),
    TokenType.TIME: ("resync_steps", "pair_gap", "resync_unlocks"),
}


@dataclass(frozen=True, slots=True)
class Voice:
    """What one policy makes of the submission on which they disagree.

    Attributes:
        policy: its name.
        accepted: whether it takes it; ``None``: nothing was submitted by then.
        said: the verdict, in words, without digits.
        settings: those of its settings that decide here.
    """

    policy: str
    accepted: bool | None
    said: str
    settings: Mapping[str, int | bool]


@dataclass(frozen=True, slots=True)
class Disagreement:
    """The first submission that some policies take and others refuse.

    Attributes:
        step: in which step.
        submission: which of that step's, from 1.
        voices: what each policy makes of it.
    """

    step: int
    submission: int
    voices: tuple[Voice, ...]

    @property
    def told(self) -> str:
        """In words."""
        which = f", submission {self.submission}" if self.submission > 1 else ""
        lines = [f"They first disagree at step {self.step}{which}:"]
        for voice in self.voices:
            word = {True: "accepted", False: "refused", None: "not asked"}[voice.accepted]
            settings = ", ".join(f"{key} = {str(v).lower()}" for key, v in voice.settings.items())
            lines.append(f"  {voice.policy}: {word} ({settings}): {voice.said}")
        return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class Comparison:
    """One scenario on many policies.

    Attributes:
        results: by the policy's name.
        disagreement: the first one; ``None``: they agree on everything.
    """

    results: Mapping[str, Result]
    disagreement: Disagreement | None

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain values, for JSON."""
        first = self.disagreement
        return {
            "schema": 1,
            "results": {name: result.as_dict() for name, result in self.results.items()},
            "disagreement": None
            if first is None
            else {
                "step": first.step,
                "submission": first.submission,
                "voices": [
                    {
                        "policy": voice.policy,
                        "accepted": voice.accepted,
                        "said": voice.said,
                        "settings": dict(voice.settings),
                    }
                    for voice in first.voices
                ],
            },
        }


def compare(scenario: Scenario, names: Sequence[str] = tuple(POLICIES)) -> Comparison:
    """Play a scenario on several policies; its own policy, and what it expects, don't count.

    Args:
        scenario: the history.
        names: which of :data:`hosttools.refserver.policies.POLICIES`.

    Raises:
        ScenarioError: it can't be.
    """
    results = {
        name: run(scenario, reference(POLICIES[name].policy, name), keep_going=True)
        for name in names
    }
    return Comparison(results, _first(results))


def _first(results: Mapping[str, Result]) -> Disagreement | None:
    asked = [[m for m in r.moments if m.accepted is not None] for r in results.values()]
    within = before = 0
    for row in zip_longest(*asked):
        there = [moment for moment in row if moment is not None]
        step = min(moment.step for moment in there)
        within, before = (within + 1 if step == before else 1), step
        # One that went on to a later step was not asked in this one.
        now = [m if m is not None and m.step == step else None for m in row]
        if len({None if m is None else m.accepted for m in now}) > 1:
            voices = [
                _voice(name, result, step, moment)
                for (name, result), moment in zip(results.items(), now, strict=True)
            ]
            return Disagreement(step, within, tuple(voices))
    return None


def _voice(name: str, result: Result, number: int, moment: Moment | None) -> Voice:
    step = result.steps[number - 1]
    timed = moment is not None and moment.view is not None and moment.view.step_offset is not None
    settings = _settings(step, TokenType.TIME if timed else TokenType.EVENT)
    policy: Policy = POLICIES[name].policy
    return Voice(
        name,
        None if moment is None else moment.accepted,
        step.said,
        {key: getattr(policy, key) for key in settings},
    )


def _settings(step: StepResult, token_type: TokenType) -> tuple[str, ...]:
    """Return which settings decide what came of a step."""
    if step.kind in _BLOCKED:
        return _BLOCKED[step.kind]
    return (_BY_PAIR if step.do in _FORMS else _BY_CODE)[token_type]


def table(comparison: Comparison) -> str:
    """Return what each policy makes of each submission, one step in a line."""
    names = list(comparison.results)
    columns = [max(len(name), 15) + 2 for name in names]
    head = "".join(f"{name:<{w}}" for name, w in zip(names, columns, strict=True))
    lines = [f" step do          {head}".rstrip()]
    for row in zip(*(result.steps for result in comparison.results.values()), strict=True):
        if not any(step.outcome for step in row) and row[0].do not in {"holder", "race", "desync"}:
            continue
        cells = [step.kind or step.outcome or _short(step) for step in row]
        told = "".join(f"{cell:<{w}}" for cell, w in zip(cells, columns, strict=True))
        mark = "*" if len(set(cells)) > 1 else " "
        lines.append(f"{row[0].number:>5}{mark}{row[0].do:<12}{told}".rstrip())
    first = comparison.disagreement
    return "\n".join([*lines, "", "They agree on everything." if first is None else first.told])


def _short(step: StepResult) -> str:
    return step.said.rpartition(", ")[2]
