"""Who may import whom, and what the model never touches; read from the source, not run."""

import ast
import graphlib
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LAYERS = ("firmware_model", "emulator", "hosttools")
"""Each may import itself and those before it."""

FORBIDDEN = {
    *("asyncio", "concurrent", "multiprocessing", "queue", "sched", "select", "selectors"),
    *("calendar", "datetime", "time", "zoneinfo"),
    *("random", "secrets", "uuid"),
    *("ctypes", "fcntl", "glob", "io", "mmap", "os", "pathlib", "shelve", "shutil", "signal"),
    *("socket", "sqlite3", "ssl", "subprocess", "sys", "tempfile", "threading", "_thread"),
    *("getpass", "http", "importlib", "inspect", "locale", "logging", "platform", "urllib"),
}
FORBIDDEN_CALLS = {"open", "print", "input", "exec", "eval", "__import__", "breakpoint"}


def modules(package: str) -> list[Path]:
    """Return a package's source files."""
    return sorted((ROOT / package).rglob("*.py"))


def module_name(path: Path) -> str:
    """Return the dotted name of a source file."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def parse(path: Path) -> ast.Module:
    """Parse a source file."""
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def imports(nodes: Iterator[ast.AST] | list[ast.stmt]) -> set[str]:
    """Return what is imported, down to the names taken out of a module."""
    found: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative imports hide which layer they reach"
            assert node.module is not None
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def tops(names: set[str]) -> set[str]:
    """Cut dotted names down to their first part."""
    return {name.partition(".")[0] for name in names}


@pytest.mark.parametrize("path", modules("firmware_model"), ids=module_name)
def test_model_imports_nothing_impure(path: Path) -> None:
    """The model imports itself and harmless parts of the standard library only."""
    found = tops(imports(ast.walk(parse(path)))) - {"firmware_model"}
    assert found <= sys.stdlib_module_names
    assert not found & FORBIDDEN


@pytest.mark.parametrize("path", modules("firmware_model"), ids=module_name)
def test_model_does_no_input_and_output(path: Path) -> None:
    """The model calls nothing that opens, prints, asks or runs text as code."""
    called = {
        node.func.id
        for node in ast.walk(parse(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    assert not called & FORBIDDEN_CALLS


@pytest.mark.parametrize("path", modules("firmware_model"), ids=module_name)
def test_model_asks_for_no_profile_by_name(path: Path) -> None:
    """No code compares a profile's name: what products do differently is a setting."""
    compared = [
        ast.unparse(node)
        for node in ast.walk(parse(path))
        if isinstance(node, ast.Compare) and "profile.name" in ast.unparse(node)
    ]
    assert compared == []


@pytest.mark.parametrize("layer", LAYERS)
def test_no_import_goes_upward(layer: str) -> None:
    """firmware_model knows no emulator, emulator no hosttools, and none knows the tests."""
    above = {*LAYERS[LAYERS.index(layer) + 1 :], "tests", "benchmarks", "docs"}
    for path in modules(layer):
        found = tops(imports(ast.walk(parse(path)))) & above
        assert not found, f"{module_name(path)} imports {', '.join(sorted(found))}"


@pytest.mark.parametrize("layer", LAYERS)
def test_no_import_cycles(layer: str) -> None:
    """No module of a package imports, by way of others, itself as it is loaded."""
    known = {module_name(path): path for path in modules(layer)}
    graph: dict[str, set[str]] = {}
    for name, path in known.items():
        wanted = imports(_loaded(parse(path).body))
        targets = {target if target in known else target.rpartition(".")[0] for target in wanted}
        graph[name] = (targets & known.keys()) - {name}
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as e:
        pytest.fail(f"import cycle: {' -> '.join(e.args[1])}")


def _loaded(body: list[ast.stmt]) -> list[ast.stmt]:
    """Return the statements that run at import: not those for type checkers, nor in functions."""
    found: list[ast.stmt] = []
    for statement in body:
        match statement:
            case ast.If(test=test) if ast.unparse(test).endswith("TYPE_CHECKING"):
                found += _loaded(statement.orelse)
            case ast.If() | ast.Try() | ast.With():
                inner = ast.iter_child_nodes(statement)
                found += _loaded([part for part in inner if isinstance(part, ast.stmt)])
            case _:
                found.append(statement)
    return found
