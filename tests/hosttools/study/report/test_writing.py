"""Reports: complete, of themselves alone, and the same each time."""

import csv
import dataclasses
import html
import json
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hosttools.errors import StateError
from hosttools.refserver.policy import Policy
from hosttools.study.answers import Answer, Window
from hosttools.study.model import PolicyChoice
from hosttools.study.odds import Odds
from hosttools.study.reader import read_study
from hosttools.study.report import words
from hosttools.study.report.config import study_toml
from hosttools.study.report.drawing import Picture
from hosttools.study.report.page import page
from hosttools.study.report.plots import pictures
from hosttools.study.report.writing import as_dict, write
from hosttools.study.shares import Share
from tests.hosttools.study.report.made_up import ANSWER, EFFECTS, QUIET, study_of

TIMED = dataclasses.replace(
    ANSWER,
    event_window=None,
    event_call_window=None,
    event_odds=None,
    time_window=Window(None, None, None, (1.0, 0.5)),
    time_odds=ANSWER.event_odds,
)


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ...]:
    """Return the files of a report."""
    return write(study_of([ANSWER]), [ANSWER], tmp_path_factory.mktemp("report"), EFFECTS)


@pytest.fixture(scope="module")
def drawn() -> list[Picture]:
    """Return pictures: what is drawn does not depend on the title, and drawing takes long."""
    return pictures([ANSWER], EFFECTS, 0.001)


def test_the_headline_is_a_sentence_with_the_numbers() -> None:
    """Who reads one line knows windows, users, resyncs, calls and what is left."""
    study = study_of([ANSWER])
    expected = (
        "With a look-ahead of 10 (default), 4 % of users resync at least once a year, and 0.6 %"
        " call support. For 1,000 users that is 41 resyncs, 6.4 calls and 0 lock-outs a year. At"
        " the end of month 24, 3.1 % of tokens are out of step. One user in ten has been out of"
        " step by the end of month 3, half of all users by that of month 15."
    )
    assert expected == words.headline(study, study.policies[0], ANSWER)


def test_what_was_asked_is_answered_first() -> None:
    """A recommended window comes with how sure it is, and which policy would do."""
    wide = dataclasses.replace(ANSWER, name="wide", called_a_year=Share(0.0008, 0.0005, 0.0012))
    expected = [
        (
            "Support calls stay under 0.1 % of users a year with a look-ahead of 7 presses (95 %"
            " interval: 6 to 8), as one resync form in 16 ends in a call. For no more than 0.1 % to"
            " have to resync at all it takes one of 14 presses (95 % interval: 12 to 17)."
        ),
        (
            "wide keeps calls under 0.1 % of users a year: 0.08 % (0.05 to 0.12 %), so the study"
            " is not sure of it."
        ),
    ]
    answers = [ANSWER, wide]
    assert expected == list(words.answers_in_short(study_of(answers), answers))


def test_what_no_policy_does_is_said() -> None:
    """Who comes nearest is named; so is who can't even add its tokens, and an endless window."""
    answer = dataclasses.replace(TIMED, add_refused=Share(0.2, 0.1, 0.3))
    expected = [
        (
            "For time tokens, no window up to 4,095 steps either way leaves no more than 0.1 % of"
            " users a year to resync."
        ),
        (
            "No policy that was asked keeps calls under 0.1 % of users a year; default comes"
            " nearest with 0.6 % (0.5 to 0.7 %)."
        ),
        (
            "default: the form refuses to add 20 % (10 to 30 %) of the tokens, as their clocks"
            " are too far off when they come from the shelf."
        ),
    ]
    assert expected == list(words.answers_in_short(study_of([answer]), [answer]))


@pytest.mark.parametrize(
    ("policy", "said"),
    [
        (Policy(steps_back=1, steps_forward=0), "moves the expected step back"),
        (Policy(track_drift=False), "from the forms alone"),
        (Policy(), None),
    ],
)
def test_a_rule_that_leads_out_of_step_is_explained(policy: Policy, said: str | None) -> None:
    """Of time tokens; event tokens have no clock."""
    choice = PolicyChoice(name="any", policy=policy)
    found = list(words.cautions(choice, TIMED))
    assert (said is not None) == bool(found)
    assert said is None or said in found[0]
    assert [] == list(words.cautions(choice, ANSWER))


def test_the_best_odds_are_told() -> None:
    """Formula and simulation stand side by side, for the policy that gives most away."""
    timed = Odds(318, 86_255, 2, 0.0006, Share(0.0005, 0.0003, 0.0008), 40_000)
    strict = dataclasses.replace(ANSWER, name="strict", time_odds=timed)
    expected = (
        "An attacker does best against strict, time: with 2 codes right at any time and 318"
        " guesses in 24 hours, one gets in with a chance of 1 in 1,667 by the formula of RFC"
        " 4226 E.2; of 40,000 simulated attacks, 20 did: 0.05 % (0.03 to 0.08 %)."
    )
    assert expected == words.guessing([ANSWER, strict])


def test_titles_say_what_is_seen() -> None:
    """A title is the finding, with few and with many policies."""
    worse = dataclasses.replace(ANSWER, name="strict", calls=40.0, out=(0.2,) * 24)
    assert words.out_title([ANSWER]) == "Out of step at the end: 3.1 % of all"
    assert (
        words.out_title([worse, ANSWER])
        == "Out of step at the end: 3.1 % (default) to 20 % (strict)"
    )
    assert (
        words.trouble_title([worse, ANSWER])
        == "default needs the fewest calls to support: 6.4 for 1,000 users a year"
    )


def test_titles_say_that_nothing_happens() -> None:
    """A study without an event says so, rather than to rank zeros."""
    study = study_of([QUIET])
    titles = [
        words.out_title([QUIET]),
        words.never_title(study, [QUIET]),
        words.trouble_title([QUIET]),
    ]
    expected = [
        "No token is out of step at any month's end",
        "Nobody is ever out of step",
        "Nobody calls support",
    ]
    assert expected == titles


@pytest.mark.parametrize(
    "answers",
    [
        [ANSWER],
        [QUIET],
        [TIMED],
        [dataclasses.replace(ANSWER, time_window=ANSWER.event_window, locks=3.0)],
        [dataclasses.replace(ANSWER, name=f"policy {number}" + "x" * 30) for number in range(16)],
    ],
    ids=["one", "quiet", "timed", "mixed", "sixteen"],
)
def test_every_kind_of_fleet_has_all_its_pictures(answers: list[Answer]) -> None:
    """Nothing empty, one policy or many, events or time: every picture is well-formed and set."""
    for picture in pictures(answers, EFFECTS, 0.001):
        for drawing in (picture.svg, picture.narrow):
            ET.fromstring(drawing)  # noqa: S314  # our own
            assert "nan" not in drawing
        assert picture.png.startswith(b"\x89PNG")


@given(title=st.text(min_size=1, max_size=60))
def test_a_title_is_text_in_the_page(drawn: list[Picture], title: str) -> None:
    """No title ends a tag or begins one; it reads back as it was."""
    made = page(study_of([ANSWER], title), [ANSWER], EFFECTS, drawn)
    inner = re.search(r"<h1>(.*?)</h1>", made, re.DOTALL)
    assert inner is not None
    assert "<" not in inner[1]
    assert html.escape(title) == inner[1]


def test_the_page_needs_nothing_else(report: tuple[Path, ...]) -> None:
    """No address, script or file is named in it; ids are there once."""
    text = report[0].read_text(encoding="utf-8")
    assert report[0].name == "report.html"
    assert not re.search(r"https?:|<script|<link|<img|@import|src=|\burl\((?!#)", text)
    ids = re.findall(r'\bid="([^"]*)"', text)
    assert len(set(ids)) == len(ids)


def test_the_same_answers_give_the_same_bytes(report: tuple[Path, ...]) -> None:
    """A report written again over the one before is the same, to the last byte."""
    study = study_of([ANSWER])
    folder = report[0].parent
    before = {path: path.read_bytes() for path in report}
    after = {path: path.read_bytes() for path in write(study, [ANSWER], folder, EFFECTS)}
    assert before == after
    assert set(folder.iterdir()) == set(after)


def test_numbers_read_back_from_csv(report: tuple[Path, ...]) -> None:
    """The files beside the page hold the numbers in full."""
    folder = report[0].parent
    with (folder / "months.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert list(ANSWER.out) == [float(row["out_of_step"]) for row in rows]
    with (folder / "windows.csv").open(newline="", encoding="utf-8") as file:
        beyond = [float(row["beyond"]) for row in csv.DictReader(file)]
    assert ANSWER.event_window is not None
    assert list(ANSWER.event_window.beyond) == beyond
    with (folder / "policies.csv").open(newline="", encoding="utf-8") as file:
        (policy,) = csv.DictReader(file)
    assert float(policy["resyncs"]) == ANSWER.resyncs
    assert policy["event_window_window"] == "14"


@pytest.mark.parametrize("title", ["Doctors", 'Ärzte "in" C:\\new'])
def test_the_settings_read_back(title: str) -> None:
    """The file in the report is the study that was asked."""
    study = study_of([ANSWER], title)
    assert study == read_study(study_toml(study))


def test_numbers_for_json_are_plain() -> None:
    """They are what JSON gives back, with what made them."""
    data = as_dict(study_of([ANSWER]), [ANSWER], EFFECTS)
    assert data == json.loads(json.dumps(data))
    assert {"study", "policies", "sensitivity", "versions"} == set(data)
    assert data["policies"][0]["calls"] == ANSWER.calls


def test_a_folder_that_can_not_be_is_said(tmp_path: Path) -> None:
    """A file where the folder should be stays as it is."""
    (tmp_path / "report").write_text("mine")
    with pytest.raises(StateError, match="can't be written"):
        write(study_of([ANSWER]), [ANSWER], tmp_path / "report")
    assert (tmp_path / "report").read_text() == "mine"
