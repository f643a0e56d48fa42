"""The parts of a study that are done, each in a file of its own, so that it can go on.

A folder belongs to one study: another one, or another release's, is refused. A part appears
whole or not at all.
"""

import dataclasses
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from emulator.newfiles import write_new
from emulator.release import release
from hosttools.errors import StateError
from hosttools.study.model import Study
from hosttools.study.tally import Tally

FORMAT: Final = 1
"""Of the parts, and of the laws by which lives are lived: new ones make new numbers."""
_HEAD: Final = "study.json"


def digest_of(study: Study) -> str:
    """Name a study: whatever changes its numbers changes its name."""
    data = {"format": FORMAT, "release": release(), "study": dataclasses.asdict(study)}
    return hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()[:32]


class WorkDir:
    """A folder with the parts of one study.

    Args:
        path: the folder; made if it is not there.
        study: whose parts.

    Raises:
        StateError: it holds another study's parts, or can't be written.
    """

    def __init__(self, path: Path, study: Study) -> None:
        self._path = path
        self._study = study
        self._digest = digest_of(study)
        try:
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
            head = path / _HEAD
            if not head.exists():
                if any(path.iterdir()):
                    raise StateError(f"{path} is no study's: name an empty or a new folder")
                text = json.dumps({"study": self._digest, "release": release()})
                write_new(head, text.encode())
            found = json.loads(head.read_bytes())
        except OSError as e:
            raise StateError(f"{path} can't be used: {e.strerror}") from None
        except ValueError:
            raise StateError(
                f"{path / _HEAD} is damaged; delete the folder to begin anew"
            ) from None
        if not isinstance(found, dict) or found.get("study") != self._digest:
            raise StateError(
                f"{path} has parts of another study, or of another release: name another folder,"
                " or delete it"
            )

    def load(self, tokens: range) -> Tally | None:
        """Return a part that is done; ``None`` if it is not, or its file is damaged."""
        try:
            return Tally.from_bytes(self._file(tokens).read_bytes(), self._study)
        except FileNotFoundError:
            return None
        except ValueError:
            self._file(tokens).unlink(missing_ok=True)
            return None
        except OSError as e:
            raise StateError(f"{self._file(tokens)} can't be read: {e.strerror}") from None

    def save(self, tokens: range, tally: Tally) -> None:
        """Keep a part."""
        if not self._file(tokens).exists():
            write_new(self._file(tokens), tally.to_bytes())

    def files(self) -> Iterator[Path]:
        """Yield the parts' files."""
        yield from sorted(self._path.glob("part-*.npz"))

    def _file(self, tokens: range) -> Path:
        return self._path / f"part-{tokens.start}-{tokens.stop}.npz"
