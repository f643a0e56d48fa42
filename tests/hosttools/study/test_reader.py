"""Studies in TOML: what is read, and what is said of what can't be."""

import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hosttools.cli.study import EXAMPLE
from hosttools.refserver.policies import POLICIES
from hosttools.study.model import Study, StudyError
from hosttools.study.reader import TOP, read_study


def test_nothing_but_a_version_is_the_default() -> None:
    """What a file leaves out has its default."""
    assert Study() == read_study("version = 1")


def test_the_example_can_be_read() -> None:
    """What galh study --example prints is a study."""
    assert ["look-ahead 3", "look-ahead 10", "look-ahead 50"] == [
        choice.name for choice in read_study(EXAMPLE).policies
    ]


def test_policies_may_be_like_named_ones() -> None:
    """A policy is one that people know, or changes to it."""
    study = read_study(
        'version=1\n[[policy]]\nlike="liboath"\n[[policy]]\nname="mine"\nlike="liboath"\nlook_ahead=4'
    )
    assert POLICIES["liboath"].policy == study.policies[0].policy
    assert 4 == study.policies[1].policy.look_ahead


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("version = 2", "version = 2; this release reads 1"),
        ("version = 1\ncuont = 3", "unknown key 'cuont'; did you mean 'count'"),
        ("version = 1\ncount = 0", "count = 0; allowed are 1 to 100000000"),
        ("version = 1\n[tokens]\nshelf_days = -1", "tokens: shelf_days = -1; allowed are 0 to"),
        ("version = 1\n[[holder]]\nhold_sigma = 1", "hold_sigma changes nothing in a study"),
        ('version = 1\n[[profile]]\nname = "X"', "profile 1: name = 'X'; there are GALH"),
        ("version = 1\n[[policy]]\nlook_ahead = 3", "policy 1: name is missing"),
        (
            "version = 1\n[[holder]]\nfirst_twice = 0.999",
            "holder 1: of the resync form, first_twice, transposed, mistyped, submitted_twice",
        ),
        ("version = 1\n[[holder]]\nhold_s = 5", "hold_s = 5; with GALH allowed are more than"),
    ],
)
def test_what_is_wrong_is_said(text: str, said: str) -> None:
    """An error names what was given and what is allowed."""
    with pytest.raises(StudyError) as caught:
        read_study(text)
    assert said in str(caught.value)


def test_a_file_is_named(tmp_path: Path) -> None:
    """An error names the file."""
    path = tmp_path / "fleet.toml"
    path.write_text("version = 1\nmonths = 0")
    with pytest.raises(StudyError, match=r"fleet\.toml: months = 0; allowed are 1 to 240"):
        read_study(path)


VALUES = st.one_of(
    st.integers(), st.floats(), st.booleans(), st.text(max_size=8).map(lambda t: t.encode().hex())
)


@given(st.dictionaries(st.sampled_from(TOP), VALUES, max_size=4), st.text(max_size=40))
def test_any_text_is_a_study_or_refused(settings: dict[str, object], rest: str) -> None:
    """No file makes the reader fail in another way."""
    lines = [f"{key} = {toml(value)}" for key, value in settings.items()]
    with contextlib.suppress(StudyError):
        read_study("\n".join([*lines, rest]))


def toml(value: object) -> str:
    """Write a value as TOML has it."""
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) else repr(value)
