"""What follows a server's name on the command line, and where its secrets come from."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hosttools.errors import UsageError
from hosttools.servers.target import number_of, read_target, secret_of


@given(st.text())
def test_takes_or_refuses_anything(text: str) -> None:
    """Whatever is typed is read or refused, and what is read is of the settings that there are."""
    try:
        _, settings = read_target(text, ["window", "clock"])
    except UsageError:
        return
    assert settings.keys() <= {"window", "clock"}


@pytest.mark.parametrize("target", ["x,nonesuch=1", "window=1,window=2", "x,y"])
def test_refuses_what_it_does_not_know(target: str) -> None:
    """A setting that is not there, one that is given twice, and a second place."""
    with pytest.raises(UsageError, match="allowed are window="):
        read_target(target, ["window"])


@pytest.mark.parametrize("text", ["-1", "", "11", "\u0663", "1e1"])
def test_refuses_what_is_no_number(text: str) -> None:
    """A number is ASCII digits, and no more than the highest."""
    with pytest.raises(UsageError, match="0 to 10"):
        number_of({"window": text}, "window", 5, 10)


def test_a_secret_is_read_from_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file goes before the environment; its last line break is not of the secret."""
    path = tmp_path / "secret"
    path.write_text(" quiet\n", encoding="utf-8")
    monkeypatch.setenv("GALH_X", "loud")
    assert "loud" == secret_of("GALH_X")

    monkeypatch.setenv("GALH_X_FILE", str(path))
    assert " quiet" == secret_of("GALH_X")


def test_a_secret_file_has_to_be_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that is not, or is empty, is named."""
    monkeypatch.setenv("GALH_X_FILE", str(tmp_path / "gone"))
    with pytest.raises(UsageError, match="gone can't be read"):
        secret_of("GALH_X")

    (tmp_path / "gone").touch()
    with pytest.raises(UsageError, match="is empty"):
        secret_of("GALH_X")
