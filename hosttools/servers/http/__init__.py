"""Any HTTP server, described in a TOML file: ``--server http:FILE.toml``."""

from pathlib import Path

from hosttools.servers.described.tables import DescriptionError, Table
from hosttools.servers.http.description import read_description
from hosttools.servers.seam import Server


def open_server(target: str) -> Server:
    """Return the server that a file describes. Nothing is sent before it is asked for.

    Args:
        target: the file's path.

    Raises:
        DescriptionError: it can't be read, or holds what can't be.
    """
    if not target:
        raise DescriptionError("no file; give http:FILE.toml")
    from hosttools.servers.http.adapter import HttpServer  # noqa: PLC0415  # the extra [web]

    file = Path(target)
    return HttpServer(read_description(Table.of_file(file), file.parent, file.stem))
