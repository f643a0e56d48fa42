"""A token in somebody's hand: one interface, whatever holds it.

>>> from hosttools.hand import Token
>>> with Token.in_process("GALH00004226") as token:
...     token.press(), token.press_many(2), token.counter
('755224', ['287082', '359152'], 3)
"""

from hosttools.errors import NotOfferedError
from hosttools.hand.asynctoken import AsyncToken
from hosttools.hand.bench import BenchHand
from hosttools.hand.conversation import CommandError, PortError
from hosttools.hand.http import HttpHand
from hosttools.hand.manual import ManualHand
from hosttools.hand.opening import open_bench, open_hand, open_still_bench, sample_config
from hosttools.hand.port import PortToken
from hosttools.hand.seam import Can, Hand, Pressed
from hosttools.hand.token import PressRefusedError, Token

__all__ = [
    "AsyncToken",
    "BenchHand",
    "Can",
    "CommandError",
    "Hand",
    "HttpHand",
    "ManualHand",
    "NotOfferedError",
    "PortError",
    "PortToken",
    "PressRefusedError",
    "Pressed",
    "Token",
    "open_bench",
    "open_hand",
    "open_still_bench",
    "sample_config",
]
