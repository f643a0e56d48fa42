"""The rounds of SHA-1 and SHA-256 as LLVM IR over vectors, a lane a code.

A value is a name in the IR, or a number that all lanes share: what numbers make of each
other is worked out here and costs nothing at run time, as most of HOTP's two blocks is
padding. Names within a hash are those of FIPS 180-4 section 6.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from firmware_model.oath import Algorithm
from hosttools.kernel.hashes import SHA1, SHA256, Hash

Value = str | int

_ALL: Final = 0xFFFFFFFF


class Body:
    """The lines of a function's body, and the names given in them.

    Args:
        lanes: of a vector.
    """

    def __init__(self, lanes: int) -> None:
        self.lanes: Final = lanes
        self.vector: Final = f"<{lanes} x i32>"
        self.lines: list[str] = []
        self._rotate: Final = f"call {self.vector} @llvm.fshl.v{lanes}i32"
        self._named = 0

    def name(self, text: str) -> str:
        """Write an instruction and return the name of its value."""
        self._named += 1
        self.lines.append(f"%v{self._named} = {text}")
        return f"%v{self._named}"

    def text(self, value: Value) -> str:
        """Return a value as an operand."""
        return f"splat (i32 {value})" if isinstance(value, int) else value

    def op(self, name: str, left: Value, right: Value) -> str:
        """Write an instruction of two operands."""
        return self.name(f"{name} {self.vector} {self.text(left)}, {self.text(right)}")

    def add(self, *values: Value) -> Value:
        """Add modulo 2**32."""
        total = sum(value for value in values if isinstance(value, int)) & _ALL
        return self._all("add", [value for value in values if isinstance(value, str)], total)

    def xor(self, *values: Value) -> Value:
        """Add without carry."""
        total = 0
        for value in values:
            total ^= value if isinstance(value, int) else 0
        return self._all("xor", [value for value in values if isinstance(value, str)], total)

    def rotate(self, value: Value, left: int) -> Value:
        """Rotate to the left."""
        if isinstance(value, int):
            return (value << left | value >> 32 - left) & _ALL
        return self.funnel(value, value, left)

    def funnel(self, high: Value, low: Value, left: Value) -> str:
        """Shift two words to the left together, and return the upper one."""
        operands = (f"{self.vector} {self.text(value)}" for value in (high, low, left))
        return self.name(f"{self._rotate}({', '.join(operands)})")

    def shift(self, value: Value, right: int) -> Value:
        """Shift to the right."""
        return value >> right if isinstance(value, int) else self.op("lshr", value, right)

    def at(self, pointer: str, index: Value) -> str:
        """Return where a vector is, of several in a row."""
        return self.name(f"getelementptr {self.vector}, ptr {pointer}, i64 {index}")

    def load(self, pointer: str, index: Value) -> str:
        """Read a vector, of several in a row."""
        return self.name(f"load {self.vector}, ptr {self.at(pointer, index)}")

    def store(self, value: Value, pointer: str, index: Value) -> None:
        """Write a vector, of several in a row."""
        self.lines.append(f"store {self.vector} {self.text(value)}, ptr {self.at(pointer, index)}")

    def _all(self, name: str, values: list[str], number: int) -> Value:
        if not values:
            return number
        last = values[0]
        for value in values[1:]:
            last = self.op(name, last, value)
        return self.op(name, last, number) if number else last


State = tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Rounds:
    """What a hash does to vectors.

    Attributes:
        hash: its numbers.
        count: how many rounds.
        unlike: rounds at which another function begins.
        turn: rounds after which each variable has its place again.
        word: a further word of the schedule, of those 16, 15, 14, 7, 3 and 2 places before.
        round: the state after one: of a state, the word with its constant, and its number.
    """

    hash: Hash
    count: int
    unlike: Sequence[int]
    turn: int
    word: Callable[[Body, Callable[[int], Value]], Value]
    round: Callable[[Body, State, Value, int], State]

    def k(self, number: int) -> int:
        """Return the constant of a round."""
        return self.hash.k[number * len(self.hash.k) // self.count]

    def compress(self, body: Body, state: State, block: Sequence[Value]) -> State:
        """Write one block's rounds one after the other, and return the state after it."""
        words, after = list(block), state
        for number in range(self.count):
            if number >= len(block):
                words.append(self.word(body, lambda back: words[number - back]))  # noqa: B023  # called at once
            # Numbers first, the longest awaited last.
            after = self.round(body, after, body.add(words[number], self.k(number)), number)
        return tuple(body.add(*pair) for pair in zip(state, after, strict=True))


def _sha1_word(body: Body, back: Callable[[int], Value]) -> Value:
    return body.rotate(body.xor(back(3), back(8), back(14), back(16)), 1)


def _sha1_round(body: Body, state: State, word: Value, number: int) -> State:
    a, b, c, d, e = state
    quarter = number // 20
    if quarter == 0:
        mixed: Value = _choose(body, b, c, d)
    elif quarter == 2:  # noqa: PLR2004  # the third
        mixed = _majority(body, b, c, d)
    else:
        mixed = body.xor(b, c, d)
    first = body.add(body.add(word, e), mixed, body.rotate(a, 5))
    return first, a, body.rotate(b, 30), c, d


def _sha256_word(body: Body, back: Callable[[int], Value]) -> Value:
    near, far = back(2), back(15)
    far = body.xor(body.rotate(far, 25), body.rotate(far, 14), body.shift(far, 3))
    near = body.xor(body.rotate(near, 15), body.rotate(near, 13), body.shift(near, 10))
    return body.add(back(16), far, back(7), near)


def _sha256_round(body: Body, state: State, word: Value, _number: int) -> State:
    a, b, c, d, e, f, g, h = state
    sigma = body.xor(*(body.rotate(e, 32 - right) for right in (6, 11, 25)))
    first = body.add(body.add(word, h), _choose(body, e, f, g), sigma)
    sigma = body.xor(*(body.rotate(a, 32 - right) for right in (2, 13, 22)))
    second = body.add(sigma, _majority(body, a, b, c))
    return body.add(first, second), a, b, c, body.add(d, first), e, f, g


def _choose(body: Body, b: Value, c: Value, d: Value) -> str:
    return body.op("xor", body.op("and", body.xor(c, d), b), d)


def _majority(body: Body, b: Value, c: Value, d: Value) -> str:
    return body.op("or", body.op("and", b, c), body.op("and", body.xor(b, c), d))


ROUNDS: Final = {
    Algorithm.SHA1: Rounds(SHA1, 80, (0, 20, 40, 60), 5, _sha1_word, _sha1_round),
    Algorithm.SHA256: Rounds(SHA256, 64, (0,), 8, _sha256_word, _sha256_round),
}
