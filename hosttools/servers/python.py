"""Any Python object that checks codes: ``--server python:MODULE:FACTORY``.

The factory returns a :class:`~hosttools.servers.seam.Server`, or anything with
``verify(serial, code)``. What else it has (``enrol``, ``sync``, ``resync``, ``unlock``,
``remove``, ``view``, ``set_clock``, ``close``) is found by name; answers may be bools.
Runs what it is told to: only the command line may choose it.
"""

import importlib
import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from emulator.serverview import ServerView
from hosttools.errors import HostError, UsageError
from hosttools.servers.described.tables import nearest
from hosttools.servers.seam import Answer, Can, Enrolment, Outcome, Server, ServerError, clean

_CAN: Final = {
    "enrol": Can.ENROL,
    "sync": Can.SYNC,
    "resync": Can.RESYNC,
    "unlock": Can.UNLOCK,
    "remove": Can.REMOVE,
    "view": Can.VIEW,
    "set_clock": Can.CLOCK,
}
_TYPES: Final = frozenset({Can.EVENT, Can.TIME})
_LIKE: Final = "python:MODULE:FACTORY, as python:myserver.testing:make or python:./make.py:make"


class PythonServer(Server):
    """An object with ``verify``, as a server.

    Args:
        thing: the object. Its ``name`` and ``host`` are taken where it has them, and of
            its ``can`` the kinds of tokens and whether it can be asked at once.
        name: what it is called otherwise.
    """

    def __init__(self, thing: Any, name: str) -> None:  # noqa: ANN401  # anything with verify
        self._thing = thing
        self.name = getattr(thing, "name", name)
        self.host = getattr(thing, "host", None)
        given: frozenset[Can] = frozenset(getattr(thing, "can", ()))
        verbs = frozenset(verb for verb in _CAN if callable(getattr(thing, verb, None)))
        types = given & _TYPES or _TYPES
        self.can = types | (given & {Can.AT_ONCE}) | {_CAN[verb] for verb in verbs}

    def enrol(self, token: Enrolment) -> None:
        """Make a token known."""
        self._call("enrol", super().enrol, token)

    def sync(self, serial: str, code1: str, code2: str) -> Answer:
        """Submit the add form."""
        return self._answer("sync", super().sync, serial, code1, code2)

    def verify(self, serial: str, code: str) -> Answer:
        """Submit one code."""
        return self._answer("verify", super().verify, serial, code)

    def resync(self, serial: str, code1: str, code2: str) -> Answer:
        """Submit the resync form."""
        return self._answer("resync", super().resync, serial, code1, code2)

    def unlock(self, serial: str) -> None:
        """Forget a token's failures."""
        self._call("unlock", super().unlock, serial)

    def remove(self, serial: str) -> None:
        """Make a token unknown again."""
        self._call("remove", super().remove, serial)

    def view(self, serial: str) -> ServerView:
        """Return what it believes of a token."""
        view = self._call("view", super().view, serial)
        if not isinstance(view, ServerView):
            raise ServerError(f"{self.name}: view returned a {type(view).__name__}, no ServerView")
        return view

    def set_clock(self, now_ns: int) -> None:
        """Put its clock to a time."""
        self._call("set_clock", super().set_clock, now_ns)

    def close(self) -> None:
        """Close the object, if it can be."""
        self._call("close", super().close)

    def _answer(self, verb: str, missing: Callable[..., Answer], *given: object) -> Answer:
        answer = self._call(verb, missing, *given)
        match answer:
            case Answer():
                return answer
            case bool():
                return Answer(Outcome.ACCEPTED if answer else Outcome.REFUSED)
            case _:
                raise ServerError(
                    f"{self.name}: {verb} returned a {type(answer).__name__}; allowed are a bool"
                    " and an Answer"
                )

    def _call(self, verb: str, missing: Callable[..., object], *given: object) -> object:
        method = getattr(self._thing, verb, None)
        if not callable(method):
            return missing(*given)
        try:
            return method(*given)
        except HostError:
            raise
        except Exception as e:  # noqa: BLE001  # whatever foreign code raises
            raise ServerError(
                f"{self.name}: {verb} raised {type(e).__name__}: {_words(e, given)}"
            ) from None


def open_server(target: str) -> Server:
    """Return what a factory makes, as a server.

    Args:
        target: ``MODULE:FACTORY``; a module is looked for in the working directory too,
            and one that ends in ``.py`` is a file.

    Raises:
        UsageError: there is no such factory, or it makes something else.
    """
    module_name, _, factory_name = target.rpartition(":")
    if not module_name or not factory_name:
        raise UsageError(f"no factory in {target!r}; give {_LIKE}")
    module = _module(module_name)
    factory = getattr(module, factory_name, None)
    if not callable(factory):
        known = [name for name in vars(module) if callable(getattr(module, name))]
        raise UsageError(
            f"{module_name} has no function {factory_name!r}; {nearest(factory_name, known)}"
        )
    made = factory()
    if isinstance(made, Server):
        return made
    if not callable(getattr(made, "verify", None)):
        raise UsageError(f"{target} made a {type(made).__name__} without verify(serial, code)")
    return PythonServer(made, target)


def _module(name: str) -> ModuleType:
    if name.endswith(".py"):
        path = Path(name)
        spec = importlib.util.spec_from_file_location(path.stem, path)
        if spec is None or spec.loader is None or not path.is_file():
            raise UsageError(f"there is no file {name}")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module
    if not all(part.isidentifier() for part in name.split(".")):
        raise UsageError(f"{name!r} is no module; give {_LIKE}")
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.insert(0, here)  # as python -m does
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as e:
        if f"{name}.".startswith(f"{e.name}."):
            raise UsageError(f"there is no module {name}; give {_LIKE}") from None
        raise UsageError(f"{name} needs {e.name}, which is not installed") from None


def _words(error: Exception, given: tuple[object, ...]) -> str:
    words = str(error)
    for each in given:
        if isinstance(each, str):
            words = words.replace(each, "…") if each else words
    return clean(words)
