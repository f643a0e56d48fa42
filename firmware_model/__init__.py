"""The token itself: a pure model of a GALH-series one-time-password token.

Standard library only. It reads no clock, draws no random number and opens
nothing: everything follows from ``(state, stimulus)``. Who drives it hands in
the time and carries out the effects.

>>> secret = Secret(b"12345678901234567890")
>>> config = configure("GALH00004226", GALH, secret)
>>> key = Key(secret, config.algorithm)
>>> token = manufacture(config, at_ns=0)
>>> token, _ = step(token, Edge(1_000_000_000, True), key)
>>> token, effects = step(token, Edge(1_100_000_000, False), key)
>>> lcd(token).text
'755224'
>>> token, _ = step(token, Advance(next_deadline(token)), key)
>>> token, _ = step(token, Advance(32_000_000_000), key)
>>> lcd(token).text
''
"""

from firmware_model.climate import Climate
from firmware_model.crystal import Crystal, Rtc
from firmware_model.machine import manufacture, power_on, step
from firmware_model.nvm import Config, configure, new_image, read_config
from firmware_model.oath import Algorithm, Key, Secret, hotp, totp
from firmware_model.physics import Physics, new_physics
from firmware_model.products import GALH, GALT, PROFILES
from firmware_model.profile import Profile, TokenType
from firmware_model.state import State, image, lcd, next_deadline, token_time
from firmware_model.stimuli import Advance, Edge, SetCounter, ShiftTime, SupplyDip
from firmware_model.table import Mode

__all__ = [
    "GALH",
    "GALT",
    "PROFILES",
    "Advance",
    "Algorithm",
    "Climate",
    "Config",
    "Crystal",
    "Edge",
    "Key",
    "Mode",
    "Physics",
    "Profile",
    "Rtc",
    "Secret",
    "SetCounter",
    "ShiftTime",
    "State",
    "SupplyDip",
    "TokenType",
    "configure",
    "hotp",
    "image",
    "lcd",
    "manufacture",
    "new_image",
    "new_physics",
    "next_deadline",
    "power_on",
    "read_config",
    "step",
    "token_time",
    "totp",
]
