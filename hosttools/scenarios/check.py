"""What a scenario's settings can't tell one by one: names, order, and who can do what.

All of it is asked before the first press; nothing is done here. The shrinker asks too: a
scenario from which a step was taken may be none any more.
"""

from collections.abc import Callable, Iterator
from typing import Any, Final

from emulator.errors import EmulatorError
from emulator.faults import FaultPlan, check
from emulator.faults.reader import read_fault
from emulator.faults.spec import Fault as TokenFault
from emulator.faults.whats import PortWhat
from firmware_model.errors import FirmwareError
from firmware_model.nvm import Config
from firmware_model.profile import TokenType
from hosttools.errors import HostError
from hosttools.holder import habits_from_mapping
from hosttools.recipes import recipe
from hosttools.scenarios import steps
from hosttools.scenarios.model import Scenario, Step, TokenSpec
from hosttools.scenarios.steps import OF_ANSWERS, Expect
from hosttools.scenarios.tokens import configs_of
from hosttools.scenarios.toml import inline, plain
from hosttools.scenarios.values import SERIAL, names_in

_OURS: Final = (EmulatorError, FirmwareError, HostError)

_ANSWERED: Final = (*steps.SUBMISSIONS, steps.Desync, steps.Ask)


def problems_of(scenario: Scenario) -> list[str]:
    """Return all that can't be about a scenario, each with its place."""
    problems: list[str] = []
    configs: dict[str, Config] = {}
    if not scenario.tokens:
        problems.append("there is no token; write [[token]] and its serial")
    for number, name in _doubles(scenario.tokens):
        problems.append(f"token {number}: another one is called {name!r} too; names are unique")
    if not problems:
        for number, result in enumerate(configs_of(scenario), 1):
            if isinstance(result, Config):
                configs[result.serial] = result
            else:
                problems.append(f"token {number}: {result}")
    if not scenario.steps:
        problems.append("there is no step; write [[step]] and what to do")
    if problems:
        return problems
    known: dict[str, set[str]] = {serial: set() for serial in configs}
    kept: set[str] = set()
    for number, step in enumerate(scenario.steps, 1):
        where = f"step {number} ({step.do})"
        try:
            token = _token(scenario, step)
        except HostError as e:
            problems.append(f"{where}: {e}")
            continue
        config = None if token is None else configs[token.serial]
        problems += [f"{where}: {problem}" for problem in _problems(step, config, known)]
        problems += [f"{where}: {problem}" for problem in _asked(step, config, known, kept)]
    return problems


def _doubles(tokens: tuple[TokenSpec, ...]) -> Iterator[tuple[int, str]]:
    seen: set[str] = set()
    for number, token in enumerate(tokens, 1):
        names = {token.serial, token.called}
        yield from ((number, name) for name in sorted(names & seen))
        seen |= names


def _token(scenario: Scenario, step: Step) -> TokenSpec | None:
    """Return the token that a step is about; ``None``: of no one."""
    if isinstance(step.what, steps.Advance) and not step.token and step.expect is None:
        return None
    if isinstance(step.what, steps.Ask) and not step.token and len(scenario.tokens) > 1:
        return None
    return scenario.token(step.token)


def _problems(step: Step, config: Config | None, known: dict[str, set[str]]) -> Iterator[str]:
    """Tell what can't be about a step; note the codes that it makes known."""
    codes = set().union(*known.values())
    if config is not None:
        yield from _of_what(step.what, config, codes, last=bool(known[config.serial]))
        _remember(step.what, known[config.serial])
        if step.expect is not None:
            yield from _of_expect(step, config)
    elif isinstance(step.what, steps.Advance):
        yield from _advance(step.what)


def _asked(
    step: Step, config: Config | None, known: dict[str, set[str]], kept: set[str]
) -> Iterator[str]:
    """Tell what can't be about names of values; note those that are kept."""
    what, told = step.what, given_of(step.expect).get("told") or {}
    if isinstance(what, steps.Unpack) and what.parcel not in kept:
        yield f"nothing is kept as {what.parcel!r} by then; ask with keep names it"
    if not isinstance(what, steps.Ask):
        if told:
            yield f"expect: told is nothing that {step.do} leads to"
        return
    codes = set().union(*known.values())
    taken = sorted((what.keep or {}).keys() & (codes | {SERIAL}))
    yield from (f"keep: {name!r} is called otherwise already" for name in taken)
    if config is None and given_of(step.expect).keys() - _OF_ASK:
        yield "expect: of which token? say it with token"
    there = (codes | kept | {SERIAL}) if config is not None else codes | kept
    for name in names_in(what.given or {}):
        if name not in there:
            yield _nothing(name, there)
    kept.update(what.keep or {})
    for name in names_in(told):
        if name not in there | kept:
            yield _nothing(name, there | kept)


_OF_ASK: Final = frozenset({"accepted", "outcome", "told"})


def _nothing(name: str, there: set[str]) -> str:
    return f"nothing is known as {name!r} by then; there are {', '.join(sorted(there - {''}))}"


def _remember(what: steps.What, known: set[str]) -> None:
    if isinstance(what, steps.PRESSES):
        known |= {"", what.as_ or ""}
    elif isinstance(what, steps.Add | steps.Sync | steps.Resync):
        known.add("")
    elif isinstance(what, steps.Holder | steps.Desync | steps.Unpack):
        known.discard("")  # others have pressed since


def _of_what(what: steps.What, config: Config, codes: set[str], *, last: bool) -> Iterator[str]:
    if isinstance(what, steps.Advance):
        yield from _advance(what)
    elif isinstance(what, steps.Submit | steps.Race):
        yield from _code(what, codes, last=last)
    elif isinstance(what, steps.Sync | steps.Resync):
        if what.codes is not None and what.typed is not None:
            yield "give codes or typed, not both"
        yield from (_no_code(name, codes) for name in what.codes or () if name not in codes)
    elif isinstance(what, steps.SetCounter):
        if config.token_type is TokenType.TIME:
            yield "a time token has no counter to be set"
    elif isinstance(what, steps.Fault):
        yield from _raised(lambda: _check_fault(what, config))
    elif isinstance(what, steps.Holder):
        yield from _raised(lambda: habits_from_mapping(plain(what.habits or {})))
    elif isinstance(what, steps.Desync):
        yield from _raised(lambda: _check_recipe(what, config))


def _advance(what: steps.Advance) -> Iterator[str]:
    spans, moments = (what.seconds_ns, what.days_ns), (what.to_ns, what.at_ns)
    if len([1 for moment in moments if moment is not None]) + (spans != (None, None)) != 1:
        yield "give seconds and days, or one of to_s and at"


def _code(what: steps.Submit | steps.Race, codes: set[str], *, last: bool) -> Iterator[str]:
    typed = isinstance(what, steps.Submit) and what.typed is not None
    wrong = isinstance(what, steps.Submit) and what.wrong
    if (what.code is not None) + typed + wrong > 1:
        yield "give one of code, typed and wrong"
    if isinstance(what, steps.Submit) and what.form is not None and (typed or wrong):
        yield "form changes a code of the token; leave typed and wrong out"
    if what.code is not None and what.code not in codes:
        yield _no_code(what.code, codes)
    if what.code is None and not typed and not wrong and not last:
        yield "the token was not pressed yet; press it, or say which code"


def _no_code(name: str, codes: set[str]) -> str:
    there = ", ".join(sorted(codes - {""})) or "none"
    return f"no code is called {name!r} by then; there are {there}: press with as names one"


def _check_fault(what: steps.Fault, config: Config) -> None:
    fault = fault_of(what)
    check(FaultPlan((fault,), source="fault"), (config,))
    if isinstance(fault.what, PortWhat):
        raise HostError(f"{fault.what_key} is a fault of a port, and a scenario's token has none")


def fault_of(what: steps.Fault) -> TokenFault:
    """Return a step's fault.

    Raises:
        EmulatorError: it holds what can't be.
    """
    return read_fault(inline(what.fault), "fault")


def _check_recipe(what: steps.Desync, config: Config) -> None:
    chosen = recipe(what.recipe)
    chosen.by(None if what.by_milli is None else what.by_milli / 1_000)
    if chosen.token_type is not config.token_type:
        raise HostError(f"{what.recipe} is a recipe for {chosen.token_type.value}-based tokens")
    if chosen.needs_server and not what.trial:
        raise HostError(f"{what.recipe} is nothing without a server: write trial = true")


def _raised(act: Callable[[], object]) -> Iterator[str]:
    try:
        act()
    except _OURS as e:
        yield str(e).removeprefix("fault: ")


def _of_expect(step: Step, config: Config) -> Iterator[str]:
    given = given_of(step.expect)
    if given.keys() & OF_ANSWERS and not isinstance(step.what, _ANSWERED):
        yield f"expect: {step.do} has no answer of a server; leave {_of(given, OF_ANSWERS)} out"
    for key, kinds in _ONLY.items():
        if key in given and not isinstance(step.what, kinds):
            yield f"expect: {key} is nothing that {step.do} leads to"
    event = config.token_type is TokenType.EVENT
    for key in ("drift",) if event else ("counter", "next"):
        if key in given:
            yield f"expect: {key}: {'an event' if event else 'a time'} token has none"


_ONLY: Final[dict[str, tuple[type[Any], ...]]] = {
    "winners": (steps.Race,),
    "refused": steps.PRESSES,
}


def _of(given: dict[str, Any], keys: frozenset[str]) -> str:
    return " and ".join(sorted(given.keys() & keys))


def given_of(expect: Expect | None) -> dict[str, Any]:
    """Return what is expected, by key."""
    if expect is None:
        return {}
    names = Expect.__dataclass_fields__
    return {n: value for n in names if (value := getattr(expect, n)) is not None}
