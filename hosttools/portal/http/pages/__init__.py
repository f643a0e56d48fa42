"""The pages, a router for each part of the portal.

A form is answered with a redirect to a page that shows what came of it, or with the same form
and what is wrong; so a reload sends nothing again. What was signed, and what a log was found to
be, is shown at once: to send those again does nothing.
"""

from typing import Final

from fastapi import APIRouter

from hosttools.portal.http.pages import (
    access,
    authenticate,
    devices,
    entrance,
    mail,
    ordering,
    patients,
    phone,
    registration,
    side,
    signing,
    support,
)

ROUTERS: Final[tuple[APIRouter, ...]] = (
    entrance.router,
    patients.router,
    signing.router,
    access.router,
    # Before the tokens, whose serial numbers would take the place of its paths.
    authenticate.router,
    devices.router,
    registration.router,
    ordering.router,
    phone.router,
    mail.router,
    support.router,
    side.router,
)
