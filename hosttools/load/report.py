"""What came of a load run: how often what was answered, how fast, and what was wrong."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Final, Self

from hosttools.load.plan import Plan

_SHOWN: Final = 5
_HISTORY: Final = 8
_JUDGED: Final = frozenset({"sync", "verify", "resync"})


@dataclass(frozen=True, slots=True)
class Row:
    """How often a verb was answered so, and how fast.

    Attributes:
        what: the verb.
        said: the answer in a word.
        count: how often.
        per_s: how often in a second.
        p50_ms: half of the answers took no longer, milliseconds.
        p90_ms: nine in ten did not.
        p99_ms: 99 in a hundred.
        max_ms: the longest.
    """

    what: str
    said: str
    count: int
    per_s: float
    p50_ms: float
    p90_ms: float
    p99_ms: float
    max_ms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What came of a run.

    Attributes:
        server: which server, as it was named.
        seed: of all decisions.
        users: holders at the end.
        loaded_s: how long it went on, seconds.
        rows: how often what was answered.
        wrong: how many verdicts were wrong.
        told: the first of them, see :meth:`hosttools.load.referee.Wrong.as_dict`.
        errors: how often there was no answer, by reason.
        lost_workers: workers that went away before the end, and what they last saw with them.
        html: Locust's report, if it was asked for.
    """

    server: str
    seed: int
    users: int
    loaded_s: float
    rows: tuple[Row, ...]
    wrong: int
    told: tuple[Mapping[str, Any], ...]
    errors: Mapping[str, int]
    lost_workers: int
    html: str | None = None

    @classmethod
    def of(cls, plan: Plan, said: Mapping[str, Any]) -> Self:
        """Return what a process reported."""
        names = {field.name for field in fields(cls)} - {"server", "seed", "rows", "told"}
        return cls(
            server=plan.server,
            seed=plan.seed,
            rows=tuple(Row(**row) for row in said["rows"]),
            told=tuple(said["told"]),
            **{name: said[name] for name in names},
        )

    @property
    def judged(self) -> int:
        """How many answers were judged."""
        return sum(
            row.count for row in self.rows if row.what in _JUDGED and row.said != "no answer"
        )

    @property
    def passed(self) -> bool:
        """Whether answers were judged, none was wrong, and no worker was lost with its own."""
        return self.judged > 0 and not self.wrong and not self.lost_workers

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain values, for JSON."""
        return {
            "schema": 1,
            "server": self.server,
            "seed": self.seed,
            "users": self.users,
            "loaded_s": round(self.loaded_s, 3),
            "passed": self.passed,
            "judged": self.judged,
            "wrong": self.wrong,
            "lost_workers": self.lost_workers,
            "verdicts": [{f.name: getattr(row, f.name) for f in fields(Row)} for row in self.rows],
            "wrong_verdicts": [dict(each) for each in self.told],
            "errors": dict(self.errors),
        }


def table(report: Report) -> str:
    """Return it as text for people."""
    head = f"{'':<8}{'answer':<12}{'count':>9}{'per s':>9}{'p50 ms':>9}{'p90 ms':>9}{'p99 ms':>9}"
    lines = [head, *map(_line, report.rows), ""]
    for error, count in report.errors.items():
        lines.append(f"{count} times: {error}")
    for wrong in report.told[:_SHOWN]:
        lines += _told(wrong)
    if report.wrong > _SHOWN:
        lines.append(f"… and {report.wrong - _SHOWN} more wrong verdicts; --json tells of more")
    if report.lost_workers:
        lines.append(f"{report.lost_workers} workers were lost, with what they saw last")
    requests = sum(row.count for row in report.rows)
    lines.append(
        f"{report.users} users, {report.loaded_s:.0f} s,"
        f" {requests / report.loaded_s:.0f} requests/s, seed {report.seed}:"
        f" {report.judged} verdicts judged, {report.wrong} wrong"
    )
    return "\n".join(lines)


def _line(row: Row) -> str:
    return (
        f"{row.what:<8}{row.said:<12}{row.count:>9}{row.per_s:>9.1f}"
        f"{row.p50_ms:>9.0f}{row.p90_ms:>9.0f}{row.p99_ms:>9.0f}"
    )


def _told(wrong: Mapping[str, Any]) -> list[str]:
    return [
        f"WRONG {wrong['serial']}: {wrong['sent']}",
        f"  expected: {wrong['expected']}",
        f"  got:      {wrong['got']}",
        *(f"  before:   {line}" for line in wrong["history"][-_HISTORY:]),
        "",
    ]
