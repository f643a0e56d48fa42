"""A module of LLVM IR with the two functions that the kernel calls, for one hash.

``codes``: of n counters, each with the state of its key. HOTP is written out round by
round, once for all lanes: a vector has the codes of as many counters as it has lanes.
``digests``: of n blocks of 16 words, from the hash's start. It prepares keys, which is
seldom, and so its rounds are loops, which compile in a tenth of the time.

The text is checked by nobody but LLVM, and what it computes by :mod:`compiled`.
"""

from typing import Final

from firmware_model.oath import Algorithm
from hosttools.kernel.hashes import NUMBERS, PADDING
from hosttools.kernel.rounds import ROUNDS, Body, Rounds, State, Value

_BLOCK_WORDS: Final = 16


def module(algorithm: Algorithm, lanes: int) -> str:
    """Return the module's text.

    Args:
        algorithm: SHA1 or SHA256.
        lanes: of a vector of 32-bit words, as the machine has them: 4, 8 or 16.
    """
    rounds = ROUNDS[algorithm]
    vector = f"<{lanes} x i32>"
    # Without it, LLVM halves the widest vectors on machines that it thinks slow at them.
    width = f'"min-legal-vector-width"="{32 * lanes}" "prefer-vector-width"="{32 * lanes}"'
    return f"""
declare {vector} @llvm.fshl.v{lanes}i32({vector}, {vector}, {vector})
{_numbers(rounds, lanes)}
{_codes(rounds, lanes)}
{_digests(rounds, lanes)}
attributes #0 = {{ nounwind {width} }}
"""


def _numbers(rounds: Rounds, lanes: int) -> str:
    """Return the function that makes truncated numbers of states and counters."""
    body, size = Body(lanes), rounds.hash.words
    inner, outer = (
        tuple(body.load("%states", first + i) for i in range(size)) for first in (0, size)
    )
    factor: list[Value] = ["%high", "%low", PADDING, *[0] * 12, rounds.hash.factor_bits]
    digest = rounds.compress(body, inner, factor)
    padding: list[Value] = [PADDING, *[0] * (14 - size), rounds.hash.digest_bits]
    mac = rounds.compress(body, outer, [*digest, *padding])
    number = _truncated(body, lanes, mac)
    lines = "\n  ".join(body.lines)
    arguments = f"ptr %states, {body.vector} %high, {body.vector} %low"
    return f"""
define internal {body.vector} @numbers({arguments}) noinline #0 {{
  {lines}
  ret {body.vector} {number}
}}"""


def _truncated(body: Body, lanes: int, mac: State) -> str:
    """Write what RFC 4226 section 5.3 makes of a MAC.

    Four bytes from any of the first 16: two neighbouring words, and a shift.
    """

    def chosen(words: State) -> str:
        low = [pick("%one", words[i + 1], words[i]) for i in (0, 2)]
        return pick("%two", low[1], low[0])

    def pick(bit: str, this: Value, that: Value) -> str:
        return body.name(f"select <{lanes} x i1> {bit}, {body.vector} {this}, {body.vector} {that}")

    offset = mac[-1]
    for bit, weight in (("%one", 4), ("%two", 8)):
        masked = body.op("and", offset, weight)
        body.lines.append(f"{bit} = icmp ne {body.vector} {masked}, zeroinitializer")
    shift = body.op("shl", body.op("and", offset, 3), 3)
    number = body.funnel(chosen(mac[:4]), chosen(mac[1:5]), shift)
    return body.op("and", number, NUMBERS - 1)


def _codes(rounds: Rounds, lanes: int) -> str:
    """Return the function that is called for arrays of counters.

    Row ``keys[i]`` of the midstates, or row i, is copied into lane i; ``step`` is how many
    words a row is behind the one before: 0 if one serves all. The last vector's idle lanes
    do the last counter again. ``magic`` and ``shift`` divide by the modulus.
    """
    words, wide, long = 2 * rounds.hash.words, f"<{lanes} x i32>", f"<{lanes} x i64>"
    copies = "\n".join(
        f"""  %from{i} = getelementptr i32, ptr %row, i64 {i}
  %word{i} = load i32, ptr %from{i}
  %to{i} = getelementptr {wide}, ptr %states, i64 {i}, i64 %lane
  store i32 %word{i}, ptr %to{i}"""
        for i in range(words)
    )
    return f"""
define void @codes(ptr %rows, i64 %step, ptr %keys, ptr %counters, i64 %count, ptr %codes,
                   i32 %modulus, i64 %magic, i64 %shift) #0 {{
entry:
  %states = alloca [{words} x {wide}], align 64
  %factors = alloca {long}, align 64
  %some = alloca {wide}, align 64
  %last = sub i64 %count, 1
  %direct = icmp eq ptr %keys, null
{_splat("%modulus", "i32", lanes)}
{_splat("%magic", "i64", lanes)}
{_splat("%shift", "i64", lanes)}
  br label %vectors
vectors:
  %begin = phi i64 [0, %entry], [%end, %next]
  %end = add i64 %begin, {lanes}
  br label %fill
fill:
  %lane = phi i64 [0, %vectors], [%after, %store]
  %place = add i64 %begin, %lane
  %over = icmp ugt i64 %place, %last
  %item = select i1 %over, i64 %last, i64 %place
  br i1 %direct, label %copy, label %look
look:
  %keyat = getelementptr i64, ptr %keys, i64 %item
  %key = load i64, ptr %keyat
  br label %copy
copy:
  %which = phi i64 [%item, %fill], [%key, %look]
  %start = mul i64 %which, %step
  %row = getelementptr i32, ptr %rows, i64 %start
{copies}
  %ahead = add i64 %item, {lanes}
  %beyond = icmp ugt i64 %ahead, %last
  %later = select i1 %beyond, i64 %last, i64 %ahead
  br i1 %direct, label %store, label %fetch
fetch:
  %laterat = getelementptr i64, ptr %keys, i64 %later
  %laterkey = load i64, ptr %laterat
  %laterstart = mul i64 %laterkey, %step
  %laterrow = getelementptr i32, ptr %rows, i64 %laterstart
  %laterend = getelementptr i32, ptr %laterrow, i64 {words - 1}
  call void @llvm.prefetch.p0(ptr %laterrow, i32 0, i32 3, i32 1)
  call void @llvm.prefetch.p0(ptr %laterend, i32 0, i32 3, i32 1)
  br label %store
store:
  %counterat = getelementptr i64, ptr %counters, i64 %item
  %counter = load i64, ptr %counterat
  %factorat = getelementptr i64, ptr %factors, i64 %lane
  store i64 %counter, ptr %factorat
  %after = add i64 %lane, 1
  %more = icmp ult i64 %after, {lanes}
  br i1 %more, label %fill, label %compute
compute:
  %factor = load {long}, ptr %factors
  %low = trunc {long} %factor to {wide}
  %upper = lshr {long} %factor, splat (i64 32)
  %high = trunc {long} %upper to {wide}
  %number = call {wide} @numbers(ptr %states, {wide} %high, {wide} %low)
  %number64 = zext {wide} %number to {long}
  %product = mul {long} %number64, %magics
  %quotient64 = lshr {long} %product, %shifts
  %quotient = trunc {long} %quotient64 to {wide}
  %multiple = mul {wide} %quotient, %moduluss
  %code = sub {wide} %number, %multiple
  %codeat = getelementptr i32, ptr %codes, i64 %begin
  %full = icmp ule i64 %end, %count
  br i1 %full, label %all, label %part
all:
  store {wide} %code, ptr %codeat, align 4
  br label %next
part:
  store {wide} %code, ptr %some
  %left = sub i64 %count, %begin
  %bytes = mul i64 %left, 4
  call void @llvm.memcpy.p0.p0.i64(ptr %codeat, ptr %some, i64 %bytes, i1 false)
  br label %next
next:
  %again = icmp ult i64 %end, %count
  br i1 %again, label %vectors, label %done
done:
  ret void
}}"""


def _splat(name: str, kind: str, lanes: int) -> str:
    """Return the lines that put a number into all lanes, under its name in the plural."""
    vector = f"<{lanes} x {kind}>"
    return f"""  {name}1 = insertelement {vector} poison, {kind} {name}, i64 0
  {name}s = shufflevector {vector} {name}1, {vector} poison, <{lanes} x i32> zeroinitializer"""


def _digests(rounds: Rounds, lanes: int) -> str:
    """Return the function that hashes blocks: word 0 of all, then word 1 of all, and so on.

    ``count`` is a multiple of the lanes. Digests are laid out likewise.
    """
    body, count = Body(lanes), rounds.count
    words: list[Value] = []
    for i in range(count):
        if i < _BLOCK_WORDS:
            word = body.name(f"load {body.vector}, ptr {_part(body, '%blocks', i)}, align 4")
        else:
            word = body.text(rounds.word(body, lambda back: words[-back]))
        words.append(word)
        body.store(word, "%words", i)
    body.lines.append(f"br label %round{rounds.unlike[0]}")
    state: State = rounds.hash.start
    before = "vectors"
    for first, end in zip(rounds.unlike, [*rounds.unlike[1:], count], strict=True):
        after = f"round{end}" if end < count else "sums"
        state = _turns(body, rounds, state, before, range(first, end), after)
        before = f"round{first}"
    body.lines.append("sums:")
    for i, (start, last) in enumerate(zip(rounds.hash.start, state, strict=True)):
        total = body.text(body.add(start, last))
        body.lines.append(f"store {body.vector} {total}, ptr {_part(body, '%digests', i)}, align 4")
    table = ", ".join(f"i32 {rounds.k(number)}" for number in range(count))
    lines = "\n  ".join(body.lines)
    return f"""
@k = private constant [{count} x i32] [{table}]
define void @digests(ptr %blocks, i64 %count, ptr %digests) #0 {{
entry:
  %words = alloca [{count} x {body.vector}], align 64
  br label %vectors
vectors:
  %begin = phi i64 [0, %entry], [%end, %sums]
  {lines}
  %end = add i64 %begin, {lanes}
  %again = icmp ult i64 %end, %count
  br i1 %again, label %vectors, label %done
done:
  ret void
}}"""


def _part(body: Body, pointer: str, word: int) -> str:
    """Write where a word of the vector's lanes is, among those of all."""
    row = body.name(f"mul i64 %count, {word}")
    index = body.name(f"add i64 {row}, %begin")
    return body.name(f"getelementptr i32, ptr {pointer}, i64 {index}")


def _turns(
    body: Body, rounds: Rounds, state: State, before: str, numbers: range, after: str
) -> State:
    """Write rounds of one kind as a loop, and return the state at its end.

    Args:
        body: where to.
        rounds: of the hash.
        state: before them.
        before: the label of what comes before.
        numbers: which rounds.
        after: the label of what comes after.
    """
    label = f"round{numbers.start}"
    held: State = tuple(f"%held{numbers.start}.{i}" for i in range(len(state)))
    number, following = f"%number{numbers.start}", f"%following{numbers.start}"
    body.lines.append(f"{label}:")
    at = len(body.lines)
    last = held
    for turn in range(rounds.turn):
        index = body.name(f"add i64 {number}, {turn}")
        constant = body.name(
            f"load i32, ptr {body.name(f'getelementptr i32, ptr @k, i64 {index}')}"
        )
        first = body.name(f"insertelement {body.vector} poison, i32 {constant}, i64 0")
        k = body.name(
            f"shufflevector {body.vector} {first}, {body.vector} poison,"
            f" <{body.lanes} x i32> zeroinitializer"
        )
        word = body.add(body.load("%words", index), k)
        last = rounds.round(body, last, word, numbers.start)
    body.lines[at:at] = [
        f"{into} = phi {body.vector} [{body.text(start)}, %{before}], [{end}, %{label}]"
        for into, start, end in zip(held, state, last, strict=True)
    ] + [f"{number} = phi i64 [{numbers.start}, %{before}], [{following}, %{label}]"]
    body.lines += [
        f"{following} = add i64 {number}, {rounds.turn}",
        f"%more{numbers.start} = icmp ult i64 {following}, {numbers.stop}",
        f"br i1 %more{numbers.start}, label %{label}, label %{after}",
    ]
    return last
