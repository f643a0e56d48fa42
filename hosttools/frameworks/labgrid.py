"""A token as a labgrid resource, and the driver that presses it.

Needs labgrid, which brings its own build of pyserial: install both into an environment of
their own. An environment file imports ``hosttools.frameworks.labgrid``. Steps are logged with
their arguments and never with a code.
"""

import attr
from labgrid import step, target_factory
from labgrid.driver import Driver
from labgrid.resource import Resource

from hosttools.hand import Can, Token
from hosttools.hand.seam import DEFAULT_HOLD_S


@target_factory.reg_resource
@attr.s(eq=False)
class GalhToken(Resource):
    """A token that somebody can reach.

    Attributes:
        address: a device path or a URL, see :func:`hosttools.hand.open_hand`.
        serial: which token; ``None``: the port's, or the only one.
    """

    address: str = attr.ib(validator=attr.validators.instance_of(str))
    serial: str | None = attr.ib(
        default=None, validator=attr.validators.optional(attr.validators.instance_of(str))
    )


@target_factory.reg_driver
@attr.s(eq=False)
class GalhTokenDriver(Driver):
    """Holds a token from its activation until it is deactivated.

    Every verb raises as that of :class:`hosttools.hand.Token` does.

    Attributes:
        resource: bound by labgrid.
        held: the token, for what is not offered here; ``None`` while inactive.
    """

    bindings = {"resource": GalhToken}  # noqa: RUF012  # labgrid has it so
    held: Token | None = attr.ib(default=None, init=False)

    def on_activate(self) -> None:
        """Take the token in the hand."""
        self.held = Token.open(self.resource.address, self.resource.serial)

    def on_deactivate(self) -> None:
        """Put it down."""
        held, self.held = self.held, None
        if held is not None:
            held.close()

    @property
    def _token(self) -> Token:
        assert self.held is not None  # noqa: S101  # as check_active has seen
        return self.held

    @property
    @Driver.check_active
    def can(self) -> frozenset[Can]:
        """What can be done besides pressing and waiting."""
        return self._token.can

    @Driver.check_active
    @step(args=["hold_s"])
    def press(self, hold_s: float = DEFAULT_HOLD_S) -> str:
        """Press the button and let go; return the code."""
        return self._token.press(hold_s)

    @Driver.check_active
    @step(args=["times"])
    def press_many(self, times: int) -> list[str]:
        """Press so often that so many codes light; return them."""
        return self._token.press_many(times)

    @Driver.check_active
    @step()
    def fresh_code(self) -> str:
        """Wait until the display is dark, press, and return the code."""
        return self._token.fresh_code()

    @Driver.check_active
    @step()
    def wait_dark(self) -> None:
        """Wait until the display is dark."""
        self._token.wait_dark()

    @Driver.check_active
    @step()
    def look(self) -> str:
        """Return what the digits of the display read; empty when dark."""
        return self._token.text

    @Driver.check_active
    @step(args=["seconds"])
    def advance(self, seconds: float) -> None:
        """Let time pass at once, on a clock that is not the host's."""
        self._token.advance(seconds)
