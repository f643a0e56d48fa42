"""The VCD reads back, by pyvcd's own tokenizer, as what was written."""

import io
import sys

import pytest
from vcd.reader import TokenKind, tokenize

from hosttools.errors import UsageError
from hosttools.trace import SIGNALS, Sample, to_vcd
from hosttools.trace.vcd import TICK_NS

Value = int | float | str


def read(data: bytes) -> tuple[dict[str, str], dict[int, dict[str, Value]]]:
    """Return the types by name, and the changes by time and name."""
    types: dict[str, str] = {}
    names: dict[str, str] = {}
    changes: dict[int, dict[str, Value]] = {0: {}}
    now = 0
    for token in tokenize(io.BytesIO(data)):
        if token.kind is TokenKind.VAR:
            types[token.var.reference] = token.var.type_.value
            names[token.var.id_code] = token.var.reference
        elif token.kind is TokenKind.TIMESCALE:
            assert "1 us" == str(token.timescale)
        elif token.kind is TokenKind.CHANGE_TIME:
            now = token.time_change
            changes.setdefault(now, {})
        elif token.kind is TokenKind.CHANGE_SCALAR:
            changes[now][names[token.scalar_change.id_code]] = int(token.scalar_change.value)
        elif token.kind is TokenKind.CHANGE_VECTOR:
            changes[now][names[token.vector_change.id_code]] = token.vector_change.value
        elif token.kind is TokenKind.CHANGE_REAL:
            changes[now][names[token.real_change.id_code]] = token.real_change.value
        elif token.kind is TokenKind.CHANGE_STRING:
            changes[now][names[token.string_change.id_code]] = token.string_change.value
    return types, changes


def test_reads_back(samples: list[Sample]) -> None:
    """At every tick each signal has the value of the last sample up to it."""
    _, changes = read(to_vcd(samples, "GALH00004226"))
    at_tick = {(s.at_ns - samples[0].at_ns) // TICK_NS: s for s in samples}
    values: dict[str, Value] = {}

    assert max(at_tick) == max(changes)
    for tick, sample in sorted(at_tick.items()):
        values |= changes.get(tick, {})
        expected = {s.name: "x" if s.value(sample) is None else s.value(sample) for s in SIGNALS}
        assert expected == values


def test_types(samples: list[Sample]) -> None:
    """Lines are wires, numbers are integers and reals, texts are strings."""
    types, _ = read(to_vcd(samples, "GALH00004226"))

    assert {"wire", "integer", "real", "string"} == set(types.values())
    assert ("wire", "string", "integer", "real") == tuple(
        types[name] for name in ("contact", "cpu", "factor", "supply_v")
    )


def test_text_with_spaces(samples: list[Sample]) -> None:
    """A screen with a gap in it stays one value."""
    shown = [samples[0], samples[1]._replace(screen="b  100")]
    _, changes = read(to_vcd(shown, "GALH00004226"))

    assert ["dark", "b\\x20\\x20100"] == [
        change["lcd_screen"] for change in changes.values() if "lcd_screen" in change
    ]


def test_largest_counter(samples: list[Sample]) -> None:
    """A factor of 64 bits is written whole."""
    largest = 2**64 - 1
    _, changes = read(to_vcd([samples[0]._replace(factor=largest)], "GALH00004226"))

    assert largest == changes[0]["factor"]


def test_no_code(samples: list[Sample]) -> None:
    """The code that was lit is not in it."""
    assert b"755224" not in to_vcd(samples, "GALH00004226")


def test_without_pyvcd(samples: list[Sample], monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the extra the error says how to get it."""
    monkeypatch.setitem(sys.modules, "vcd.writer", None)
    with pytest.raises(UsageError, match=r"pip install 'galh-emulator\[trace\]"):
        to_vcd(samples, "GALH00004226")
