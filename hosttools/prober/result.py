"""What a probe found, as data: written as JSON, and read back from a file to compare or go on.

Holds no secret, and digits only if they were asked for.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

from hosttools.errors import UsageError
from hosttools.prober.finding import Finding, Measured, Verdict
from hosttools.prober.known import documented
from hosttools.prober.ledger import Bill, Entry
from hosttools.prober.rule import Rule

SCHEMA: Final = 1
MAX_BYTES: Final = 64 * 1024 * 1024
_ONE: Final = {
    "presses": "press",
    "steps": "step",
    "log-ins": "log-in",
    "wrong codes": "wrong code",
}
_FREE: Final = Bill(0, 0)
_VERDICTS: Final = {verdict.value: verdict for verdict in Verdict}
_KEYS: Final = frozenset({"id", "measured", "unit", "verdict", "why", "evidence"})


class ReportError(UsageError):
    """A report that can't be read, or is none."""


@dataclass(frozen=True, slots=True)
class Result:
    """One rule, measured.

    Attributes:
        rule: the rule's id.
        title: its title.
        unit: of what was measured.
        reference: where the standards speak of it.
        finding: what was measured, and what it means.
        sure: how sure that is.
        documented: what the server's makers say; ``None``: nothing that we know of.
        bill: what measuring cost.
        evidence: what was sent and answered, as :meth:`Entry.as_dict` has it.
    """

    rule: str
    title: str
    unit: str
    reference: str
    finding: Finding
    sure: str
    documented: str | None
    bill: Bill
    evidence: tuple[Mapping[str, object], ...]

    @classmethod
    def of(
        cls,
        rule: Rule,
        finding: Finding,
        *,
        server: str,
        sure: str = "",
        bill: Bill = _FREE,
        evidence: tuple[Entry, ...] = (),
    ) -> Self:
        """Return what measuring a rule on a server came to."""
        return cls(
            rule=rule.id,
            title=rule.title,
            unit=rule.unit,
            reference=rule.reference,
            finding=finding,
            sure=sure,
            documented=documented(server, rule.id),
            bill=bill,
            evidence=tuple(entry.as_dict() for entry in evidence),
        )

    @property
    def measured(self) -> str:
        """What was measured, for people."""
        return shown(self.finding.measured, self.unit, at_least=self.finding.at_least)

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {
            "id": self.rule,
            "title": self.title,
            "measured": self.finding.measured,
            "at_least": self.finding.at_least,
            "unit": self.unit,
            "verdict": self.finding.verdict.value,
            "why": self.finding.why,
            "sure": self.sure,
            "documented": self.documented,
            "reference": self.reference,
            "codes": self.bill.codes,
            "failures": self.bill.failures,
            "evidence": list(self.evidence),
        }


@dataclass(frozen=True, slots=True)
class Report:
    """All that was measured of a server.

    Attributes:
        server: its name.
        results: in the order of the rules.
        position: where the one token that was used stands; ``None``: each was a new one.
    """

    server: str
    results: tuple[Result, ...]
    position: int | None = None

    @property
    def failed(self) -> bool:
        """Whether any rule fails."""
        return any(result.finding.verdict is Verdict.FAIL for result in self.results)

    @property
    def measured(self) -> bool:
        """Whether anything was measured, or nothing had to be."""
        return self.count(Verdict.UNKNOWN) == 0 or any(
            result.finding.verdict in {Verdict.OK, Verdict.WARN, Verdict.FAIL}
            for result in self.results
        )

    def count(self, verdict: Verdict) -> int:
        """Return how many rules came to a verdict."""
        return sum(result.finding.verdict is verdict for result in self.results)

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        found: dict[str, Any] = {
            "schema": SCHEMA,
            "server": self.server,
            "rules": [result.as_dict() for result in self.results],
        }
        return found if self.position is None else found | {"position": self.position}


def shown(measured: Measured, unit: str, *, at_least: bool = False) -> str:
    """Return what was measured as people read it.

    >>> shown(10, "presses"), shown(1, "steps"), shown([], "s"), shown([1, 31], "s")
    ('10 presses', '1 step', 'none', '1, 31 s')
    """
    if measured is None:
        return "-"
    parts = measured if isinstance(measured, list) else [measured]
    text = ", ".join(map(str, parts)) or "none"
    if text == "1":
        unit = _ONE.get(unit, unit)
    least = "at least " if at_least else ""
    return f"{least}{text} {unit}".rstrip() if unit and text[-1].isdigit() else f"{least}{text}"


def read_report(path: Path) -> Report:
    """Read a report that ``galh probe --json`` printed, or a file to resume from.

    Raises:
        ReportError: it can't be read, or is none.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ReportError(f"{path} is too large for a report; allowed are {MAX_BYTES} bytes")
        data = path.read_bytes()
    except OSError as e:
        raise ReportError(f"{path} can't be read: {e.strerror}") from None
    try:
        return parse_report(data)
    except ReportError as e:
        raise ReportError(f"{path} is no report of galh probe --json: {e}") from None


def parse_report(data: bytes) -> Report:
    """Return a report from JSON.

    Raises:
        ReportError: it is none; says why.
    """
    try:
        value = json.loads(data)
    except RecursionError:
        raise ReportError("nested too deeply") from None
    except ValueError:
        raise ReportError("it is not JSON") from None
    if not isinstance(value, dict) or value.get("schema") != SCHEMA:
        raise ReportError(f'no "schema": {SCHEMA}')
    server, rules, position = value.get("server"), value.get("rules"), value.get("position")
    if not isinstance(server, str) or not isinstance(rules, list):
        raise ReportError('no "server" and "rules"')
    if position is not None and (type(position) is not int or not 0 <= position < 2**64):
        raise ReportError(f'"position": {position!r}')
    return Report(server, tuple(map(_result, rules)), position)


def _result(value: Any) -> Result:  # noqa: ANN401  # whatever JSON holds
    if not isinstance(value, dict) or not value.keys() >= _KEYS:
        raise ReportError(f"a rule without {', '.join(sorted(_KEYS))}")
    texts = {key: value.get(key, "") for key in ("id", "title", "unit", "reference", "why", "sure")}
    for key, text in texts.items():
        if not isinstance(text, str):
            raise ReportError(f'"{key}" of a rule is no text')
    evidence, documented_text = value["evidence"], value.get("documented")
    bill = Bill(value.get("codes", 0), value.get("failures", 0))
    if not isinstance(evidence, list) or not all(isinstance(each, dict) for each in evidence):
        raise ReportError(f"evidence of {texts['id']} is no list of objects")
    if not isinstance(documented_text, str | None) or not all(type(n) is int for n in bill):
        raise ReportError(f"{texts['id']}: documented, codes or failures of another type")
    if str(value["verdict"]) not in _VERDICTS:
        raise ReportError(f"{texts['id']}: no verdict {str(value['verdict'])[:40]!r}")
    finding = Finding(
        _measured(value["measured"]),
        _VERDICTS[str(value["verdict"])],
        texts["why"],
        at_least=value.get("at_least") is True,
    )
    return Result(
        rule=texts["id"],
        title=texts["title"],
        unit=texts["unit"],
        reference=texts["reference"],
        finding=finding,
        sure=texts["sure"],
        documented=documented_text,
        bill=bill,
        evidence=tuple(evidence),
    )


def _measured(value: Any) -> Measured:  # noqa: ANN401  # whatever JSON holds
    if value is None or isinstance(value, str) or type(value) is int:
        return value
    if isinstance(value, list) and (
        all(isinstance(each, str) for each in value) or all(type(each) is int for each in value)
    ):
        return value
    raise ReportError(f"{str(value)[:40]} was measured; allowed are a number, a text, or a list")
