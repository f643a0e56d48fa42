"""A scenario as a pytest module, so that what was found stays found."""

from typing import Final

from hosttools.scenarios.shrink import Shrunk
from hosttools.scenarios.toml import write_scenario
from hosttools.scenarios.under_test import REFERENCE

_TEST: Final = '''"""{title}

Shrunk by galh scenario shrink; it failed with: {reason}
"""

from hosttools.scenarios import Status, read_scenario, run{imports}

SCENARIO = """
{scenario}"""


def test_scenario() -> None:
    """What the scenario expects comes true."""
{body}
    assert Status.PASSED is result.status, result.reason
'''


def pytest_source(shrunk: Shrunk, server: str = REFERENCE) -> str:
    """Return a pytest module that plays a shrunk scenario and fails as long as it does.

    Args:
        shrunk: the scenario.
        server: which server, as on the command line.
    """
    if server == REFERENCE:
        imports, body = "", "    result = run(read_scenario(SCENARIO))"
    else:
        imports = "\nfrom hosttools.scenarios.under_test import Servers"
        body = (
            "    with Servers() as servers:\n"
            f"        result = run(read_scenario(SCENARIO), servers.opener({server!r}))"
        )
    return _TEST.format(
        title=_quoted(shrunk.scenario.title or "A scenario that fails."),
        reason=_quoted(shrunk.reason),
        imports=imports,
        scenario=_quoted(write_scenario(shrunk.scenario)),
        body=body,
    )


def _quoted(text: str) -> str:
    """Return a text as it may stand between three quotes."""
    return text.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
