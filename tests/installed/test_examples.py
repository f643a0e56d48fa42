"""The projects under examples/, run as their readers would: installed, in folders of their own."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.installed.environment import ROOT, Environment

EXAMPLES = sorted(path.parent for path in (ROOT / "examples").glob("*/requirements.txt"))

pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="session")
def environment(installed: Callable[..., Environment]) -> Environment:
    """Return one environment that has what every example requires."""
    required = (("-r", example / "requirements.txt") for example in EXAMPLES)
    return installed("examples", *(argument for pair in required for argument in pair))


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_example_passes(environment: Environment, example: Path, tmp_path: Path) -> None:
    """All of its tests pass, and there are some."""
    project = tmp_path / example.name
    shutil.copytree(example, project, ignore=shutil.ignore_patterns(".*", "__pycache__"))

    done = environment.run("pytest", cwd=project)

    assert 0 == done.returncode, done.stdout + done.stderr
    assert re.search(r"= [0-9]+ passed in ", done.stdout)


def test_portal_is_a_whole_project(environment: Environment, tmp_path: Path) -> None:
    """Django has nothing to say against the login's settings, pages and models."""
    project = tmp_path / "django-login"
    shutil.copytree(ROOT / "examples" / "django-login", project)

    done = environment.run("python", "manage.py", "check", "--fail-level=WARNING", cwd=project)

    assert 0 == done.returncode, done.stderr


def test_index_names_every_example() -> None:
    """The page on top leads to each of them, and each tells what it is."""
    page = (ROOT / "examples" / "README.md").read_text(encoding="utf-8")
    named = re.findall(r"\]\(([a-z-]+)/README\.md\)", page)

    assert [example.name for example in EXAMPLES] == sorted(named)
    assert all((example / "README.md").is_file() for example in EXAMPLES)
