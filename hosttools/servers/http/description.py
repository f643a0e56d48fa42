"""An HTTP server as a TOML file describes it: which requests, and what comes back.

Foreign input: what can't be is refused with file and key. See docs/servers.md.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final

from hosttools.servers.described.placeholders import Template, Value, read_template
from hosttools.servers.described.rules import HTTP
from hosttools.servers.described.sources import Source, read_secret, read_text
from hosttools.servers.described.tables import Table, shown
from hosttools.servers.described.verbs import Common, Known, Step, read_common, read_verbs

_METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
_HEADER: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_WRITTEN: Final = (
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~!$&'()*+,;=:@/%{}"
)

Tree = Template | bool | int | float | list[Any] | dict[str, Any]
"""JSON, with templates for texts."""

Pairs = tuple[tuple[str, Template], ...]
"""Names and values, in order; a name may come twice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request(Step):
    """One request.

    Attributes:
        method: HTTP's.
        path: below the server's URL.
        query: of the URL.
        headers: besides the usual ones.
        form: body as browsers send it.
        json: body as JSON.
        xml: body as XML.
        auth: whether the operator's log-in goes with it.
        redirects: whether redirects are followed, on the same server.
    """

    method: str
    path: Template
    query: Pairs
    headers: Pairs
    form: Pairs | None
    json: Tree | None
    xml: Template | None
    auth: bool
    redirects: bool


@dataclass(frozen=True, slots=True)
class Basic:
    """User and password in every request (RFC 7617)."""

    user: Source
    password: Source


@dataclass(frozen=True, slots=True)
class Bearer:
    """A token in every request (RFC 6750)."""

    token: Source


@dataclass(frozen=True, slots=True)
class Tls:
    """How the server shows who it is, and we do.

    Attributes:
        verify: whether its certificate is checked.
        ca_file: who vouches for it; ``None``: whom this machine trusts.
        certificate: ours, with its key if that is not apart.
        key: the key of ours.
    """

    verify: bool = True
    ca_file: Path | None = None
    certificate: Path | None = None
    key: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """A whole file.

    Attributes:
        common: what every description has.
        url: where the server is.
        verbs: the requests of each verb.
        auth: the operator's log-in.
        tls: of https.
    """

    common: Common
    url: Source
    verbs: Mapping[str, tuple[Request, ...]]
    auth: Basic | Bearer | None
    tls: Tls


def read_description(table: Table, folder: Path, stem: str) -> Description:
    """Read a description.

    Args:
        table: the whole file.
        folder: what paths in it are relative to.
        stem: the server's name if the file doesn't say.

    Raises:
        DescriptionError: it holds what can't be.
    """
    server = table.table("server")
    common = read_common(table, server, folder, stem)
    url = read_text(server, "url", folder)
    server.done()
    description = Description(
        common=common,
        url=url,
        verbs=read_verbs(table, common, HTTP, _read_request),
        auth=_auth(table.table("auth"), folder) if "auth" in table else None,
        tls=_tls(table.table("tls"), folder),
    )
    table.done()
    return description


def _read_request(table: Table, step: Step, known: Known) -> Request:
    bodies = [key for key in ("form", "json", "xml") if key in table]
    if len(bodies) > 1:
        raise table.error(f"{' and '.join(bodies)}; a request has one body")
    headers = table.table("headers")
    for name in headers:
        if not _HEADER.fullmatch(name):
            raise headers.error("no name of a header", name)
    return Request(
        **{field.name: getattr(step, field.name) for field in fields(Step)},
        method=table.word("method", _METHODS, "POST" if bodies else "GET"),
        path=_path(table, known),
        query=_pairs(table.table("query"), known),
        headers=_pairs(headers, known),
        form=_pairs(table.table("form"), known) if "form" in table else None,
        json=_tree(table, "json", known) if "json" in table else None,
        xml=read_template(table, "xml", table.text("xml"), known) if "xml" in table else None,
        auth=table.switch("auth", default=True),
        redirects=table.switch("redirects", default=False),
    )


def _path(table: Table, known: Known) -> Template:
    text = table.text("path")
    strange = next((char for char in text if char not in _WRITTEN), None)
    if not text.startswith("/") or text.startswith("//") or strange is not None:
        what = "" if strange is None else f", not {strange!a}: percent-encode it"
        also = "; what comes after ? goes into query" if strange == "?" else ""
        raise table.error(f"give a path below the server's url, as /login{what}{also}", "path")
    return read_template(table, "path", text, known)


def _pairs(table: Table, known: Known) -> Pairs:
    pairs: list[tuple[str, Template]] = []
    for name in table:
        value = table.value(name)
        for each in value if isinstance(value, list) else [value]:
            if not isinstance(each, str | int | float):
                raise table.error(f"{shown(each)}; give a text, a number, or a list of them", name)
            written = str(each).lower() if isinstance(each, bool) else str(each)
            pairs.append((name, read_template(table, name, written, known)))
    return tuple(pairs)


def _tree(table: Table, key: str, known: Known) -> Tree:
    value = table.value(key)
    if isinstance(value, dict):
        within = table.table(key)
        return {name: _tree(within, name, known) for name in within}
    if isinstance(value, list):
        within = table.numbered(key)
        return [_tree(within, name, known) for name in within]
    if isinstance(value, str):
        return read_template(table, key, value, known)
    if isinstance(value, bool | int) or (isinstance(value, float) and math.isfinite(value)):
        return value
    raise table.error(f"{shown(value)}; JSON has texts, numbers, true and false", key)


def fill_tree(tree: Tree, values: Mapping[str, Value]) -> object:
    """Return JSON with values in place. A text that is one placeholder takes the value's type."""
    match tree:
        case Template():
            return tree.fill_typed(values)
        case dict():
            return {name: fill_tree(each, values) for name, each in tree.items()}
        case list():
            return [fill_tree(each, values) for each in tree]
        case _:
            return tree


def _auth(table: Table, folder: Path) -> Basic | Bearer:
    auth: Basic | Bearer
    match ("basic" in table, "bearer" in table):
        case (True, False):
            basic = table.table("basic")
            auth = Basic(read_text(basic, "user", folder), read_secret(basic, "password", folder))
            basic.done()
        case (False, True):
            auth = Bearer(read_secret(table, "bearer", folder))
        case _:
            table.done()
            raise table.error("give either basic = {user, password} or bearer")
    table.done()
    return auth


def _tls(table: Table, folder: Path) -> Tls:
    def path(key: str) -> Path | None:
        return folder / table.text(key) if key in table else None

    tls = Tls(
        table.switch("verify", default=True),
        path("ca_file"),
        path("client_cert"),
        path("client_key"),
    )
    if tls.key and not tls.certificate:
        raise table.error("a key without a client_cert", "client_key")
    if tls.ca_file and not tls.verify:
        raise table.error("not looked at with verify = false; leave one out", "ca_file")
    table.done()
    return tls
