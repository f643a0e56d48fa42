"""One history on many policies: who disagrees first, and why."""

from hosttools.refserver.policies import POLICIES
from hosttools.scenarios import read_scenario
from hosttools.scenarios.library import read
from hosttools.scenarios.policies import compare, table

FEW = ("default", "rfc-strict", "google-authenticator")
AHEAD = """
version = 1
[[token]]
serial = "GALH00004226"
[[step]]
do = "add"
[[step]]
do = "press_many"
times = 3
[[step]]
do = "press"
[[step]]
do = "submit"
"""


def test_first_disagreement() -> None:
    """Three presses ahead are inside one window and outside of another: that is what is told."""
    first = compare(read_scenario(AHEAD), FEW).disagreement
    assert first is not None
    assert 4 == first.step
    assert [True, True, False] == [voice.accepted for voice in first.voices]
    assert [{"look_ahead": 10}, {"look_ahead": 3}, {"look_ahead": 2}] == [
        dict(voice.settings) for voice in first.voices
    ]
    assert "They first disagree at step 4:" in first.told
    assert "google-authenticator: refused (look_ahead = 2)" in first.told


def test_agreement() -> None:
    """Where all agree, that is told."""
    comparison = compare(read("replay"), ("default", "privacyidea"))
    assert comparison.disagreement is None
    assert "They agree on everything." in table(comparison)


def test_locked() -> None:
    """A lock is explained by the limit, not by a window."""
    first = compare(read("lock-out"), ("default", "liboath")).disagreement
    assert first is not None
    assert {"lock_after": 10} == dict(first.voices[0].settings)


def test_time_token() -> None:
    """A time token's code is explained by the steps that are allowed."""
    first = compare(read("rfc6238-5.2-once"), ("default", "liboath")).disagreement
    assert first is not None
    assert {"steps_back": 1, "steps_forward": 1, "track_drift": True} == dict(
        first.voices[0].settings
    )


def test_holder() -> None:
    """A person's life is compared submission by submission."""
    text = AHEAD.replace('do = "press_many"\ntimes = 3', 'do = "holder"\ndays = 20')
    habits = "habits = {pocket_bursts_per_day = 3}"
    first = compare(read_scenario(text.replace("days = 20", f"days = 20\n{habits}")), FEW)
    assert first.disagreement is not None
    assert 2 == first.disagreement.step
    assert 1 < first.disagreement.submission
    assert "submission" in first.disagreement.told


def test_as_dict() -> None:
    """As plain values it has every result and the disagreement."""
    data = compare(read_scenario(AHEAD), FEW).as_dict()
    assert list(FEW) == list(data["results"])
    assert 4 == data["disagreement"]["step"]


def test_sources() -> None:
    """Every setting of a named policy that is not the default says where it comes from."""
    default = POLICIES["default"].policy
    for name, named in POLICIES.items():
        given = {
            key
            for key in type(default).__dataclass_fields__
            if getattr(named.policy, key) != getattr(default, key)
        }
        assert given - {"operator_search"} <= named.sources.keys(), name
