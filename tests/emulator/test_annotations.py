"""The journal's word for a fault that fires."""

from emulator.annotations import Note
from emulator.faults import Fired


def test_it_is_a_note() -> None:
    """Who reads notes only still reads all of it."""
    fired = Fired(5, "torn", "tear", "press 12")
    assert isinstance(fired, Note)
    assert (5, "fault torn: tear, press 12") == (fired.at_ns, fired.text)
    assert "Fired(at_ns=5, name='torn', what='tear', cause='press 12')" == repr(fired)
