"""The names that the portal gives to forms, patients and prescriptions, as they come back.

They come from addresses and hidden fields, which may hold anything: what can't be one is
nobody's, and no database has to make sense of it.
"""

import re
from typing import Final

_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")


def is_id(text: str) -> bool:
    """Whether a text can be a name that the portal gave."""
    return _ID.fullmatch(text) is not None
