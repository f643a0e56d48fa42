"""Verbs of whoever has a token in the hand: press, look, wait."""

from collections.abc import Collection
from typing import Any, Final

from emulator.acts import DEFAULT_HOLD_NS, Press, Wait, as_read
from emulator.awaiting import Await
from emulator.bench.core import BenchCore
from emulator.device import Device
from emulator.engine import MAX_TIME_NS
from emulator.errors import UsageError
from emulator.journal import Doer, Record
from emulator.journalform import EFFECT_KINDS, check_kinds, kind_type
from emulator.once import MAX_KEY, Request
from emulator.results import PressResult, Ticket, View
from emulator.series import Presses, Series
from emulator.views import stays, view_of
from firmware_model.oath import Key, hotp
from firmware_model.state import next_deadline
from firmware_model.stimuli import Advance, Edge, Effect

MAX_HOLD_NS: Final = 3_600_000_000_000
MAX_TIMES: Final = 10_000
DEFAULT_LIMIT_S: Final = 120.0
"""Host seconds that a series of presses may take."""

_DARK_NS: Final = 3_600_000_000_000
"""Longer than any product stays lit."""


class ButtonVerbs(BenchCore):
    """See :class:`emulator.bench.Bench`."""

    def press(self, serial: str, hold_ns: int = DEFAULT_HOLD_NS) -> Ticket[PressResult]:
        """Press the button and let go, as one act.

        The ticket resolves once the code lit or the press was refused, and the
        button has come to rest.

        Args:
            serial: which token.
            hold_ns: how long the button is held, 1 ns to an hour.

        Raises:
            UsageError: no such token, a hold time out of range, or time is over.
            StateError: the token's flash failed.
        """
        _check_hold(hold_ns)
        device = self._ready(serial)
        if self._engine.now_ns > MAX_TIME_NS:
            raise UsageError("a press after the last time, in 2115; start at an earlier one")
        press = Press(device, self._engine.now_ns, hold_ns)
        self._engine.perform(press)
        if self._engine.clock.virtual:
            self._engine.see_through(press)
        self._engine.settle()
        return press.ticket

    def press_many(
        self,
        serial: str,
        times: int,
        hold_ns: int = DEFAULT_HOLD_NS,
        *,
        limit_s: float = DEFAULT_LIMIT_S,
    ) -> Ticket[Presses]:
        """Press so many times that so many are accepted, waiting until dark in between.

        One press is one press, whatever comes of it. A series ends early, with the
        refusal last, if one is refused that waiting does not help.

        Args:
            serial: which token.
            times: how many, 1 to :data:`MAX_TIMES`.
            hold_ns: how long the button is held each time.
            limit_s: most host seconds that it may take.

        Raises:
            UsageError: no such token, a number out of range, or it would take too long.
            StateError: the token's flash failed.
        """
        self._check_series(serial, times, hold_ns, limit_s)
        doer = self.journal.doer

        def press() -> Ticket[PressResult]:
            with self.journal.acting(doer):
                return self.press(serial, hold_ns)

        def wait_dark() -> Ticket[bool]:
            return self.wait(serial, lit=False, timeout_ns=_DARK_NS)

        series = Series(times, press, wait_dark)
        series.begin()
        if not series.ticket.done:
            self._series[series.ticket] = series
            series.ticket.then(lambda _: self._forget_series(series))
        return series.ticket

    def _forget_series(self, series: Series) -> None:
        self._series.pop(series.ticket, None)

    def _check_series(self, serial: str, times: int, hold_ns: int, limit_s: float) -> None:
        if not 1 <= times <= MAX_TIMES:
            raise UsageError(f"{times} presses; allowed are 1 to {MAX_TIMES}")
        _check_hold(hold_ns)
        lit_ns = self._ready(serial).state.config.profile.lit_ns
        rate = self._engine.clock.rate
        needed_s = float((times - 1) * lit_ns / rate) / 1e9 if rate else 0.0
        if needed_s > limit_s:
            raise UsageError(
                f"{times} presses take about {needed_s:.0f} s on this clock, more than"
                f" {limit_s:g} s; use a manual or faster clock, or raise the limit"
            )

    def press_once(
        self,
        serial: str,
        key: str,
        body: str,
        times: int = 1,
        hold_ns: int = DEFAULT_HOLD_NS,
        *,
        limit_s: float = DEFAULT_LIMIT_S,
    ) -> Ticket[Presses]:
        """Press under an idempotency key: a request that is sent again presses no more.

        With a store, the key survives a kill. If the process died before it could say
        what came of the presses, or the disk failed meanwhile, the answer to the repeated
        request is one that is refused as ``interrupted``.

        Args:
            serial: which token.
            key: the request's, 1 to 255 characters.
            body: what was asked, in one form; another one under this key is refused.
            times: see :meth:`press_many`.
            hold_ns: likewise.
            limit_s: likewise.

        Raises:
            KeyReusedError: the key belongs to another request.
            KeyBusyError: that request is still under way.
            UsageError: as of :meth:`press_many`, or no such key.
            StateError: the token's flash failed.
        """
        if not 1 <= len(key) <= MAX_KEY or not key.isprintable():
            raise UsageError(
                f"an idempotency key of {len(key)} characters; allowed are 1 to {MAX_KEY},"
                " all printable"
            )
        known = self._once.find(key, serial, body)
        if known is not None:
            return known.ticket or self._answer_again(serial, known)
        self._check_series(serial, times, hold_ns, limit_s)
        doer = Doer(self.journal.doer.by, key)
        with self.journal.acting(doer):
            self._once.ask(key, serial, body, self._engine.now_ns)
            try:
                ticket = self.press_many(serial, times, hold_ns, limit_s=limit_s)
            except UsageError:
                self._once.forget(key)  # nothing has begun
                raise
        self._once.answer(key, ticket)

        def answered(presses: Presses) -> None:
            with self.journal.acting(doer):
                self._once.answered(serial, self._engine.now_ns, presses)
            self._publish()

        ticket.then(answered)
        return ticket

    def _answer_again(self, serial: str, request: Request) -> Ticket[Presses]:
        """Answer what another process was asked."""
        state = self._ready(serial).state
        ticket: Ticket[Presses] = Ticket()
        if request.answered is None:
            ticket.resolve((PressResult(None, "interrupted", None, self._engine.now_ns),))
            return ticket
        config = state.config
        key = Key(config.secret, config.algorithm)
        presses = []
        for at_ns, factor, refused in request.answered.presses:
            if factor is None:
                presses.append(PressResult(None, refused, None, at_ns))
            else:
                presses.append(as_read(state, hotp(key, factor, config.digits), factor, at_ns))
        ticket.resolve(tuple(presses))
        return ticket

    def down(self, serial: str) -> None:
        """Close the button's contact; nothing if it is closed.

        Raises:
            UsageError: no such token.
            StateError: the token's flash failed.
        """
        device = self._ready(serial)
        self._engine.act(device, Edge(self._engine.now_ns, closed=True))

    def up(self, serial: str) -> None:
        """Open the button's contact; nothing if it is open.

        Raises:
            UsageError: no such token.
            StateError: the token's flash failed.
        """
        device = self._ready(serial)
        self._engine.act(device, Edge(self._engine.now_ns, closed=False))

    def give_up(self, serial: str, ticket: Ticket[Any]) -> None:
        """Note that whoever asked for a press or a wait is gone.

        A wait ends at once; a press lets go, though not sooner than after 0.1 s; a series
        of presses goes no further. The ticket still resolves. One that has its result
        already is left alone.

        Raises:
            UsageError: no such token.
        """
        device = self._device(serial)
        series = self._series.get(ticket)
        under_way = ticket if series is None else series.give_up()
        if under_way is not None:
            self._engine.give_up(device, under_way)

    def look(self, serial: str) -> View:
        """Look at a token.

        Raises:
            UsageError: no such token.
            StateError: the token's flash failed.
        """
        device = self._ready(serial)
        if device.view is not None:
            return device.view
        view = view_of(device.state, self._engine.now_ns)
        if stays(device.state):
            device.view = view
        return view

    def wait(self, serial: str, *, lit: bool, timeout_ns: int) -> Ticket[bool]:
        """Wait until the LCD is lit, or dark.

        The timeout counts bench time. On a manual clock the wait moves the clock to
        the moment; if nothing ahead makes it true in time, it fails at once and
        moves nothing.

        Returns:
            A ticket: ``True`` once it is so, ``False`` when the time is over.

        Raises:
            UsageError: no such token, or a negative timeout.
            StateError: the token's flash failed.
        """
        device, until_ns = self._timeout(serial, timeout_ns)
        wait = Wait(device, lit=lit, until_ns=until_ns)
        self._begin(wait)
        return wait.ticket

    def await_event(
        self,
        serial: str,
        kinds: Collection[str],
        *,
        after: int,
        timeout_ns: int,
        text: str | None = None,
    ) -> Ticket[Record | None]:
        """Wait for an effect of a token: what it did after a record, or does in time.

        Waits count bench time, see :meth:`wait`.

        Args:
            serial: which token.
            kinds: which effects, as ``emulator.journalform`` calls them.
            after: number of the last record that is known; 0: what was long ago counts.
            timeout_ns: for how long, bench time.
            text: what the LCD has to show with it; ``None``: anything.

        Returns:
            A ticket: the first record that fits; ``None`` when the time is over.

        Raises:
            UsageError: no such token or effect, or a negative timeout.
            StateError: the token's flash failed, or the journal can't be read.
        """
        check_kinds(kinds)
        if others := sorted(set(kinds) - EFFECT_KINDS):
            raise UsageError(
                f"a token doesn't do {', '.join(others)} by itself; what can be waited for is"
                f" {', '.join(sorted(EFFECT_KINDS))}"
            )
        device, until_ns = self._timeout(serial, timeout_ns)
        types = frozenset(kind_type(kind) for kind in kinds)
        wait = Await(device, types, text, until_ns, self.journal)
        found = self.journal.read(
            after, 1, serials=(serial,), chosen=lambda record: wait.fits(record.event)
        )
        if found:
            wait.ticket.resolve(found[0])
            return wait.ticket
        self._begin(wait)
        return wait.ticket

    def _timeout(self, serial: str, timeout_ns: int) -> tuple[Device, int]:
        if timeout_ns < 0:
            raise UsageError(f"a timeout of {timeout_ns} ns; allowed is 0 and more")
        device = self._ready(serial)
        return device, min(self._engine.now_ns + timeout_ns, MAX_TIME_NS)

    def _begin(self, wait: Wait | Await) -> None:
        """Wait; on a manual clock go to the moment, if the token comes to it by itself."""
        if self._engine.clock.mode == "manual":
            moment_ns = self._foresee(wait)
            if moment_ns is None:
                wait.fail(self._engine.now_ns)
            else:
                # The wait sees what happens on the way.
                self._engine.perform(wait)
                self._engine.leap(moment_ns)
                self._engine.settle()
                self._raise_failure(wait)
                return
        self._raise_failure(wait)
        self._engine.perform(wait)
        self._engine.settle()

    def _raise_failure(self, wait: Wait | Await) -> None:
        if wait.device.failure is not None:
            self._engine.settle()
            raise wait.device.failure

    def _foresee(self, wait: Wait | Await) -> int | None:
        """Find the moment that a wait waits for, if the token comes to it by itself."""
        state, device = wait.device.state, wait.device
        effects: tuple[Effect, ...] = ()
        moment = self._engine.now_ns
        while not wait.met_by(state, effects):
            deadline = next_deadline(state)
            if deadline is None or deadline > wait.until_ns:
                return None
            moment = deadline
            state, effects = device.ahead(Advance(deadline), state)
        return moment


def _check_hold(hold_ns: int) -> None:
    if not 1 <= hold_ns <= MAX_HOLD_NS:
        raise UsageError(f"a hold of {hold_ns} ns; allowed are 1 ns to an hour")
