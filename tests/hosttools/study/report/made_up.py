"""Answers that nobody simulated, for reports of them."""

import dataclasses

from hosttools.refserver.policy import Policy
from hosttools.study.answers import Answer, Window
from hosttools.study.model import PolicyChoice, Study
from hosttools.study.odds import Odds
from hosttools.study.sensitivity import Effect
from hosttools.study.shares import Share

ANSWER = Answer(
    name="default",
    presses=1_000_000,
    refusals=120.0,
    late=0.0,
    resyncs=41.2,
    calls=6.4,
    locks=0.0,
    replaced=10.0,
    resynced_a_year=Share(0.04, 0.03, 0.05),
    called_a_year=Share(0.006, 0.005, 0.007),
    locked_a_year=Share(0.0, 0.0, 0.001),
    add_refused=Share(0.0, 0.0, 0.001),
    form_failed=Share(0.0625, 0.05, 0.08),
    out=tuple(0.031 * month / 24 for month in range(1, 25)),
    never=tuple(1 - month / 30 for month in range(1, 25)),
    tenth_s_month=3,
    half_s_month=15,
    event_window=Window(14, 12, 17, tuple(0.5**width for width in range(20))),
    event_call_window=Window(7, 6, 8, tuple(0.5**width for width in range(20))),
    time_window=None,
    event_odds=Odds(10, 90, 11, 0.00011, Share(0.000115, 0.00008, 0.00015), 400_000),
    time_odds=None,
)
QUIET = dataclasses.replace(
    ANSWER,
    resyncs=0.0,
    calls=0.0,
    out=(0.0,),
    never=(1.0,),
    tenth_s_month=None,
    half_s_month=None,
    event_window=Window(0, 0, None, (0.0,)),
    event_call_window=Window(0, 0, 0, (0.0,)),
    event_odds=Odds(1, 0, 1, 0.000001, Share(0.0, 0.0, 0.00001), 400_000),
)
"""Nothing ever happens, for one month."""
FLEET = [
    dataclasses.replace(
        ANSWER,
        name=name,
        locks=locks,
        add_refused=Share(0.2, 0.1, 0.3),
        time_window=ANSWER.event_window,
        time_odds=ANSWER.event_odds,
    )
    for name, locks in (("default", 0.0), ("a policy of forty letters, no more of it", 3000.0))
]
"""Two policies for tokens of both kinds, with all that may happen."""
EFFECTS = [Effect("pocket_presses", (10.0, 200.0), (1.0, 30.0))]


def study_of(answers: list[Answer], title: str = "Doctors") -> Study:
    """Return a study that could have such answers."""
    return Study(
        title=title,
        count=1_000,
        months=len(answers[0].out),
        policies=tuple(PolicyChoice(name=answer.name, policy=Policy()) for answer in answers),
    )
