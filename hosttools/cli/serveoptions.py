"""The options of ``galh serve`` that say where tokens can be reached and who is told."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from emulator.loopback import is_loopback
from hosttools.cli.options import AddressType, path_option, read_bearer, together
from hosttools.cli.serving import PTY, Address, Wanted, Web
from hosttools.errors import UsageError
from hosttools.seedfiles import SeedRecord

F = TypeVar("F", bound=Callable[..., Any])

MIN_BEARER: Final = 16
"""Characters of a bearer token: 96 bits of base64."""


def _address_option(name: str, text: str, *, required: bool = False) -> Callable[[F], F]:
    return click.option(name, type=AddressType(), metavar="HOST:PORT", help=text, required=required)


http_options = together(
    path_option(
        "--bearer-file",
        "FILE",
        "What HTTP clients must show as bearer token; needed beyond loopback.",
    ),
    click.option(
        "--allow-host",
        multiple=True,
        metavar="NAME",
        help="A name by which HTTP clients may ask for this machine; may be repeated.",
    ),
    path_option("--tls-cert", "FILE", "Certificate chain (PEM): HTTP with TLS."),
    path_option("--tls-key", "FILE", "Its private key (PEM), if it is not in the same file."),
)
"""Who may come over HTTP, and how."""

server_options = together(
    _address_option("--http", "Where the API is; port 0: any.", required=True), http_options
)
"""Where a reference server can be reached."""

network_options = together(
    click.option("--pty/--no-pty", default=True, show_default=True, help="A pty for each token."),
    _address_option(
        "--tcp", "A TCP port for each token, the next ones on the ports after it; 0: any."
    ),
    _address_option("--rfc2217", "The same as serial ports over the network (RFC 2217)."),
    click.option(
        "--mux",
        type=AddressType(PTY),
        metavar="HOST:PORT|pty",
        help="One port for all tokens, which INSTrument:SELect tells apart.",
    ),
    click.option(
        "--unsafe-listen",
        is_flag=True,
        help="Let --tcp, --rfc2217 and --mux listen beyond loopback, with no log-in.",
    ),
    _address_option("--http", "The HTTP API and the page; port 0: any."),
    http_options,
)
"""Where tokens can be reached besides their ptys."""

process_options = together(
    path_option("--ready-file", "FILE", "Write the ready line there as JSON, once all is ready."),
    click.option(
        "--exit-with-parent",
        is_flag=True,
        help="End when the process that started this one ends, however it does.",
    ),
)
"""What whoever starts a process that serves wants of it."""

job_options = together(
    process_options,
    path_option("--artifacts", "DIR", "At the end, write journal, snapshot and pictures there."),
)
"""What jobs in CI want."""


def wanted_of(state: Path | None, more: dict[str, Any]) -> Wanted:
    """Return what the options of :data:`network_options` and :data:`job_options` ask for.

    Args:
        state: the state directory; ``None``: there is none.
        more: the options by name.

    Raises:
        UsageError: options that contradict each other, or a file that can't be read.
    """
    web = None
    if more["http"] is not None:
        web = web_of(more, more["snapshots"] or (None if state is None else state / "snapshots"))
    else:
        _refuse_key_alone(more)
        _refuse_without_http(more)
    server = more["server"]
    return Wanted(
        pty=more["pty"],
        link=more["link"],
        tcp=more["tcp"],
        rfc2217=more["rfc2217"],
        mux=more["mux"],
        unsafe=more["unsafe_listen"],
        web=web,
        server=":memory:" if server == "reference" else server,
        ready_file=more["ready_file"],
        with_parent=more["exit_with_parent"],
        artifacts=more["artifacts"],
        as_json=more["as_json"],
    )


def web_of(more: dict[str, Any], snapshots: Path | None = None) -> Web:
    """Return what ``--http`` and :data:`http_options` ask for.

    Args:
        more: the options by name.
        snapshots: folder where snapshots are kept; ``None``: nowhere.

    Raises:
        UsageError: options that contradict each other, or a file that can't be read.
    """
    _refuse_key_alone(more)
    return Web(
        address=more["http"],
        bearer=_bearer(more["bearer_file"]),
        hosts=frozenset(more["allow_host"]),
        certificate=more["tls_cert"],
        private_key=more["tls_key"],
        snapshots=snapshots,
    )


def _refuse_key_alone(more: dict[str, Any]) -> None:
    if more["tls_key"] and not more["tls_cert"]:
        raise UsageError("--tls-key is of use with --tls-cert FILE only")


def _refuse_without_http(more: dict[str, Any]) -> None:
    for name in ("bearer_file", "allow_host", "tls_cert", "tls_key", "server", "snapshots"):
        if more[name]:
            raise UsageError(f"--{name.replace('_', '-')} is of use with --http HOST:PORT only")


def _bearer(path: Path | None) -> str | None:
    text = read_bearer(path)
    if text is not None and len(text) < MIN_BEARER:
        raise UsageError(
            f"--bearer-file {path} holds {len(text)} characters; a bearer token has at least"
            f" {MIN_BEARER}, and no spaces: head -c 24 /dev/urandom | base64 > FILE"
        )
    return text


def refuse_practice(records: Iterable[SeedRecord], *addresses: Address | str | None) -> None:
    """Keep tokens that everybody knows the secret of to this machine.

    Args:
        records: the tokens.
        addresses: where they can be reached; what is none doesn't count.

    Raises:
        UsageError: one could be reached from another.
    """
    places = [place[0] for place in addresses if isinstance(place, tuple)]
    reached = [host for host in places if not is_loopback(host)]
    practice = next((record.serial for record in records if record.practice), None)
    if reached and practice is not None:
        raise UsageError(
            f"{practice} is a practice token, whose secret everybody knows, and {reached[0]} can be"
            " reached from other machines; listen on 127.0.0.1, or make tokens of your own"
            " (galh token new)"
        )
