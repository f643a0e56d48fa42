"""All recipes by name, and the one call that plays them."""

import difflib
from collections.abc import Callable, Mapping
from typing import Final

from hosttools.errors import UsageError
from hosttools.hand import Hand
from hosttools.recipes.event import EVENT_RECIPES
from hosttools.recipes.model import NotApplicable, Reached, Recipe
from hosttools.recipes.play import Play
from hosttools.recipes.timed import TIME_RECIPES
from hosttools.refserver import TokenServer

RECIPES: Final[Mapping[str, Recipe]] = {r.name: r for r in (*EVENT_RECIPES, *TIME_RECIPES)}
"""In the order of the documentation."""

DEFAULT_LIMIT_S: Final = 120.0
_TRIAL_PRESSES: Final = 6
"""Most presses to begin in step and to see how the server reacts."""


def recipe(name: str) -> Recipe:
    """Return a recipe.

    Raises:
        UsageError: there is none of that name.
    """
    if name in RECIPES:
        return RECIPES[name]
    near = difflib.get_close_matches(name, RECIPES, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(RECIPES)}"
    raise UsageError(f"no recipe {name!r}; {hint}")


def desync(
    token: Hand,
    name: str,
    *,
    serial: str,
    by: float | None = None,
    server: TokenServer | None = None,
    limit_s: float = DEFAULT_LIMIT_S,
    note: Callable[[str], None] | None = None,
    trial: bool = True,
) -> Reached:
    """Bring a token out of step, and see how the server reacts.

    With a server, the token is first brought in step with it, so that the distance
    reached is the recipe's. Nothing is set: what happens to the token is what happens
    to tokens, and stands in its journal.

    Args:
        token: the token, see ``hosttools.hand``.
        name: the recipe.
        serial: the token's serial number.
        by: the recipe's number; ``None``: its default.
        server: a server that knows the token; ``None``: the token's steps alone.
        limit_s: refuse what would take longer on the token's clock, host seconds.
        note: is told each line of the history as it happens.
        trial: whether the holder tries to sign then; else the two are left out of step.

    Raises:
        NotApplicable: not on this token, not without a server, or not on this clock.
        UsageError: no such recipe, a number that it doesn't take, or too long.
        RecordError: the server has no such token.
        HostError: the token or the server doesn't do its part.
    """
    chosen = recipe(name)
    number = chosen.by(by)
    if server is None and chosen.needs_server:
        raise NotApplicable(f"{name} is not applicable without a server: {chosen.needs_server}")
    token_type = token.token_type()
    if token_type is not chosen.token_type:
        raise NotApplicable(
            f"{name} is a recipe for {chosen.token_type.value}-based tokens;"
            f" {serial} is {token_type.value}-based"
        )
    play = Play(token, serial, server, note)
    _check_time(play, chosen, number, limit_s)
    if server is not None:
        play.bring_in_step()
        play.begin()
    chosen.token(play, number or 0)
    if server is not None and chosen.server is not None:
        chosen.server(play, number or 0)
    position, lcd = play.position(), token.lcd()
    tried = server is not None and trial
    reactions = tuple(chosen.trial(play, number or 0)) if tried else ()
    return Reached(chosen, serial, number, position, tuple(play.history), lcd, reactions)


def _check_time(play: Play, chosen: Recipe, by: float | None, limit_s: float) -> None:
    rate = play.token.rate()
    if not rate:
        return
    if play.token.clock_mode() == "real" and chosen.advances:
        raise NotApplicable(
            f"{chosen.name} lets time pass, and a real clock can't be advanced; serve with"
            " --clock manual"
        )
    presses = chosen.presses(by) + _TRIAL_PRESSES
    needed_s = presses * play.profile.lit_ns / 1e9 / rate
    if needed_s > limit_s:
        raise UsageError(
            f"{chosen.name} takes about {presses} presses, {needed_s:.0f} s on this clock, more"
            f" than --limit {limit_s:g}; serve with a manual or faster clock, or raise the limit"
        )
