"""What happened, in words: counters and distances, and no digits of any code."""

import json
from dataclasses import replace

import pytest

from firmware_model.oath import Secret
from firmware_model.profile import SECOND
from hosttools.diagnosis import as_lines, as_mapping, diagnose, subjects
from hosttools.manufacture import config_of
from hosttools.refserver import Record, Status
from tests.hosttools.diagnosis.ward import EVENT, NOW_NS, SEEDS, STEP, TIME, Ask, Codes


def _text(ask: Ask, typed: list[str], serial: str = EVENT, counter: int | None = None) -> str:
    return "\n".join(as_lines(ask(serial, typed, counter=counter), [NOW_NS]))


@pytest.mark.parametrize(
    ("counter", "factors", "words"),
    [
        (57, (57, 58), "just what the server expects"),
        (50, (57, 58), "within the usual look-ahead of 10"),
        (20, (57, 58), "37 presses ahead of the server"),
        (20, (57, 58), "a resync within the usual 1000 brings it back"),
        (0, (1057, 1058), "only an operator"),
        (58, (57, 58), "code 1 is replayed"),
        (60, (57, 58), "if it was not pressed since, the server is 1 press ahead of it"),
        (57, (57, 58), "codes 1 and 2 are consecutive, in order"),
        (57, (57, 60), "not consecutive: 2 presses in between"),
        (57, (58, 57), "code 2 is 1 press older than code 1"),
        (57, (57, 57), "one code typed twice"),
        (None, (57, 58), "--counter N or --server FILE"),
    ],
)
def test_event(
    ask: Ask, codes: Codes, counter: int | None, factors: tuple[int, ...], words: str
) -> None:
    """Distance, order and replay are told."""
    assert words in _text(ask, codes(EVENT, *factors), counter=counter)


def test_typos(ask: Ask, codes: Codes) -> None:
    """The digit that was mistyped is named by its place."""
    (code,) = codes(EVENT, 58)
    wrong = code[:2] + code[3] + code[2] + code[4:]
    told = _text(ask, [wrong], counter=57)
    assert "counter 58, with digits 3 and 4 transposed" in told
    assert code not in told


def test_time(ask: Ask, codes: Codes) -> None:
    """Steps, seconds and the rate are told; a rate that no crystal has, as such."""
    found = ask(TIME, codes(TIME, STEP + 6))
    year_ns, day_ns = 31_557_600 * SECOND, 86_400 * SECOND
    told = "\n".join(as_lines(found, [NOW_NS], NOW_NS - year_ns))
    assert "+6 steps off, +180.0 to +210.0 s" in told
    assert "it ran +6.2 ± 1.0 ppm off" in told
    assert "no crystal" not in told
    assert "no crystal" in "\n".join(as_lines(found, [NOW_NS], NOW_NS - day_ns))


def test_nothing(ask: Ask) -> None:
    """Codes of no token are told as such, and what to do."""
    told = _text(ask, ["000000", "111111"])
    assert told.startswith("none of these codes")
    assert "--search N" in told


def test_what_the_server_has(codes: Codes) -> None:
    """A locked token, and a server with another secret, are told."""
    record = replace(Record.of_token(config_of(SEEDS[EVENT])), status=Status.LOCKED)
    other = replace(record, secret=Secret(b"x" * 20))
    typed = codes(EVENT, 0, 1)
    suspects = subjects([SEEDS[EVENT]], [NOW_NS], typed, server={EVENT: other})
    told = "\n".join(as_lines(diagnose(suspects, typed, 100), [NOW_NS]))
    assert "the server has it as locked" in told
    assert "another secret" in told


def test_json(ask: Ask, codes: Codes) -> None:
    """The same as plain values, for both types; what was typed or meant is not in it."""
    typed = [*codes(EVENT, 57), *codes(EVENT, 58)]
    told = as_mapping(ask(EVENT, typed, counter=20), [NOW_NS])
    best = told["explanations"][0]
    assert (True, EVENT, 37, ["in_a_row"]) == (
        told["explained"],
        best["serial"],
        best["ahead"],
        best["order"],
    )
    assert [57, 58] == [code["factor"] for code in best["codes"]]
    assert not any(code in json.dumps(told) for code in typed)
    timed = as_mapping(ask(TIME, codes(TIME, STEP + 6)), [NOW_NS])
    assert 6 == timed["explanations"][0]["offset_steps"]
