"""``galh seeds formats``."""

import json
from collections.abc import Callable

from hosttools.seedfiles import SeedFormat

Galh = Callable[..., tuple[int, str, str]]


def test_formats(galh: Galh) -> None:
    """Every format is listed, and a sample comes back from each."""
    exit_code, out, _ = galh("seeds", "formats", "--json")
    rows = json.loads(out)

    assert (0, set(SeedFormat)) == (exit_code, {SeedFormat(row["format"]) for row in rows})
    assert [] == [r for r in rows if "LOST" in (r["event"], r["time"])]
    assert [] == [r for r in rows if "ok" not in (r["event"], r["time"])]


def test_formats_as_a_table(galh: Galh) -> None:
    """The table is for people."""
    out = galh("seeds", "formats")[1]
    assert len(SeedFormat) + 1 == len(out.splitlines())


def test_what_comes_back(galh: Galh) -> None:
    """Encrypted files, hashes and digits are proved as well."""
    rows = {row["format"]: row for row in json.loads(galh("seeds", "formats", "--json")[1])}
    assert ("ok", "-") == (rows["pskc"]["encrypted"], rows["nexus"]["encrypted"])
    assert ["SHA1", "SHA256"] == rows["safenet-xml"]["hashes"]
    assert [6, 8] == rows["yubico-log"]["digits"]
    assert [] == rows["nexus"]["digits"]
