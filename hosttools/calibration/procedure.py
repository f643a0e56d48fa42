"""The whole measurement as a generator: prompts out, answers in, findings at the end.

A step can be skipped, which leaves its settings to the base, or done again. One
that missed its moment, or whose result no token can have, is done again by itself.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final

from firmware_model.errors import ProfileError
from firmware_model.profile import Profile
from hosttools.calibration.dialog import Again, Dialog, Fob, Skipped, ask
from hosttools.calibration.evidence import seconds
from hosttools.calibration.findings import Findings, findings
from hosttools.calibration.observations import Observations
from hosttools.calibration.prompts import Answer, Cue, Mark, Prompt, Tell
from hosttools.calibration.steps import STEPS, Step

INTRODUCTION: Final = (
    "You need the fob, and a hand for it beside the one at the keyboard.",
    (
        "It will be pressed six to twenty times. An event-based token gets ahead of its server by"
        " that, and may need a resync afterwards: use one that you can spare."
    ),
    "Codes are typed to compare them. They don't show, and are kept nowhere.",
    (
        "To any question, skip leaves its step out and again begins the step anew; Ctrl-C ends"
        " all of it and writes nothing."
    ),
)


def measure(base: Profile) -> Dialog[Findings]:
    """Lead a person through all steps.

    Args:
        base: the profile that gives what is not found out.

    Returns:
        A generator: it yields prompts and is sent an answer to each but
        :class:`~hosttools.calibration.prompts.Tell`.
    """
    fob = Fob(base)
    seen = Observations()
    for text in INTRODUCTION:
        yield Tell(text)
    for step in STEPS:
        if step.applies(seen, fob):
            seen, fob = yield from _take(step, seen, fob)
    return findings(seen, base)


def conduct(dialog: Dialog[Findings], answer: Callable[[Prompt], Answer | None]) -> Findings:
    """Run a measurement.

    Args:
        dialog: see :func:`measure`.
        answer: shows a prompt and returns what was typed; ``None`` to a ``Tell``.
    """
    given: Answer | None = None
    while True:
        try:
            prompt = dialog.send(given)
        except StopIteration as end:
            found: Findings = end.value
            return found
        given = answer(prompt)


def _take(step: Step, seen: Observations, fob: Fob) -> Dialog[tuple[Observations, Fob]]:
    """Do a step until it is well; an attempt that isn't leaves nothing behind."""
    yield Tell(step.title, heading=True)
    yield Tell(step.why)
    try:
        yield from ask(Mark(Cue.BEGIN, "Enter to begin, or skip.", timed=False))
    except Again:
        pass  # it begins in any case
    except Skipped:
        return seen, fob
    while True:
        attempt = fob.copy()
        try:
            after = yield from step.run(seen, attempt)
            after = replace(after, digits=attempt.digits)
            for text in _news(seen, after, fob.base):
                yield Tell(text)
            yield from ask(Mark(Cue.CONFIRM, "Enter to go on, or again, or skip.", timed=False))
        except Skipped:
            return seen, fob
        except Again as e:
            yield Tell(f"Once more: {e}." if e.args else "Once more.")
        except ProfileError as e:
            yield Tell(f"No token is like that: {e}. Once more.")
        else:
            return after, attempt


def _news(before: Observations, after: Observations, base: Profile) -> Iterator[str]:
    """Say what a step has found out.

    Raises:
        ProfileError: no token can be like that.
    """
    old, new = findings(before, base), findings(after, base)
    new.apply(base)
    for name, finding in new.settings.items():
        if old.settings.get(name) != finding:
            time = isinstance(finding.value, int) and name.endswith("_ns")
            value = f"{seconds(int(finding.value))} s" if time else finding.value
            yield f"{name} = {value} ({finding.how})"
    yield from (remark for remark in new.remarks if remark not in old.remarks)
