"""What happened, in words and as plain values, and how sure that is. No digits, no secrets."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any, Final

from firmware_model.profile import SECOND
from hosttools.diagnosis.event import EventFacts, Order, event_facts, order
from hosttools.diagnosis.explain import Diagnosis, Explanation, Seen
from hosttools.diagnosis.timed import TimeFacts, time_facts
from hosttools.diagnosis.typos import AS_SHOWN, WORN
from hosttools.holder.acts import SlipKind
from hosttools.refserver.policy import Policy
from hosttools.refserver.record import Status

SHOWN: Final = 5
"""Explanations that are told."""

LEAST: Final = 1e-3
"""Probability below which one is not, unless it is the best."""

CRYSTAL_PPM: Final = 50
"""Past what a crystal does: TF20, ±20 ppm and its curve between -5 and 55 °C."""


def told(diagnosis: Diagnosis) -> tuple[Explanation, ...]:
    """Return the explanations that are worth telling."""
    some = diagnosis.explanations[:SHOWN]
    return tuple(e for i, e in enumerate(some) if not i or e.probability >= LEAST)


def as_lines(
    diagnosis: Diagnosis, times_ns: Sequence[int], last_ns: int | None = None
) -> Iterator[str]:
    """Yield what happened, line by line.

    Args:
        diagnosis: what was found.
        times_ns: see :func:`hosttools.diagnosis.timed.time_facts`.
        last_ns: likewise.

    Raises:
        UsageError: likewise.
    """
    best = diagnosis.best
    if best is None:
        yield "none of these codes is of any token searched, nor a slip of one that is known here"
        yield f"  {_searched(diagnosis)}; {percent(diagnosis.unexplained)} sure"
        yield "  another token, another seed, or farther off than was searched: --search N goes on"
    else:
        yield f"{best.subject.config.serial}: {_codes(best)}"
        for line in _facts_lines(best, times_ns, last_ns):
            yield f"  {line}"
        yield f"  how sure: {percent(best.probability)}, {_word(best.probability)}"
        yield (
            f"  chance that random digits fit as well somewhere in what was searched:"
            f" {chance(best.coincidence)}"
        )
        yield f"  {_searched(diagnosis)}"
    others = [explanation for explanation in told(diagnosis) if explanation is not best]
    if others:
        yield "other explanations:" if best else "least unlikely:"
    for other in others:
        yield f"  {percent(other.probability):>9}  {other.subject.config.serial}: {_codes(other)}"
    if best is not None and diagnosis.unexplained >= LEAST:
        yield f"  {percent(diagnosis.unexplained):>9}  none of the tokens searched"


def as_mapping(
    diagnosis: Diagnosis, times_ns: Sequence[int], last_ns: int | None = None
) -> dict[str, Any]:
    """Return the same as plain values, for JSON. Raises as :func:`as_lines`."""
    return {
        "explained": diagnosis.best is not None,
        "searched": {"tokens": diagnosis.tokens, "codes": diagnosis.factors},
        "unexplained": diagnosis.unexplained,
        "explanations": [_mapping(e, times_ns, last_ns) for e in told(diagnosis)],
    }


def percent(probability: float) -> str:
    """Write a probability; what is no certainty is never called one.

    >>> percent(0.999999), percent(0.5), percent(0.00001)
    ('> 99.99 %', '50 %', '< 0.01 %')
    """
    if probability > 0.9999:  # noqa: PLR2004  # more places say nothing
        return "> 99.99 %"
    if probability < 0.0001:  # noqa: PLR2004  # likewise
        return "< 0.01 %"
    return f"{probability * 100:.4g} %"


def chance(probability: float) -> str:
    """Write a small probability as odds.

    >>> chance(1 / 1428317), chance(0.4)
    ('1 in 1,400,000', '40 %')
    """
    if probability > 0.1:  # noqa: PLR2004  # odds say less
        return percent(probability)
    if probability < 1e-15:  # noqa: PLR2004  # nobody counts on
        return "less than 1 in 10^15"
    odds = round(1 / probability)
    return f"1 in {round(odds, 2 - len(str(odds))):,}"


def _word(probability: float) -> str:
    for least, word in ((0.999, "as good as certain"), (0.95, "very likely"), (0.5, "likely")):
        if probability >= least:
            return word
    return "a guess: another code would tell"


def _searched(diagnosis: Diagnosis) -> str:
    tokens = "1 token" if diagnosis.tokens == 1 else f"{diagnosis.tokens:,} tokens"
    return f"searched: {diagnosis.factors:,} codes of {tokens}"


def _codes(explanation: Explanation) -> str:
    unit = "step" if explanation.subject.timed else "counter"
    many = len(explanation.seen) > 1
    return "; ".join(
        (f"code {number} is " if many else "the code is ") + _code(seen, unit)
        for number, seen in enumerate(explanation.seen, 1)
    )


def _code(seen: Seen | None, unit: str) -> str:
    if seen is None:
        return "none of its codes"
    return f"{unit} {seen.factor}{_slip(seen)}"


def _slip(seen: Seen) -> str:
    reading, digit = seen.reading, seen.reading.place + 1
    if reading.worn is not None:
        return f", read from an LCD whose digit {digit} has a dead segment {reading.worn.segment}"
    if reading.slip is SlipKind.TRANSPOSED:
        return f", with digits {digit} and {digit + 1} transposed"
    if reading.slip is SlipKind.MISTYPED:
        return f", with digit {digit} mistyped: a neighbour on the keypad"
    if reading.slip is SlipKind.PREVIOUS_CODE:
        return f", the code of the press before: the token had gone on to {seen.pressed}"
    return ""


def _facts_lines(best: Explanation, times_ns: Sequence[int], last_ns: int | None) -> Iterator[str]:
    subject = best.subject
    if subject.timed:
        facts = time_facts(best, times_ns, last_ns)
        yield from _order_lines(best, facts.gaps, "step")
        yield from _time_lines(best, facts)
    else:
        known = event_facts(best)
        yield from _order_lines(best, known.gaps, "press")
        yield from _event_lines(known)
    if subject.server is not None and subject.server.status is not Status.ACTIVE:
        yield f"the server has it as {subject.server.status.value}"
    if subject.reseeded:
        yield "the server has another secret for it than the seed file: it accepts no code of it"


def _order_lines(best: Explanation, gaps: Sequence[int], unit: str) -> Iterator[str]:
    numbers = [number for number, seen in enumerate(best.seen, 1) if seen is not None]
    for (a, b), gap in zip(pairwise(numbers), gaps, strict=True):
        what = order(gap)
        if what is Order.SAME:
            yield f"codes {a} and {b} are the same {unit}: one code typed twice"
        elif what is Order.BACKWARDS:
            yield f"code {b} is {_count(-gap, unit)} older than code {a}: the wrong order"
        elif what is Order.IN_A_ROW:
            yield f"codes {a} and {b} are consecutive, in order"
        elif unit == "press":
            yield f"codes {a} and {b} are not consecutive: {_count(gap - 1, unit)} in between"
        else:
            yield f"code {b} is {_count(gap, unit)} later than code {a}"


def _event_lines(facts: EventFacts) -> Iterator[str]:
    yield f"its next press uses counter {facts.next_counter}"
    if facts.ahead is None or facts.expected is None:
        yield "where its server is, is not known: --counter N or --server FILE tells"
        return
    for number in facts.replayed:
        yield (
            f"code {number} is replayed: used or skipped before, as the server expects"
            f" {facts.expected} by now"
        )
    if (early := facts.expected - facts.next_counter) > 0:
        yield (
            f"if it was not pressed since, the server is {_count(early, 'press')} ahead of it, and"
            " refuses as many codes"
        )
    if facts.ahead < 0:
        return
    if not facts.ahead:
        yield f"just what the server expects, {facts.expected}"
        return
    usual = Policy()
    yield (
        f"{_count(facts.ahead, 'press')} ahead of the server, which expects {facts.expected}"
        " and has not heard of them"
    )
    if facts.ahead <= usual.look_ahead:
        yield f"within the usual look-ahead of {usual.look_ahead}: it is accepted"
    elif facts.ahead <= usual.resync_window:
        yield (
            f"past the usual look-ahead of {usual.look_ahead}: refused; a resync within the usual"
            f" {usual.resync_window} brings it back"
        )
    else:
        yield f"past the usual resync window of {usual.resync_window}: only an operator can help"


def _time_lines(best: Explanation, facts: TimeFacts) -> Iterator[str]:
    low, high = facts.low_ns / SECOND, facts.high_ns / SECOND
    beyond = facts.offset_steps - best.subject.drift_steps
    yield (
        f"its clock is {facts.offset_steps:+d} steps off, {low:+.1f} to {high:+.1f} s"
        + (f"; {beyond:+d} from where it was last known" if best.subject.drift_steps else "")
    )
    if facts.ppm is None:
        yield "how fast it runs is not known: --last TIME, the last sign of life, tells"
        return
    yield f"since the last sign of life it ran {facts.ppm:+.1f} ± {facts.ppm_error:.1f} ppm off"
    if abs(facts.ppm) - facts.ppm_error > CRYSTAL_PPM:
        yield "no crystal is so far off: its clock stood still, was set, or a time given is wrong"


def _count(number: int, unit: str) -> str:
    plural = {"press": "presses", "step": "steps"}[unit]
    return f"{number} {unit if number == 1 else plural}"


def _mapping(
    explanation: Explanation, times_ns: Sequence[int], last_ns: int | None
) -> dict[str, Any]:
    subject = explanation.subject
    found: dict[str, Any] = {
        "serial": subject.config.serial,
        "token_type": subject.config.token_type.value,
        "probability": explanation.probability,
        "coincidence": explanation.coincidence,
        "text": _codes(explanation),
        "codes": [_seen_mapping(seen) for seen in explanation.seen],
        "server": None
        if subject.server is None
        else {"status": subject.server.status.value, "same_secret": not subject.reseeded},
    }
    if subject.timed:
        clock = time_facts(explanation, times_ns, last_ns)
        return found | {
            "order": [order(gap).value for gap in clock.gaps],
            "offset_steps": clock.offset_steps,
            "offset_s": [clock.low_ns / SECOND, clock.high_ns / SECOND],
            "ppm": clock.ppm,
            "ppm_error": None if clock.ppm is None else clock.ppm_error,
        }
    facts = event_facts(explanation)
    return found | {
        "order": [order(gap).value for gap in facts.gaps],
        "next_counter": facts.next_counter,
        "server_expects": facts.expected,
        "ahead": facts.ahead,
        "replayed": list(facts.replayed),
    }


def _seen_mapping(seen: Seen | None) -> dict[str, Any] | None:
    if seen is None:
        return None
    kind = seen.reading.kind
    digit = kind in {WORN, SlipKind.TRANSPOSED.value, SlipKind.MISTYPED.value}
    return {
        "factor": seen.factor,
        "slip": None if kind == AS_SHOWN else kind,
        "digit": seen.reading.place + 1 if digit else None,
        "segment": None if seen.reading.worn is None else seen.reading.worn.segment,
    }
