"""Scenarios: what happens to tokens and a server, and what must come of it, as data.

>>> from hosttools.scenarios import read_scenario, run
>>> run(read_scenario('''
... version = 1
... [[token]]
... serial = "GALH00004226"
... [[step]]
... do = "add"
... [[step]]
... do = "press"
... [[step]]
... do = "submit"
... expect = {accepted = true, next = 3}
... ''')).status
<Status.PASSED: 'passed'>
"""

from hosttools.scenarios.model import Scenario, ScenarioError, Step, TokenSpec
from hosttools.scenarios.reader import read_scenario
from hosttools.scenarios.results import Mismatch, Result, Status, StepResult
from hosttools.scenarios.run import run
from hosttools.scenarios.toml import write_scenario
from hosttools.scenarios.under_test import Bed, Opener, reference

__all__ = [
    "Bed",
    "Mismatch",
    "Opener",
    "Result",
    "Scenario",
    "ScenarioError",
    "Status",
    "Step",
    "StepResult",
    "TokenSpec",
    "read_scenario",
    "reference",
    "run",
    "write_scenario",
]
