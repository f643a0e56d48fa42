"""Tables that know where they are."""

from pathlib import Path

import pytest

from hosttools.servers.described.tables import DEEPEST, LARGEST, DescriptionError, Table


def table(text: str) -> Table:
    """Read a table."""
    return Table.of_text(text.encode(), "test.toml")


def test_unknown_key() -> None:
    """A key that nobody asked for is refused with its path and the nearest that is known."""
    inner = table("[a.b]\nvrify = true").table("a").table("b")
    inner.switch("verify", default=True)
    with pytest.raises(DescriptionError, match=r"^test\.toml: a\.b\.vrify: .*mean 'verify'"):
        inner.done()


def test_wrong_kind() -> None:
    """A value of another kind is refused; true is no number."""
    with pytest.raises(DescriptionError, match=r"^test\.toml: n: true; allowed are 1 to 2 seconds"):
        table("n = true").seconds("n", 1.0, 1.0, 2.0)
    with pytest.raises(DescriptionError, match=r"^test\.toml: n: 1; it must be a text"):
        table("n = 1").text("n")


def test_long_values_are_not_repeated() -> None:
    """What may be a secret doesn't stand in a complaint."""
    with pytest.raises(DescriptionError, match="a text of 32 characters") as caught:
        table('n = "3132333435363738393031323334353a"').word("n", ["event", "time"])
    assert "3132" not in str(caught.value)


def test_missing() -> None:
    """A key that must be there is missed by name."""
    with pytest.raises(DescriptionError, match=r"^test\.toml: url: is missing"):
        table("").text("url")


def test_lists_of_tables_are_numbered() -> None:
    """A table in a list is told by its number."""
    _, second = table("[[a]]\n[[a]]\nb = 1").tables("a")
    with pytest.raises(DescriptionError, match=r"^test\.toml: a\[1\]\.b: unknown key"):
        second.done()


def test_nested_too_deeply() -> None:
    """Tables within tables have an end."""
    deep = table(".".join("a" * (DEEPEST + 2)) + " = 1")
    for _ in range(DEEPEST):
        deep = deep.table("a")
    with pytest.raises(DescriptionError, match="nested too deeply"):
        deep.table("a")


@pytest.mark.parametrize("text", ["a", "a = 1\na = 2", "a = " + "[" * 5000, "a = " + "9" * 5000])
def test_no_toml(text: str) -> None:
    """What is no TOML is refused with the file's name."""
    with pytest.raises(DescriptionError, match=r"^test\.toml"):
        table(text)


def test_pattern_that_is_none() -> None:
    """A regular expression is looked at when it is read."""
    for bad in ("(", "[[a]", "a{99999999999}"):
        with pytest.raises(DescriptionError, match=r"^test\.toml: p: no regular expression"):
            table(f"p = '{bad}'").pattern("p")


def test_files(tmp_path: Path) -> None:
    """A file that is missing, a folder, or far too large is refused by name."""
    large = tmp_path / "large.toml"
    large.write_bytes(b"#" * (LARGEST + 1))
    for file in (tmp_path / "missing.toml", tmp_path, large):
        with pytest.raises(DescriptionError, match=str(file)):
            Table.of_file(file)
