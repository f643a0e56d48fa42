"""A token in somebody's hand: one interface, whatever holds it.

>>> from hosttools.hand import Token
>>> with Token.in_process("GALH00004226") as token:
...     token.press(), token.press_many(2), token.counter
('755224', ['287082', '359152'], 3)
"""

from hosttools.errors import NotOfferedError
from hosttools.hand.conversation import CommandError, PortError
from hosttools.hand.port import PortToken
from hosttools.hand.seam import Can, Hand, Pressed

__all__ = ["Can", "CommandError", "Hand", "NotOfferedError", "PortError", "PortToken", "Pressed"]
