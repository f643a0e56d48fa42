"""Faults on purpose: what goes wrong with a token, and when, declared as data."""

from emulator.annotations import Fired
from emulator.faults.engine import FaultEngine, arm, check
from emulator.faults.reader import read_faults
from emulator.faults.spec import Fault, FaultPlan

__all__ = ["Fault", "FaultEngine", "FaultPlan", "Fired", "arm", "check", "read_faults"]
