"""The application: all pages and all routes of the API, behind the bench's guard."""

from typing import Final

from fastapi import FastAPI

from emulator.http import pagefiles, problems
from emulator.http.description import complete
from emulator.http.guard import Guard
from emulator.release import DISTRIBUTION, release
from hosttools.portal.http import api, failing, pages
from hosttools.portal.http.desk import PortalDesk
from hosttools.portal.http.files import static_files

PREFIX: Final = "/api/v1"

ANYWHERE: Final = {**problems.ANYWHERE, **problems.problem_responses(402, 404, 409)}
"""What any route may answer: a refusal of a verb has any of these."""

DESCRIPTION: Final = """\
All that the portal's pages do, for programs: log in, authenticate, add and resync tokens,
compose and sign prescriptions, order spares, and the support desk. It is a practice and test
server.

`POST /session` gives a bearer token. Times are nanoseconds since 1970, UTC, of the portal's
clock (`*_ns`). Errors are RFC 9457 problem details; those with a `code` are the portal's own
refusals, and `detail` is what the page would tell.
"""


def make_app(desk: PortalDesk) -> FastAPI:
    """Make the application.

    Args:
        desk: what it works on. Handlers run in threads: the portal takes several at once.
    """
    app = FastAPI(
        title=f"{DISTRIBUTION} practice portal",
        summary="The whole procedure of a token, as a practice and test server",
        description=DESCRIPTION,
        version=release(),
        docs_url=None,  # it would come from a CDN
        redoc_url=None,
    )
    app.state.desk = desk
    failing.install(app)
    for router in api.ROUTERS:
        app.include_router(router, prefix=PREFIX, responses=ANYWHERE)
    app.include_router(api.open_router, responses=ANYWHERE)
    for router in pages.ROUTERS:
        app.include_router(router, include_in_schema=False)
    pagefiles.serve(app, "/static", static_files())
    app.add_middleware(Guard, house=desk)
    complete(app, bearer=False)
    return app
