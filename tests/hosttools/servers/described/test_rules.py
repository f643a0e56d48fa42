"""Rules on replies, and what is taken out of them."""

import pytest

from hosttools.servers import Outcome, ServerError
from hosttools.servers.described.replies import Answers, Reply
from hosttools.servers.described.rules import (
    HTTP,
    PROGRAM,
    Language,
    read_answers,
    read_extract,
    read_rules,
)
from hosttools.servers.described.tables import DescriptionError, Table

REPLY = Reply(
    status=401,
    text='{"result": {"value": false, "n": 1}, "errors": [{"code": "e17"}], "none": null}',
    headers={"location": "https://x/home"},
    cookies={"sid": "abc"},
)
PAGE = Reply(
    status=200,
    text='<meta name="token" content="m"><INPUT name=csrf value="a&amp;b"><input name="empty">',
)


def holds(rule: str, reply: Reply = REPLY, language: Language = HTTP) -> bool:
    """Return whether one of the rules holds."""
    table = Table.of_text(f"rule = {rule}".encode(), "test.toml")
    return any(each.holds(reply) for each in read_rules(table, "rule", language))


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("{status = 401}", True),
        ("{status = 400}", False),
        ('{status = [200, "4xx"]}', True),
        ('{status = "2xx"}', False),
        ("{json = {result.value = false}}", True),
        ('{json = {"result.value" = false}}', True),
        ("{json = {result = {value = 0}}}", False),
        ("{json = {result.n = 1}}", True),
        ("{json = {result.n = true}}", False),
        ('{json = {"errors.0.code" = ["e16", "e17"]}}', True),
        ('{json = {"errors.1.code" = "e17"}}', False),
        ('{json = {"errors.x" = "e17"}}', False),
        ('{json = {none = "null"}}', False),
        ('{contains = "VALUE"}', True),
        ('{contains = ["value", "missing"]}', False),
        ("{regex = 'e\\d+'}", True),
        ("{regex = '^e'}", False),
        ("{header = {Location = 'home$'}}", True),
        ("{header = {X-None = 'a'}}", False),
        ("{status = 401, contains = 'missing'}", False),
        ("[{status = 400}, {contains = 'e17'}]", True),
    ],
)
def test_rules(rule: str, expected: object) -> None:
    """A rule holds if all its conditions do; a list, if one of its rules does."""
    assert expected is holds(rule)


def test_json_of_what_is_none() -> None:
    """A reply that is no JSON equals nothing."""
    for text in ("", "<html>", "[" * 100_000):
        assert not holds("{json = {a = 1}}", Reply(status=200, text=text))


@pytest.mark.parametrize(
    ("rule", "complaint"),
    [
        ("{}", "no condition"),
        ("[]", "at least one rule"),
        ("{status = 99}", "allowed are 100 to 599"),
        ('{status = "9xx"}', "allowed are 100 to 599"),
        ("{status = true}", "allowed are 100 to 599"),
        ("{stauts = 200}", "did you mean 'status'"),
        ("{json = {a = [[1]]}}", "give texts, numbers"),
        ("{regex = '('}", "no regular expression"),
        ("3", "must be a table"),
    ],
)
def test_rules_that_are_none(rule: str, complaint: str) -> None:
    """A rule that can't be is refused with its place."""
    with pytest.raises(DescriptionError, match=rf"^test\.toml: rule.*{complaint}"):
        holds(rule)


def test_programs_have_no_headers() -> None:
    """What only HTTP has is unknown for a program."""
    assert holds("{exit = 0}", Reply(status=0, text=""), PROGRAM)
    for rule in ("{status = 0}", "{header = {a = 'b'}}", "{exit = 256}", '{exit = "2xx"}'):
        with pytest.raises(DescriptionError):
            holds(rule, language=PROGRAM)


@pytest.mark.parametrize(
    ("extract", "reply", "expected"),
    [
        ('{json = "errors.0.code"}', REPLY, "e17"),
        ('{json = "result.n"}', REPLY, 1),
        ('{json = "result"}', REPLY, None),
        ("{regex = 'code\": \"(.)'}", REPLY, "e"),
        ("{regex = '(missing)'}", REPLY, None),
        ('{header = "Location"}', REPLY, "https://x/home"),
        ('{cookie = "sid"}', REPLY, "abc"),
        ('{cookie = "SID"}', REPLY, None),
        ('{field = "csrf"}', PAGE, "a&b"),
        ('{field = "token"}', PAGE, "m"),
        ('{field = "empty"}', PAGE, None),
    ],
)
def test_extracts(extract: str, reply: Reply, expected: object) -> None:
    """A value is found where the description says, or it is not there."""
    table = Table.of_text(f"it = {extract}".encode(), "test.toml")
    assert expected == read_extract(table, "it", HTTP).of(reply)


@pytest.mark.parametrize(
    "extract", ["{}", '{json = "a", regex = "(a)"}', '{regex = "a"}', '{jsn = "a"}', "1"]
)
def test_extracts_that_are_none(extract: str) -> None:
    """An extract that can't be is refused."""
    with pytest.raises(DescriptionError, match=r"^test\.toml: it"):
        read_extract(Table.of_text(f"it = {extract}".encode(), "test.toml"), "it", HTTP)


def answers(text: str) -> Answers:
    """Read the outcomes of a last step."""
    found = read_answers(Table.of_text(text.encode(), "test.toml"), HTTP, last=True)
    assert found is not None
    return found


def test_what_says_more_comes_first() -> None:
    """A locked token is locked, though the same reply is a plain refusal too."""
    judged = answers(
        'refused = {status = 401}\nlocked = {contains = "e17"}\naccepted = {status = 200}'
    ).judge(REPLY)
    assert judged is not None
    assert Outcome.LOCKED is judged.outcome


def test_contradiction() -> None:
    """A reply that is accepted and refused at once is neither."""
    with pytest.raises(ServerError, match="both accepted and refused"):
        answers("accepted = {status = 401}\nrefused = {status = 401}").judge(REPLY)


def test_otherwise() -> None:
    """What no rule knows is what otherwise says, but a fault is none of that."""
    read = answers('accepted = {status = 200}\notherwise = "throttled"')
    judged = read.judge(REPLY)
    assert judged is not None
    assert Outcome.THROTTLED is judged.outcome
    assert read.judge(Reply(status=500, text="", broken=True)) is None


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("refused = {status = 401}", "accepted is missing"),
        ("accepted = {status = 200}", "no refusal is known"),
        ('accepted = {status = 200}\notherwise = "accepted"', "otherwise"),
    ],
)
def test_outcomes_that_are_none(text: str, complaint: str) -> None:
    """A last step has to know both, and never takes the unknown for accepted."""
    with pytest.raises(DescriptionError, match=complaint):
        answers(text)
