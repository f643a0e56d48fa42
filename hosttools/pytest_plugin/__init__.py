"""The pytest plugin: tokens for tests, as fixtures.

Loaded by every pytest run of an environment that has this distribution, so this module
imports nothing of ours: what a fixture needs is loaded when one is asked for.
"""

from collections.abc import Callable, Generator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:
    from hosttools.calibration.prompts import Answer, Prompt
    from hosttools.hand import AsyncToken, Token
    from hosttools.pytest_plugin.clock import GalhClock
    from hosttools.pytest_plugin.golden import Golden
    from hosttools.pytest_plugin.report import Told
    from hosttools.pytest_plugin.server import GalhPair, GalhServer
    from hosttools.pytest_plugin.spec import Options
    from hosttools.pytest_plugin.world import World

_WORLD: "Final[pytest.StashKey[World]]" = pytest.StashKey()
_LAST_WORDS: "Final[pytest.StashKey[Told]]" = pytest.StashKey()
_MARKER: Final = (
    "galh(profile=…, serial=…, counter=…, ppm=…, desync=…, faults=…, policy=…, start=…):"
    " what the token of this test is like"
)
_SETTINGS: Final = {
    "backend": ("inprocess", "Where tokens live: inprocess, emulated, serial:TARGET or manual."),
    "seed": ("galh", "Text that made-up tokens are worked out from."),
    "artifacts": ("", "Folder for the cases of failed tests; default: in pytest's cache."),
    "seeds": ("", "Seed file of the token of the backends serial and manual."),
}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options, each also as a setting of the ini file."""
    group = parser.getgroup("galh", "GALH tokens")
    for name, (default, text) in _SETTINGS.items():
        group.addoption(f"--galh-{name}", default=None, metavar=name.upper(), help=text)
        parser.addini(f"galh_{name}", text, default=default)
    group.addoption(
        "--galh-update-golden",
        action="store_true",
        help="Write the golden pictures of displays, and compare none.",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker; refuse parallel runs where there is one token.

    Raises:
        pytest.UsageError: it is so.
    """
    config.addinivalue_line("markers", _MARKER)
    backend = _setting(config, "backend")
    parallel = config.getoption("dist", "no") != "no"  # pytest-xdist's
    if parallel and backend.partition(":")[0] in {"manual", "serial"}:
        raise pytest.UsageError(f"--galh-backend={backend}: there is one token; run without -n")


def pytest_report_header(config: pytest.Config) -> str:
    """Tell how tokens are made in this run."""
    return f"galh: backend {_setting(config, 'backend')}, seed {_setting(config, 'seed')}"


def pytest_collection_finish(session: pytest.Session) -> None:
    """Load what fixtures need before any test freezes time: pyserial must not be then."""
    for item in session.items:
        if any(name.startswith("galh_") for name in getattr(item, "fixturenames", ())):
            import hosttools.pytest_plugin.world  # noqa: F401, PLC0415  # only where it is used

            _options(session.config)  # a wrong one ends the run here, with exit code 4
            return


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, None, None]:
    """Skip a test that asks more of a token than whoever holds it can do."""
    try:
        yield
    except Exception as e:
        if _WORLD not in item.stash:
            raise
        from hosttools.errors import NotOfferedError  # noqa: PLC0415  # loaded already

        if not isinstance(e, NotOfferedError):
            raise
        pytest.skip(str(e))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show what is to be seen of the tokens of a failed test, and keep its case."""
    report = yield
    told = item.stash.get(_LAST_WORDS, None)
    if told is not None:
        del item.stash[_LAST_WORDS]  # the test may be run again
    elif report.failed and _WORLD in item.stash:
        told = _tell(item.stash[_WORLD], str(report.longrepr))
    if told is not None:
        text, properties = told
        report.sections.append(("GALH tokens", text))
        for kept in (item.user_properties, report.user_properties):
            kept.extend(properties)  # JUnit takes those of the last report
    return report


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, None, None]:
    """Let go of a test's tokens once all its fixtures have, whatever those raise."""
    try:
        yield
    except Exception as e:
        if _WORLD in item.stash:
            item.stash[_LAST_WORDS] = _tell(item.stash[_WORLD], str(e))
        raise
    finally:
        world = item.stash.get(_WORLD, None)
        if world is not None:
            del item.stash[_WORLD]
            world.close()


def _tell(world: "World", failure: str) -> "Told":
    from hosttools.pytest_plugin.report import tell  # noqa: PLC0415  # only once one failed

    try:
        return tell(world, failure)
    except Exception as e:  # noqa: BLE001  # a mistake of ours must not end everybody's run
        return f"no report: {type(e).__name__}; that is a mistake of ours, please tell us", []


@pytest.fixture
def _galh(request: pytest.FixtureRequest) -> "World":
    from hosttools.pytest_plugin.spec import read_markers  # noqa: PLC0415  # loaded already
    from hosttools.pytest_plugin.world import World  # noqa: PLC0415  # likewise

    item: Any = request.node
    options, ask = _options(request.config), _ask(request.config)

    def make() -> World:
        spec = read_markers(reversed([*item.iter_markers("galh")]))
        return World(item.nodeid, spec, options, ask)

    world: World = _made(make)
    item.stash[_WORLD] = world  # closed when all is torn down
    item.user_properties.append(("galh_backend", options.backend))
    return world


def _made(make: "Callable[[], Any]") -> Any:  # noqa: ANN401  # whatever a fixture gives
    """Make something of a test's world; skip, or fail in one line, if it can't be."""
    from emulator.errors import EmulatorError  # noqa: PLC0415  # loaded already
    from firmware_model.errors import FirmwareError  # noqa: PLC0415  # likewise
    from hosttools.errors import HostError, NotOfferedError  # noqa: PLC0415  # likewise

    try:
        return make()
    except NotOfferedError as e:
        pytest.skip(str(e))
    except (HostError, EmulatorError, FirmwareError) as e:
        pytest.fail(str(e), pytrace=False)


@pytest.fixture
def galh_clock(_galh: "World") -> "GalhClock":
    """Return the time that tokens and server live in: ``advance(seconds)``, ``now()``."""
    return _galh.clock


@pytest.fixture
def galh_token(request: pytest.FixtureRequest, _galh: "World") -> "Token":
    """Return a token, as the marker ``galh`` describes it: ``press()``, ``wait_dark()``."""
    token: Token = _made(_galh.token)
    request.node.user_properties.extend(
        [("galh_serial", token.serial), ("galh_profile", token.hand.profile_name())]
    )
    return token


@pytest.fixture
def galh_tokens(_galh: "World") -> "Callable[..., list[Token]]":
    """Return a function that makes a fleet: ``galh_tokens(5)``, each with its own secret."""

    def make(count: int, profile: str | None = None) -> "list[Token]":
        made: list[Token] = _made(lambda: _galh.fleet(count, profile))
        return made

    return make


@pytest.fixture
def galh_async_token(galh_token: "Token") -> "AsyncToken":
    """Return ``galh_token`` for ``async`` tests: ``await galh_async_token.press()``."""
    from hosttools.hand import AsyncToken  # noqa: PLC0415  # loaded already

    return AsyncToken(galh_token)


@pytest.fixture
def galh_port(_galh: "World") -> str:
    """Return a serial port of ``galh_token``, for a program in another process."""
    port: str = _made(_galh.port)
    return port


@pytest.fixture
def galh_server(_galh: "World") -> "GalhServer":
    """Return the reference server, on the test's clock, knowing the test's tokens."""
    server: GalhServer = _made(lambda: _galh.server)
    return server


@pytest.fixture
def galh_pair(galh_token: "Token", _galh: "World") -> "GalhPair":
    """Return token and server on one clock, with the distance between them."""
    pair: GalhPair = _made(_galh.pair)
    assert pair.token is galh_token  # noqa: S101  # it records what it is
    return pair


@pytest.fixture
def galh_golden(request: pytest.FixtureRequest, _galh: "World") -> "Golden":
    """Return what compares displays with golden pictures: ``check(galh_token.lcd)``."""
    from hosttools.pytest_plugin.golden import Golden  # noqa: PLC0415  # draws pictures

    update = _galh.options.update_golden
    kept = request.node.user_properties.append
    return Golden(
        request.path,
        request.node.name,
        update=update,
        kept=lambda path: kept(("galh_picture", str(path))),
    )


def _setting(config: pytest.Config, name: str) -> str:
    given: str | None = config.getoption(f"galh_{name}")
    return given if given is not None else str(config.getini(f"galh_{name}"))


def _options(config: pytest.Config) -> "Options":
    from hosttools.errors import HostError  # noqa: PLC0415  # loaded already
    from hosttools.pytest_plugin.spec import Options, read_backend  # noqa: PLC0415  # likewise

    try:
        backend, target = read_backend(_setting(config, "backend"))
    except HostError as e:
        raise pytest.UsageError(str(e)) from None
    artifacts, seeds = _setting(config, "artifacts"), _setting(config, "seeds")
    return Options(
        backend=backend,
        target=target,
        seed=_setting(config, "seed"),
        artifacts=lambda: _cases(config, artifacts),
        seeds=config.invocation_params.dir / seeds if seeds else None,
        update_golden=bool(config.getoption("galh_update_golden")),
    )


def _cases(config: pytest.Config, artifacts: str) -> Path:
    if artifacts:
        return config.invocation_params.dir / artifacts
    cache: Any = getattr(config, "cache", None)
    return Path(cache.mkdir("galh")) if cache is not None else config.rootpath / "galh-cases"


def _ask(config: pytest.Config) -> "Callable[[Prompt], Answer | None]":
    """Return what asks a person, or a pipe: with pytest's capturing out of the way."""

    def ask(prompt: "Prompt") -> "Answer | None":
        from hosttools.hand.manual import ask_terminal  # noqa: PLC0415  # only where one is asked

        capture: Any = config.pluginmanager.getplugin("capturemanager")
        if capture is None:
            return ask_terminal()(prompt)
        capture.suspend(in_=True)
        try:
            return ask_terminal()(prompt)
        finally:
            capture.resume()

    return ask
