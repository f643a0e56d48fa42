"""The person who has the token: when they press it, and what they get wrong.

:func:`life` plans what a holder does, from habits and a seed; :func:`play` does it
with a token and a server. The plan knows no clock, token, code or server.
"""

from hosttools.holder.acts import Act, Attempt, PressAct, Slip, SlipKind, Why
from hosttools.holder.habits import Habits, habits_from_mapping
from hosttools.holder.life import life, recovery
from hosttools.holder.play import BenchToken, Outcome, Token, play
from hosttools.holder.slips import typed, typed_pair

__all__ = [
    "Act",
    "Attempt",
    "BenchToken",
    "Habits",
    "Outcome",
    "PressAct",
    "Slip",
    "SlipKind",
    "Token",
    "Why",
    "habits_from_mapping",
    "life",
    "play",
    "recovery",
    "typed",
    "typed_pair",
]
