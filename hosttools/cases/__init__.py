"""Cases: what happened to tokens and servers, in one file that replays elsewhere."""

from hosttools.cases.acts import Act, Happen, Place, Press, Serve, Stop, Submit, acts_of
from hosttools.cases.compare import Comparison, compare
from hosttools.cases.file import SUFFIX, load, save
from hosttools.cases.judging import Judged
from hosttools.cases.model import Case, ServerEnd, TokenEnd
from hosttools.cases.replay import Difference, Replayed, replay
from hosttools.cases.rerun import Life, Outcome, rerun
from hosttools.cases.take import Keeps, take, take_stored

__all__ = [
    "SUFFIX",
    "Act",
    "Case",
    "Comparison",
    "Difference",
    "Happen",
    "Judged",
    "Keeps",
    "Life",
    "Outcome",
    "Place",
    "Press",
    "Replayed",
    "Serve",
    "ServerEnd",
    "Stop",
    "Submit",
    "TokenEnd",
    "acts_of",
    "compare",
    "load",
    "replay",
    "rerun",
    "save",
    "take",
    "take_stored",
]
