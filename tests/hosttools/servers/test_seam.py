"""What a server says is fit to be kept and shown, whatever it says."""

import base64

import pytest

from hosttools.servers import Answer, Outcome

SECRET = bytes(range(200, 220))


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("code 755224 is wrong", "code ###### is wrong"),
        ("code 755 224, or 7 5 5 2 2 4", "code ######, or ######"),
        ("failure 3 of 10 at 08:17", "failure 3 of 10 at 08:17"),
        (f"secret {SECRET.hex()}.", "secret [secret]."),
        (f"secret {base64.b32encode(SECRET).decode()}.", "secret [secret]."),
        (f"secret {base64.b64encode(SECRET).decode()}.", "secret [secret]."),
        ("authentication-failed /usr/lib/pam_oath", "authentication-failed /usr/lib/pam_oath"),
        ("two\nlines\x1b[31m", "two lines?[31m"),
    ],
)
def test_words(said: str, kept: str) -> None:
    """Codes and secrets are blotted out; it is one line that a terminal may show."""
    assert kept == Answer(Outcome.REFUSED, said).reason
