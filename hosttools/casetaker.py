"""Cases of a running bench, for its desk: whoever is far away gets one over HTTP.

Nobody gets a token's own secret by this way: there is no argument for it.
"""

from collections.abc import Callable, Sequence

from emulator.bench import Bench
from hosttools.attached import AttachedReference, as_bench_errors
from hosttools.cases import gather, to_bytes


class Taker:
    """Takes cases of a bench.

    Args:
        bench: belongs to the thread that :meth:`take` is called in.
        server: the attached server, for what it keeps; ``None``: there is none.
    """

    def __init__(self, bench: Bench, server: AttachedReference | None = None) -> None:
        self._bench = bench
        self._servers = {} if server is None else {server.name: server}

    def take(
        self,
        serials: Sequence[str] | None = None,
        *,
        since: int | None = None,
        title: str = "",
        note: str = "",
    ) -> Callable[[], bytes]:
        """Read what happened, see :class:`emulator.http.desk.CaseTaker`."""
        with as_bench_errors():
            case = gather(
                self._bench, serials, servers=self._servers, since=since, title=title, note=note
            )

        def make() -> bytes:
            with as_bench_errors():
                return to_bytes(case())

        return make
