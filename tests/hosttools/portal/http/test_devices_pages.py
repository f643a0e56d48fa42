"""EPCS Device Management as a doctor walks through it, without scripts."""

import pytest

from tests.hosttools.portal.http.surfing import CODES, Surfer

pytestmark = pytest.mark.anyio


@pytest.fixture
async def doctor(surfer: Surfer, fob: str) -> Surfer:
    """Somebody who is logged in as the doctor whose fob it is."""
    del fob
    await surfer.log_in("dr.adams")
    return surfer


async def test_the_way_leads_from_a_patient_to_device_management(doctor: Surfer) -> None:
    """Patient, Compose Rx, the tab Admin, EPCS User Controls, EPCS Device Management."""
    page = await doctor.open("/patients")
    patient = next(link for link in page.links if link.startswith("/patients/"))
    page = await doctor.open(patient)
    assert f"{patient}/compose" in page.links
    page = await doctor.open(f"{patient}/compose")
    assert "/admin" in page.links
    page = await doctor.open("/admin")
    assert "/admin/epcs" in page.links
    page = await doctor.open("/admin/epcs")
    assert "/admin/epcs/devices" in page.links
    page = await doctor.open("/admin/epcs/devices")
    assert "/admin/epcs/devices/authenticate" == page.path


async def test_a_token_is_added(doctor: Surfer, fob: str) -> None:
    """Two codes in a row, and the token is active."""
    page = await doctor.authenticate()
    assert "/admin/epcs/devices" == page.path
    page = await doctor.add(f" {fob[:4].lower()}-{fob[4:]}", *CODES[:2])
    assert (200, True) == (page.status, "Token Status: Active" in page.text)
    page = await doctor.open("/admin/epcs/devices")
    assert f"{fob} Active" in page.text
