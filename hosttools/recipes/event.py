"""Recipes of event tokens: presses, a torn write, a spare token with the same seed."""

from collections.abc import Iterator
from typing import Final

from firmware_model.oath import Key, hotp
from firmware_model.profile import SECOND, TokenType
from hosttools.errors import HostError
from hosttools.recipes.model import NotApplicable, Number, Reaction, Recipe
from hosttools.recipes.play import Play
from hosttools.refserver import Kind, Policy

_DEFAULT: Final = Policy()
_MOST: Final = 20_000
"""More presses than a fob has in its life (Symantec VIP fob: 15,000)."""

_SETTLE_S: Final = 1.0
"""Until the button has come to rest, and whatever might light has lit."""


def sign_and_resync(play: Play, _by: float) -> Iterator[Reaction]:
    """Sign; if that is refused, resync with two codes and sign again."""
    signed = play.sign()
    yield signed
    if signed.verdict.accepted:
        return
    resynced = play.resync()
    yield resynced
    if resynced.verdict.accepted:
        yield play.sign()


def _pocket(play: Play, by: float) -> None:
    for _ in range(round(by)):
        play.fresh_code()
    play.tell(f"pressed {by:,.0f} times in a pocket; the server hears nothing of it")


def _tear(play: Play, by: float) -> None:
    profile = play.profile
    if play.token.clock_mode() != "manual":
        raise NotApplicable(
            "a write is torn within milliseconds, which needs a clock that stands still;"
            " serve with --clock manual"
        )
    for _ in range(round(by)):
        play.ready()
        before = play.token.counter()
        play.token.down()
        play.token.advance((profile.debounce_ns + profile.commit_ns // 2) / SECOND)
        play.token.reset()
        play.token.up()
        play.token.advance(_SETTLE_S)
        if play.token.counter() != before + 1 or play.token.lcd().lit:
            raise HostError(
                f"token {play.serial} was to lose power in the middle of a commit and skip one"
                f" counter; it went from {before} to {play.token.counter()}"
            )
    times = "once" if by == 1 else f"{by:.0f} times"
    play.tell(
        f"dropped {times} while the button goes down: power fails in the middle of the commit,"
        " nothing lights, and the counter is skipped"
    )


def _gap(play: Play, by: float) -> None:
    play.codes.append(play.fresh_code())
    for _ in range(round(by)):
        play.fresh_code()
    play.codes.append(play.fresh_code())
    play.tell(f"pressed {by + 2:.0f} times; only the first and the last code are noted")


def _gap_trial(play: Play, _by: float) -> Iterator[Reaction]:
    verdict = play.submit_pair(*play.codes)
    yield play.reaction("resync with the two codes noted", verdict, Kind.NOT_CONSECUTIVE)
    yield play.resync()


def note_code(play: Play, _by: float = 0) -> None:
    """Press, and note the code."""
    play.codes.append(play.fresh_code())
    play.tell("pressed, and the code noted")


def submit_noted(play: Play, _by: float = 0) -> None:
    """Sign with the first code noted; the server has to take it.

    Raises:
        HostError: it doesn't.
    """
    _must(play.submit(play.codes[0]).kind, Kind.ACCEPTED)
    play.tell("signed with it: the server accepts")


def _replay_trial(play: Play, _by: float) -> Iterator[Reaction]:
    verdict = play.submit(play.codes[0])
    yield play.reaction("sign with the same code again", verdict, Kind.REPLAYED)
    yield play.sign()


def _pair(play: Play, _by: float) -> None:
    play.codes += [play.fresh_code(), play.fresh_code()]
    play.tell("pressed twice, and both codes typed into the resync form")


def _submit_pair(play: Play, _by: float) -> None:
    _must(play.submit_pair(*play.codes).kind, Kind.RESYNCED)
    play.tell("submitted: the server resyncs")


def _double_trial(play: Play, _by: float) -> Iterator[Reaction]:
    verdict = play.submit_pair(*play.codes)
    yield play.reaction("the same form submitted again", verdict, Kind.DOUBLE_SUBMIT)
    yield play.sign()


def _rest(play: Play, _by: float) -> None:
    play.tell("lies untouched")


def _spare(play: Play, by: float) -> None:
    record = play.record()
    key = Key(record.secret, record.algorithm)
    for counter in range(record.next_factor, record.next_factor + round(by)):
        _must(play.submit(hotp(key, counter, record.digits)).kind, Kind.ACCEPTED)
    play.tell(f"a spare token with the same seed signs {by:.0f} times: the server moves on")


def _behind_trial(play: Play, _by: float) -> Iterator[Reaction]:
    yield play.sign()
    yield play.resync()
    for _ in range(-play.distance()):
        play.fresh_code()  # pressing on catches up
    yield play.sign()


def _must(kind: Kind, wanted: Kind) -> None:
    if kind is not wanted:
        raise HostError(f"a step of the recipe needs {wanted.value}; the server says {kind.value}")


def _hotp(name: str, title: str, probes: str, by: int, expected: tuple[Kind, ...]) -> Recipe:
    return Recipe(
        name,
        title,
        probes,
        TokenType.EVENT,
        Number("presses", by, 1, _MOST),
        _pocket,
        expected,
        sign_and_resync,
    )


_BACK: Final = (Kind.OUT_OF_SYNC, Kind.RESYNCED, Kind.ACCEPTED)

EVENT_RECIPES: Final = (
    _hotp(
        "hotp-inside",
        "a few presses in a pocket",
        "The look-ahead takes a few skipped counters without a word",
        5,
        (Kind.ACCEPTED,),
    ),
    _hotp(
        "hotp-edge",
        "pressed as often as the look-ahead forgives",
        "The look-ahead's edge: its last counter is still taken",
        _DEFAULT.look_ahead,
        (Kind.ACCEPTED,),
    ),
    _hotp(
        "hotp-ahead",
        "too many presses in a pocket",
        "Past the look-ahead a code is refused; two in a row inside the resync window help",
        37,
        _BACK,
    ),
    _hotp(
        "hotp-beyond",
        "pressed past the resync window",
        "Past the resync window nothing helps, also not two codes in a row",
        _DEFAULT.resync_window + 1,
        (Kind.INVALID, Kind.OUTSIDE_WINDOW),
    ),
    Recipe(
        "server-ahead",
        "the server has gone on, the token has not",
        "A server ahead of its token (heads#1266) refuses used counters, counts no failures"
        " for them, and takes the token again once that has caught up",
        TokenType.EVENT,
        Number("codes", 3, 1, _DEFAULT.look_back),
        _rest,
        (Kind.REPLAYED, Kind.REPLAYED, Kind.ACCEPTED),
        _behind_trial,
        needs_server="a spare token's codes are handed to it",
        server=_spare,
    ),
    Recipe(
        "resync-gap",
        "two codes with a press between them",
        "A resync pair is two codes in a row, and nothing else",
        TokenType.EVENT,
        Number("presses", 1, 1, 900),
        _gap,
        (Kind.NOT_CONSECUTIVE, Kind.RESYNCED),
        _gap_trial,
        needs_server="the pair is submitted to it",
    ),
    Recipe(
        "replay",
        "the last code once more",
        "A code is good once; sending it again is a replay",
        TokenType.EVENT,
        None,
        note_code,
        (Kind.REPLAYED, Kind.ACCEPTED),
        _replay_trial,
        needs_server="the code is accepted by it first",
        server=submit_noted,
    ),
    Recipe(
        "double-submit",
        "the resync form submitted twice",
        "A form that comes twice changes nothing the second time",
        TokenType.EVENT,
        None,
        _pair,
        (Kind.DOUBLE_SUBMIT, Kind.ACCEPTED),
        _double_trial,
        needs_server="the form is submitted to it first",
        server=_submit_pair,
    ),
    Recipe(
        "torn-write",
        "power fails in the middle of a commit",
        "A counter that was never shown is skipped; the look-ahead takes it",
        TokenType.EVENT,
        Number("tears", 1, 1, 1_000),
        _tear,
        (Kind.ACCEPTED,),
        sign_and_resync,
        advances=True,
    ),
)
