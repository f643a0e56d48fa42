"""An exported log: it says elsewhere what it says here, and any change of it is found."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hosttools.errors import UsageError
from hosttools.portal import Portal, auditlog, logexport, logproof, open_portal
from hosttools.portal.draws import SeededDraws
from hosttools.portal.logproof import Findings, Wrong
from hosttools.portal.passwords import CHEAP
from hosttools.refserver.http.clock import ServerClock


def exported(portal: Portal) -> str:
    """Return the log as a file has it."""
    return logexport.as_text(*logproof.lines(portal))


def verified(text: str, against: auditlog.Anchor | None = None) -> Findings:
    """Verify a file."""
    return logexport.verify(*logexport.from_text(text), against)


def test_an_export_verifies_as_its_log_does(portal: Portal) -> None:
    """With the same words, by the same key, and against an anchor of before."""
    anchor = auditlog.anchor(portal)
    with portal.db.write() as at:
        auditlog.append(
            portal, at, "dr.adams", "act", "a\u2028b", text="\u00e9\n", none=None, yes=True
        )
    text = exported(portal)

    assert auditlog.verify(portal) == verified(text)
    assert verified(text, anchor).ok
    assert portal.signer.fingerprint == logexport.from_text(text)[0].key


def test_an_export_of_another_portal_is_found(portal: Portal) -> None:
    """By the anchor of the one that it is to be of: it names its own key."""
    with open_portal(clock=ServerClock(1), hashing=CHEAP, fill=False) as other:
        text = exported(other)

    assert verified(text).ok
    assert Wrong.ANCHOR is verified(text, auditlog.anchor(portal)).wrong


def test_an_end_that_is_missing_is_found(portal: Portal) -> None:
    """The first line says how many there are."""
    lines = exported(portal).splitlines(keepends=True)
    findings = verified("".join(lines[:-2]))

    assert (Wrong.REMOVED, len(lines) - 2) == (findings.wrong, findings.number)


def _small() -> str:
    with open_portal(
        clock=ServerClock(1), draws=SeededDraws(1), fill=False, hashing=CHEAP
    ) as portal:
        return exported(portal)


@given(data=st.data())
def test_any_single_change_is_found(data: st.DataObject) -> None:
    """Of any field of any line, or a line is gone or there twice."""
    lines = _small().splitlines()
    which = data.draw(st.integers(0, len(lines) - 1))
    found: dict[str, Any] = json.loads(lines[which])
    name = data.draw(st.sampled_from([*found, "", "twice"]))
    if name == "":
        del lines[which]
    elif name == "twice":
        lines.insert(which, lines[which])
    else:
        others = st.integers() | st.text("0123456789abcdef") | st.dictionaries(st.text(), st.none())
        found[name] = data.draw(others.filter(lambda value: value != found[name]))
        lines[which] = json.dumps(found)

    try:
        assert not verified("".join(f"{line}\n" for line in lines)).ok
    except UsageError as error:
        assert "audit" in str(error)  # noqa: PT017  # raising is allowed


@given(st.text() | st.lists(st.text()).map(lambda rest: "\n".join([_small(), *rest])))
def test_any_text_is_an_export_or_refused(text: str) -> None:
    """Whatever the file holds."""
    try:
        logexport.from_text(text)
    except UsageError as error:
        assert "audit" in str(error)  # noqa: PT017  # raising is allowed


@pytest.mark.parametrize("line", ["[]", "null", "1", '{"number": 1}', "[" * 100_000])
def test_a_line_that_is_no_entry_is_named(line: str) -> None:
    """By its number in the file."""
    text = _small()
    count = text.count("\n")

    with pytest.raises(UsageError, match=f"line {count + 1} is no entry"):
        logexport.from_text(f"{text}{line}\n")
