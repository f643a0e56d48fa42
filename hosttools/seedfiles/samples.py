"""The sample seed files that come with the package: all made up or published."""

from pathlib import Path
from typing import Final

from hosttools.seedfiles.errors import SeedFileError

_PACKAGE: Final = Path(__file__).resolve().parent.parent
_SUFFIXES: Final = frozenset({".csv", ".xml"})


def sample(name: str) -> Path:
    """Return the path of a sample seed file.

    Raises:
        SeedFileError: there is none of that name; the message lists them.

    >>> sample("rfc4226.csv").name
    'rfc4226.csv'
    """
    names = sample_names()
    if name not in names:
        raise SeedFileError(f"no sample seed file {name!r}; there are {', '.join(names)}")
    return folder() / name


def sample_names() -> tuple[str, ...]:
    """Return the names of all sample seed files, sorted."""
    return tuple(sorted(p.name for p in folder().iterdir() if p.suffix in _SUFFIXES))


def seed_path(path: Path) -> Path:
    """Return a seed file's path: a name that is no file may be a sample's."""
    return sample(str(path)) if str(path) in sample_names() and not path.exists() else path


def folder(package: Path = _PACKAGE) -> Path:
    """Return the folder of the sample seed files.

    A wheel has them inside the package; a source checkout, editable or not,
    beside it.

    Args:
        package: where the ``hosttools`` package lies.

    Raises:
        SeedFileError: it is in neither place.
    """
    for candidate in (package / "seeds", package.parent / "seeds"):
        if (candidate / "README.md").is_file():
            return candidate
    raise SeedFileError(f"no sample seed files beside {package}; the installation is incomplete")
