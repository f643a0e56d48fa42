"""Parts 1 and 2 of the procedure: log in, and the way to EPCS Device Management.

One straight way of it is walked in every run, all others with ``--full``.
"""

import pytest
from playwright.sync_api import expect

from tests.hosttools.portal.walk.people import ADAMS, Practice, Visitor

LAST_LOGIN_THAT_COUNTS = 10
ABOUT_THE_LOGIN = "Log in as the doctor whose token it is"


def test_everybody_begins_where_their_work_does(practice: Practice) -> None:
    """Doctor, staff, administrator and support; who it is stands on every page."""
    visitor = practice.somebody()
    for name, who, start in [
        ("dr.adams", "Alice Adams, MD (doctor)", "Patients"),
        ("clark", "Chris Clark, RN (staff)", "Patients"),
        ("davis", "Dana Davis (admin)", "Admin"),
        ("support", "Support Desk (support)", "Support: tokens"),
    ]:
        visitor.log_in(name)
        visitor.is_at(start)
        banner = visitor.page.get_by_role("banner")
        expect(banner).to_contain_text(who)
        expect(banner).to_contain_text("Practice and test server. Nothing here is real")
        visitor.log_out()
        visitor.is_at("Log in")
    visitor.page.go_back()
    visitor.page.reload()
    visitor.is_at("Log in")


@pytest.mark.full
def test_a_refused_login_is_not_explained(practice: Practice) -> None:
    """A wrong password and a name that nobody has read the same; too many have to wait."""
    visitor = practice.somebody()
    told = []
    for name in ("dr.adams", "dr.nobody"):
        visitor.log_in(name, "no-such-password")
        visitor.is_told("Name or password is not right.")
        told.append(visitor.main.inner_text())
        for label in ("User name", "Password"):
            expect(visitor.main.get_by_label(label, exact=True)).to_have_value("")
    assert told[0] == told[1]
    for _ in range(LAST_LOGIN_THAT_COUNTS - 1):
        visitor.log_in("dr.adams", "no-such-password")
    visitor.log_in("dr.adams")
    visitor.is_told("Too many attempts")
    visitor.fob(ADAMS).pass_time(minutes=6)
    visitor.log_in("dr.adams")
    visitor.is_at("Patients")


@pytest.mark.full
def test_a_session_that_was_left_alone_is_over(practice: Practice) -> None:
    """After half an hour; what was typed meanwhile was done with nothing."""
    doctor = practice.somebody("dr.adams")
    doctor.open("/patients/mara-ivers/compose")
    doctor.fill_draft("demozepam-1")
    doctor.fob(ADAMS).pass_time(minutes=31)
    doctor.press("Save")
    doctor.is_at("Your session has ended")
    doctor.follow("Log in again")
    doctor.is_at("Log in")


@pytest.mark.full
def test_the_way_to_device_management(doctor: Visitor) -> None:
    """Patient, Compose Rx, the tab Admin, EPCS User Controls, EPCS Device Management."""
    doctor.is_at("Patients")
    doctor.follow("Mara Ivers")
    doctor.is_at("Mara Ivers")
    doctor.follow("Compose Rx", doctor.main)
    doctor.is_at("Compose Rx")
    doctor.follow("Admin", doctor.page.get_by_role("navigation", name="Prescribing"))
    doctor.is_at("Admin")
    doctor.follow("EPCS User Controls")
    doctor.is_at("EPCS User Controls")
    doctor.reads("Syncing must be done under the doctor's own login.")
    doctor.follow("EPCS Device Management")
    doctor.is_at("Authenticate")
    doctor.follow("Cancel")
    doctor.is_at("Admin")


@pytest.mark.full
def test_syncing_is_for_the_doctor(practice: Practice) -> None:
    """Staff and administrators are told on the way, by address too, and can do nothing."""
    for name in ("clark", "davis"):
        visitor = practice.somebody(name)
        visitor.open("/admin/epcs")
        visitor.follow("EPCS Device Management")
        visitor.is_at("Only under the doctor's login")
        visitor.is_told(ABOUT_THE_LOGIN)
    for path in ("authenticate", "add", f"{ADAMS}/resync"):
        visitor.open(f"/admin/epcs/devices/{path}")
        visitor.is_told(ABOUT_THE_LOGIN)
    visitor.follow("Back to the start")


@pytest.mark.full
def test_what_is_not_there(practice: Practice) -> None:
    """A mistyped address is a page as well; so is what this server is."""
    visitor = practice.somebody()
    visitor.open("/admni")
    visitor.is_at("Page not found")
    visitor.follow("About this server")
    visitor.is_at("About this server")
