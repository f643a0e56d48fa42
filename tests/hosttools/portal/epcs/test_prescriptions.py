"""Prescriptions: who writes them, who makes them ready, and what an edit does to that."""

import dataclasses
from collections.abc import Callable

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from hosttools.portal import Portal, Refusal, Why, accounts, open_portal, sessions
from hosttools.portal.draws import SeededDraws
from hosttools.portal.epcs import access, prescriptions
from hosttools.portal.epcs.charts import Prescription, State
from hosttools.portal.passwords import CHEAP
from hosttools.portal.sessions import Session
from hosttools.refserver.http.clock import ServerClock
from tests.hosttools.portal.conftest import START_NS
from tests.hosttools.portal.epcs.people import DRAFT, PATIENT, SERIAL, Doctor

OTHER_DRAFT = dataclasses.replace(DRAFT, quantity=21)


def refused(act: Callable[[], object]) -> Why:
    """Return why something is refused."""
    with pytest.raises(Refusal) as caught:
        act()
    return caught.value.code


def test_the_practices_patients(portal: Portal, adams: Doctor, clark: Session) -> None:
    """Doctors and staff see the same, by name."""
    found = prescriptions.patients(portal, adams.session)

    assert ["Mara Ivers", "Otto Lund", "Pia Quist"] == [each.full_name for each in found]
    assert found == prescriptions.patients(portal, clark)
    assert found[0] == prescriptions.patient(portal, clark, PATIENT)


@pytest.mark.parametrize("name", ["davis", "support"])
def test_patients_are_nobody_elses(
    portal: Portal, log_in: Callable[[str], Session], name: str
) -> None:
    """Neither administrators nor the support desk have to know them."""
    assert Why.NOT_ALLOWED is refused(lambda: prescriptions.patients(portal, log_in(name)))


def test_a_doctor_composes(portal: Portal, adams: Doctor) -> None:
    """It has all that the law wants on it, and nobody has made it ready."""
    written = prescriptions.compose(portal, adams.session, PATIENT, DRAFT)

    assert (State.DRAFT, 1, "dr.adams", "dr.adams") == (
        written.state,
        written.version,
        written.doctor,
        written.composed_by,
    )
    assert "Alice Adams, MD" == written.doctor_name
    assert "BA0000012" == written.dea_number
    assert written.doctor_address
    assert "3 Pine Road, Springfield, IL 62704" == written.patient.address
    assert DRAFT == written.draft
    assert (written,) == prescriptions.of(portal, adams.session, PATIENT)
    assert written == prescriptions.get(portal, adams.session, written.prescription_id)


def test_staff_prepare_for_a_doctor(portal: Portal, clark: Session) -> None:
    """They have to say for whom."""
    written = prescriptions.compose(portal, clark, PATIENT, DRAFT, doctor="dr.adams")

    assert ("dr.adams", "clark") == (written.doctor, written.composed_by)
    assert Why.BAD_INPUT is refused(lambda: prescriptions.compose(portal, clark, PATIENT, DRAFT))
    assert Why.BAD_INPUT is refused(
        lambda: prescriptions.compose(portal, clark, PATIENT, DRAFT, doctor="davis")
    )
    assert ["dr.adams", "dr.baker", "dr.novak"] == [
        each.name for each in prescriptions.doctors(portal, clark)
    ]


@pytest.mark.parametrize("doctor", ["dr.baker", "nobody"])
def test_staff_prepare_for_nobody_who_can_not_log_in(
    portal: Portal, clark: Session, doctor: str
) -> None:
    """A disabled account, and one that is not there, are refused alike."""
    accounts.set_disabled(portal, "dr.baker", disabled=True, actor="test")

    assert Why.BAD_INPUT is refused(
        lambda: prescriptions.compose(portal, clark, PATIENT, DRAFT, doctor=doctor)
    )


def test_a_doctor_does_not_write_for_another(portal: Portal, adams: Doctor) -> None:
    """Each writes in the own name."""
    assert Why.BAD_INPUT is refused(
        lambda: prescriptions.compose(portal, adams.session, PATIENT, DRAFT, doctor="dr.baker")
    )


def test_what_is_wrong_is_said(portal: Portal, adams: Doctor) -> None:
    """All of it, and nothing is kept."""
    bad = dataclasses.replace(DRAFT, quantity=0, refills=1)
    with pytest.raises(Refusal, match=r"quantity: 0.*refills: 1; allowed for schedule II is 0"):
        prescriptions.compose(portal, adams.session, PATIENT, bad)

    assert () == prescriptions.of(portal, adams.session, PATIENT)


def test_staff_can_make_nothing_ready(portal: Portal, adams: Doctor, clark: Session) -> None:
    """Nor take it back: only the doctor has read it."""
    written = prescriptions.compose(portal, adams.session, PATIENT, DRAFT)
    wanted = written.prescription_id

    assert Why.DOCTORS_ONLY is refused(lambda: prescriptions.mark_ready(portal, clark, wanted, 1))
    assert Why.DOCTORS_ONLY is refused(lambda: prescriptions.mark_unready(portal, clark, wanted))


def test_another_doctor_makes_nothing_ready(portal: Portal, adams: Doctor, baker: Doctor) -> None:
    """Only who is named on it."""
    written = prescriptions.compose(portal, adams.session, PATIENT, DRAFT)

    assert Why.NOT_FOUND is refused(
        lambda: prescriptions.mark_ready(portal, baker.session, written.prescription_id, 1)
    )


def test_ready_takes_access(portal: Portal, adams: Doctor, davis: Session) -> None:
    """Without it, the doctor can indicate nothing."""
    written = prescriptions.compose(portal, adams.session, PATIENT, DRAFT)
    access.revoke(portal, davis, "dr.adams")

    assert Why.NO_EPCS is refused(
        lambda: prescriptions.mark_ready(portal, adams.session, written.prescription_id, 1)
    )


def test_ready_is_of_the_text_that_was_read(portal: Portal, adams: Doctor, clark: Session) -> None:
    """What staff change meanwhile has to be read again."""
    written = prescriptions.compose(portal, adams.session, PATIENT, DRAFT)
    prescriptions.edit(portal, clark, written.prescription_id, OTHER_DRAFT)

    assert Why.CONFLICT is refused(
        lambda: prescriptions.mark_ready(
            portal, adams.session, written.prescription_id, written.version
        )
    )
    assert prescriptions.mark_ready(portal, adams.session, written.prescription_id, 2)


def test_the_ready_list(portal: Portal, adams: Doctor, baker: Doctor) -> None:
    """Each doctor's own, and what is taken back is off it."""
    mine = adams.ready()
    baker.ready()

    assert (mine,) == prescriptions.ready(portal, adams.session)
    prescriptions.mark_unready(portal, adams.session, mine.prescription_id)
    assert () == prescriptions.ready(portal, adams.session)


@pytest.mark.parametrize("draft", [OTHER_DRAFT, DRAFT])
@pytest.mark.parametrize("who", ["dr.adams", "clark"])
def test_any_edit_clears_ready(
    portal: Portal, adams: Doctor, log_in: Callable[[str], Session], who: str, draft: object
) -> None:
    """Whoever makes it, and even if it changes nothing."""
    mine = adams.ready()
    assert isinstance(draft, type(DRAFT))

    after = prescriptions.edit(portal, log_in(who), mine.prescription_id, draft)

    assert (State.DRAFT, mine.version + 1, who) == (after.state, after.version, after.composed_by)
    assert () == prescriptions.ready(portal, adams.session)


def test_another_doctor_reads_and_changes_nothing(
    portal: Portal, adams: Doctor, baker: Doctor, clark: Session
) -> None:
    """A doctor prepares nothing for another one; staff do."""
    mine = adams.ready()
    wanted = mine.prescription_id

    assert mine == prescriptions.get(portal, baker.session, wanted)
    for act in (
        lambda: prescriptions.to_change(portal, baker.session, wanted),
        lambda: prescriptions.edit(portal, baker.session, wanted, OTHER_DRAFT),
        lambda: prescriptions.discard(portal, baker.session, wanted),
    ):
        assert Why.NOT_ALLOWED is refused(act)
    assert (mine,) == prescriptions.ready(portal, adams.session)
    assert mine == prescriptions.to_change(portal, clark, wanted)
    assert State.DISCARDED is prescriptions.discard(portal, clark, wanted).state


def test_what_was_discarded_is_closed(portal: Portal, adams: Doctor) -> None:
    """It can be neither changed nor made ready."""
    mine = adams.ready()
    prescriptions.discard(portal, adams.session, mine.prescription_id)

    assert Why.CONFLICT is refused(
        lambda: prescriptions.edit(portal, adams.session, mine.prescription_id, DRAFT)
    )
    assert Why.CONFLICT is refused(
        lambda: prescriptions.mark_ready(portal, adams.session, mine.prescription_id, 2)
    )
    assert () == prescriptions.ready(portal, adams.session)


@pytest.mark.parametrize("wanted", ["", "nobody", "\0", "x" * 100, "\ud800"])
def test_what_is_not_there(portal: Portal, adams: Doctor, wanted: str) -> None:
    """Any text is nobody's name."""
    assert Why.NOT_FOUND is refused(lambda: prescriptions.get(portal, adams.session, wanted))
    assert Why.NOT_FOUND is refused(lambda: prescriptions.of(portal, adams.session, wanted))


class Life(RuleBasedStateMachine):
    """A prescription in the hands of a doctor and of staff: edits always clear ready."""

    def __init__(self) -> None:
        super().__init__()
        self.portal = open_portal(clock=ServerClock(START_NS), draws=SeededDraws(1), hashing=CHEAP)
        self.doctor = Doctor(
            self.portal, sessions.log_in(self.portal, "dr.adams", "practice-doctor")[1], SERIAL
        )
        self.staff = sessions.log_in(self.portal, "clark", "practice-staff")[1]
        self.wanted = prescriptions.compose(
            self.portal, self.doctor.session, PATIENT, DRAFT
        ).prescription_id
        self.read: int | None = None

    def teardown(self) -> None:
        """Let go of the database."""
        self.portal.close()

    @property
    def now(self) -> Prescription:
        """The prescription as it stands."""
        return prescriptions.get(self.portal, self.staff, self.wanted)

    @rule(quantity=st.integers(1, 5), by_staff=st.booleans())
    def edit(self, quantity: int, *, by_staff: bool) -> None:
        """Change it: it is not ready, and what was read is not what there is."""
        who = self.staff if by_staff else self.doctor.session
        after = prescriptions.edit(
            self.portal, who, self.wanted, dataclasses.replace(DRAFT, quantity=quantity)
        )
        assert State.DRAFT is after.state

    @rule()
    def look(self) -> None:
        """Have the doctor read it."""
        self.read = self.now.version

    @precondition(lambda self: self.read is not None)
    @rule()
    def mark(self) -> None:
        """Make ready what was read, which works only if it is what there is."""
        before = self.now
        try:
            prescriptions.mark_ready(self.portal, self.doctor.session, self.wanted, self.read or 0)
        except Refusal:
            assert before.version != self.read
            assert before == self.now
        else:
            assert before.version == self.read

    @invariant()
    def ready_is_what_was_read(self) -> None:
        """Ready is the text that the doctor has read, and no other."""
        if self.now.state is State.READY:
            assert self.read is not None
            assert self.now.version <= self.read


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=15, stateful_step_count=12, deadline=None)
