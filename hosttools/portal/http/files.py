"""The files of the pages: the portal's own, and those that it shares with the bench's page."""

from pathlib import Path
from typing import Final

from emulator.http import pagefiles

FOLDER: Final = Path(__file__).with_name("static")
SHARED: Final = ("common.css", "js/theme.js")
"""So that both look alike, and a theme is the same theme."""


def static_files() -> dict[str, pagefiles.PageFile]:
    """Read them all, by name below ``/static/``."""
    benches = pagefiles.files_of(pagefiles.FOLDER)
    return {name: benches[name] for name in SHARED} | pagefiles.files_of(FOLDER)
