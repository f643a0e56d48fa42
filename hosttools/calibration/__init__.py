"""Measuring a real fob: a person presses and looks, a profile comes of it.

measure, conduct   the procedure as a dialog, and what runs it
Answer, Tell …     what it says and is told
Findings           what it came to
profile_toml       the same as a profile file

Pure: no clock, no terminal, no file. ``galh profile measure`` brings those.
"""

from hosttools.calibration.findings import Findings
from hosttools.calibration.procedure import conduct, measure
from hosttools.calibration.profilefile import profile_toml
from hosttools.calibration.prompts import Answer, AnswerError, Cue, Prompt, Question, Tell

__all__ = [
    "Answer",
    "AnswerError",
    "Cue",
    "Findings",
    "Prompt",
    "Question",
    "Tell",
    "conduct",
    "measure",
    "profile_toml",
]
