"""Desync recipes: bring a token out of step with a server, as it happens to people.

Each recipe is a history that a token really has (presses in a pocket, months on a
shelf, a torn write), never a counter or a clock that is set. See docs/desync-recipes.md.
"""

from hosttools.recipes.model import NotApplicable, Position, Reached, Reaction, Recipe
from hosttools.recipes.registry import RECIPES, desync, recipe

__all__ = [
    "RECIPES",
    "NotApplicable",
    "Position",
    "Reached",
    "Reaction",
    "Recipe",
    "desync",
    "recipe",
]
