"""What happened to a token, told from a few codes of it.

subject    which tokens are suspected, and where each is expected
search     which counters or steps give a code
typos      what the LCD showed, given what was typed
chances    how likely a distance is, before a code was seen
explain    all explanations, weighed against each other
event      what follows for an event token, ``timed`` for a time token
words      the same in words and as plain values
twin       a virtual token that goes on where the real one is
"""

from hosttools.diagnosis.event import EventFacts, Order, event_facts
from hosttools.diagnosis.explain import Diagnosis, Explanation, Seen, default_search, diagnose
from hosttools.diagnosis.subject import Subject, subjects
from hosttools.diagnosis.timed import TimeFacts, time_facts
from hosttools.diagnosis.twin import WARNING, Predicted, make_twin, predict
from hosttools.diagnosis.typos import Reading, Worn, readings
from hosttools.diagnosis.words import as_lines, as_mapping

__all__ = [
    "WARNING",
    "Diagnosis",
    "EventFacts",
    "Explanation",
    "Order",
    "Predicted",
    "Reading",
    "Seen",
    "Subject",
    "TimeFacts",
    "Worn",
    "as_lines",
    "as_mapping",
    "default_search",
    "diagnose",
    "event_facts",
    "make_twin",
    "predict",
    "readings",
    "subjects",
    "time_facts",
]
