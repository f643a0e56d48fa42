"""Every error that the token model raises, in one tree.

    FirmwareError (ValueError)
     ├── SecretError          a secret of a length that no token has
     ├── IdentifierError      a serial number that no profile knows
     ├── ProfileError         a profile or a token setting that can't be
     ├── ImageError           bytes that are not an NVM image of this format
     ├── StateFormatError     a serialised state that can't be read
     └── StimulusError        a stimulus that can't happen (time running back)

All of them are about what somebody handed in, hence ``ValueError``. What a
real token does wrong is not an error here: it is an effect.
"""


class FirmwareError(ValueError):
    """Base of all errors of ``firmware_model``."""


class SecretError(FirmwareError):
    """A secret whose length no token has."""


class IdentifierError(FirmwareError):
    """A serial number that can't be a token's."""


class ProfileError(FirmwareError):
    """A profile, or a token's setting, outside what is possible."""


class ImageError(FirmwareError):
    """Bytes that are not an NVM image of this format."""


class StateFormatError(FirmwareError):
    """A serialised state that can't be read."""


class StimulusError(FirmwareError):
    """A stimulus that can't happen to this state."""


class ShortSecretWarning(UserWarning):
    """A secret shorter than the 128 bits that RFC 4226 section 4 R6 demands."""
