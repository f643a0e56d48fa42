"""``galh seeds new``."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from hosttools.seedfiles import read_seeds

pytestmark = pytest.mark.usefixtures("few_rounds")
Galh = Callable[..., tuple[int, str, str]]


def test_new(galh: Galh, tmp_path: Path) -> None:
    """A batch has serial numbers in a row and secrets of its own."""
    path = tmp_path / "new.xml"
    exit_code, out, _ = galh(
        "seeds", "new", "--count", 5, "--first", 7, "--out", path, "--to", "pskc", "--json"
    )
    records = read_seeds(path)

    assert (0, 5, 5) == (exit_code, len(records), len({r.secret.reveal() for r in records}))
    told = json.loads(out)
    assert ("GALH00000007", "GALH00000011", False) == (
        told["first"],
        told["last"],
        told["practice"],
    )


def test_new_from_test_seed(galh: Galh, tmp_path: Path) -> None:
    """A test seed makes the same file every time, marked as practice seeds."""
    paths = tmp_path / "a.csv", tmp_path / "b.csv"
    for path in paths:
        arguments = ("--count", 3, "--test-seed", "lab", "--out", path, "--to", "oath-csv")
        assert 0 == galh("seeds", "new", *arguments)[0]
    assert paths[0].read_bytes() == paths[1].read_bytes()
    assert all(record.practice for record in read_seeds(paths[0]))


def test_new_encrypted(galh: Galh, tmp_path: Path, password: Path) -> None:
    """A batch can be encrypted as it is made."""
    path = tmp_path / "new.xml"
    arguments = ("--out", path, "--to", "pskc", "--password-file", password)
    assert 0 == galh("seeds", "new", *arguments)[0]
    assert 1 == len(read_seeds(path, password="correct horse"))


def test_new_encrypted_where_it_cannot_be(galh: Galh, tmp_path: Path, password: Path) -> None:
    """A format that is never encrypted is not written in the clear instead."""
    path = tmp_path / "new.csv"
    exit_code, _, err = galh(
        "seeds", "new", "--out", path, "--to", "oath-csv", "--password-file", password
    )
    assert (2, False, True) == (exit_code, path.exists(), "never encrypted" in err)


def test_encrypt_with_nobody_to_ask(galh: Galh, tmp_path: Path) -> None:
    """--encrypt without a password and without a terminal: exit 2."""
    path = tmp_path / "new.xml"
    exit_code, _, err = galh("seeds", "new", "--out", path, "--to", "pskc", "--encrypt")
    assert (2, False, True) == (exit_code, path.exists(), "GALH_SEEDS_PASSWORD" in err)


def test_new_refuses_to_lose(galh: Galh, tmp_path: Path) -> None:
    """What the profile says of a new token is not dropped in silence either."""
    path = tmp_path / "new.csv"
    arguments = ("seeds", "new", "--profile", "GALT", "--out", path, "--to", "entra-csv")
    assert 2 == galh(*arguments)[0]
    assert 0 == galh(*arguments, "--drop")[0]
