"""A virtual environment, and programs run in it as its owner would."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
ENVIRONMENT: Final = {
    **{
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PYTHON", "PYTEST", "VIRTUAL_ENV"))
    },
    "PIP_DISABLE_PIP_VERSION_CHECK": "1",
}


@dataclass(frozen=True, slots=True)
class Environment:
    """A virtual environment.

    Attributes:
        home: where it is.
    """

    home: Path

    def run(
        self, program: str, *arguments: str | Path, cwd: Path
    ) -> subprocess.CompletedProcess[str]:
        """Run one of its programs in a folder, and return how that ended."""
        return subprocess.run(
            [self.home / "bin" / program, *arguments],
            capture_output=True,
            text=True,
            check=False,
            cwd=cwd,
            env=ENVIRONMENT,
        )
