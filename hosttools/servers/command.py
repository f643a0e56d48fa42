"""Any program that checks codes, described in a TOML file: ``--server command:FILE.toml``.

No shell is involved, and no value can become an option. Secrets go to standard input,
the environment or a file that only we can read; into arguments, which everybody on the
machine can see, only if the description says so. Runs what it is told to: only the
command line may choose it.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final

from hosttools.servers.described.placeholders import Template, Value, read_template
from hosttools.servers.described.replies import Reply
from hosttools.servers.described.rules import PROGRAM
from hosttools.servers.described.server import DescribedServer, Send
from hosttools.servers.described.tables import DescriptionError, Table
from hosttools.servers.described.verbs import Common, Known, Step, read_common, read_verbs
from hosttools.servers.seam import Server, ServerError

_SECRETS: Final = frozenset({"secret_hex", "secret_base32", "secret_base64"})
_OPTIONS_END: Final = "--"


@dataclass(frozen=True, slots=True, kw_only=True)
class Run(Step):
    """One run of a program.

    Attributes:
        argv: the program and its arguments.
        stdin: what it reads.
        environment: variables besides ours.
        files: what is written to files whose paths are placeholders of ``argv``, ``stdin``
            and ``environment``.
    """

    argv: tuple[Template, ...]
    stdin: Template
    environment: tuple[tuple[str, Template], ...]
    files: tuple[tuple[str, Template], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """A whole file.

    Attributes:
        common: what every description has.
        host: the machine that the programs ask, if that is another one.
        folder: where the programs run.
        verbs: the runs of each verb.
    """

    common: Common
    host: str | None
    folder: Path
    verbs: Mapping[str, tuple[Run, ...]]


class CommandServer(DescribedServer[Run]):
    """A server behind programs.

    Args:
        description: how to drive it.
        clocks: as of :class:`DescribedServer`.
    """

    def __init__(self, description: Description, **clocks: Any) -> None:  # noqa: ANN401  # passed on
        super().__init__(description.common, description.verbs, **clocks)
        self.host = description.host
        self._timeout_s = description.common.timeout_s
        self._folder = description.folder

    @contextlib.contextmanager
    def _sending(self, verb: str) -> Iterator[Send[Run]]:  # noqa: ARG002  # every run is its own
        yield self._run

    def _run(self, step: Run, values: Mapping[str, Value]) -> Reply:
        with tempfile.TemporaryDirectory(prefix="galh-") as folder:  # mode 0700
            known = dict(values)
            for name, content in step.files:
                path = Path(folder, name)
                path.touch(mode=0o600)
                path.write_text(content.fill(values), encoding="utf-8")
                known[name] = str(path)
            return self._call(
                step,
                [self._argument(step, n, known) for n in range(len(step.argv))],
                step.stdin.fill(known),
                {name: template.fill(known) for name, template in step.environment},
            )

    def _argument(self, step: Run, number: int, values: Mapping[str, Value]) -> str:
        argument = step.argv[number]
        text = argument.fill(values)
        first = argument.parts[0] if argument.parts else ""
        ended = any(before.parts == (_OPTIONS_END,) for before in step.argv[:number])
        if text.startswith("-") and not isinstance(first, str) and not ended:
            raise self._error(
                step, f"argument {number} would become an option; put {_OPTIONS_END!r} before it"
            )
        return text

    def _call(
        self, step: Run, argv: list[str], stdin: str, environment: Mapping[str, str]
    ) -> Reply:
        # Its own session, so that what it starts can be ended with it.
        try:
            process = subprocess.Popen(  # noqa: S603  # the description's, from the command line
                [self._program(argv[0]), *argv[1:]],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                cwd=self._folder,
                env={**os.environ, **environment},
                start_new_session=True,
            )
        except OSError as e:
            raise self._error(step, f"{argv[0]} can't be run: {e.strerror}") from None
        except ValueError:  # a NUL, or half a surrogate pair
            raise self._error(step, "a value that no argument or variable can hold") from None
        with process:
            try:
                out, err = process.communicate(
                    stdin.encode(errors="surrogatepass"), timeout=self._timeout_s
                )
            except subprocess.TimeoutExpired:
                raise self._error(step, f"no end within {self._timeout_s:g} s") from None
            finally:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
        document = out.decode(errors="replace")
        return Reply(
            status=process.returncode,
            text=document + err.decode(errors="replace"),
            document=document,
            broken=process.returncode < 0,
        )

    def _program(self, name: str) -> str:
        """Return a program's path: relative ones are beside the description."""
        return str(self._folder / name) if os.sep in name else shutil.which(name) or name

    def _error(self, step: Run, what: str) -> ServerError:
        return ServerError(f"{self.name}: {step.where}: {what}")


def read_description(table: Table, folder: Path, stem: str) -> Description:
    """Read a description.

    Args:
        table: the whole file.
        folder: where the programs run, and what paths are relative to.
        stem: the server's name if the file doesn't say.

    Raises:
        DescriptionError: it holds what can't be.
    """
    server = table.table("server")
    common = read_common(table, server, folder, stem)
    host = server.text("host") if "host" in server else None
    open_secrets = server.switch("secrets_in_arguments", default=False)
    server.done()
    hidden = frozenset() if open_secrets else _SECRETS | common.hidden

    def read_run(table: Table, step: Step, known: Known) -> Run:
        return _read_run(table, step, known, hidden)

    verbs = read_verbs(table, common, PROGRAM, read_run)
    table.done()
    return Description(common=common, host=host, folder=folder, verbs=verbs)


def _read_run(table: Table, step: Step, known: Known, hidden: Known) -> Run:
    files = _templates(table.table("files"), known)
    known |= {name for name, _ in files}
    argv = tuple(read_template(table, "argv", text, known) for text in table.texts("argv"))
    if not argv or not argv[0].parts or argv[0].names:
        raise table.error("give the program, as it is, and its arguments", "argv")
    shown = sorted(hidden & {name for argument in argv for name in argument.names})
    if shown:
        raise table.error(
            f"{{{shown[0]}}} would show in the list of processes; give it in stdin, environment or"
            " files, or allow it with server.secrets_in_arguments = true",
            "argv",
        )
    return Run(
        **{field.name: getattr(step, field.name) for field in fields(Step)},
        argv=argv,
        stdin=read_template(table, "stdin", table.text("stdin", ""), known),
        environment=_templates(table.table("environment"), known),
        files=files,
    )


def _templates(table: Table, known: Known) -> tuple[tuple[str, Template], ...]:
    for name in table:
        if not name.isidentifier():
            raise table.error("no name; allowed are letters, digits and _", name)
    return tuple((name, read_template(table, name, table.text(name), known)) for name in table)


def open_server(target: str) -> Server:
    """Return the server that a file describes. Nothing is run before it is asked for.

    Args:
        target: the file's path.

    Raises:
        DescriptionError: it can't be read, or holds what can't be.
    """
    if not target:
        raise DescriptionError("no file; give command:FILE.toml")
    file = Path(target)
    return CommandServer(read_description(Table.of_file(file), file.absolute().parent, file.stem))
