"""Pressing a token on a bench."""

from typing import Any, Final

import pytest

from emulator.annotations import Note
from emulator.bench import MAX_HOLD_NS, Bench
from emulator.clock import RealClock, VirtualClock
from emulator.errors import ConflictError, StateError, UsageError
from emulator.happening import Happening
from emulator.journal import Event, Journal
from emulator.results import PressResult, Ticket
from emulator.testing import HandHost, pace
from firmware_model import GALH, GALT, Profile, Secret, configure
from firmware_model.climate import steady, yearly
from firmware_model.contact import BOUNCES, WORN_DOME
from firmware_model.damage import Damage, StuckBits
from firmware_model.oath import MAX_COUNTER
from firmware_model.physics import new_physics
from firmware_model.profile_file import profile_from_mapping
from firmware_model.stimuli import (
    Accepted,
    Ambient,
    BatteryIn,
    BatteryOut,
    BrownOut,
    CommitFailed,
    Dark,
    Drain,
    Edge,
    Exhausted,
    Harm,
    Lit,
    NvmWrite,
    SetCounter,
    ShiftTime,
)

MS: Final = 1_000_000
S: Final = 1_000_000_000
START_NS: Final = 1_767_225_600 * S
SECRET: Final = Secret(b"12345678901234567890")
SERIAL: Final = "GALH00004226"
LIT_AFTER_NS: Final = GALH.debounce_ns + GALH.commit_ns + GALH.compute_ns


def virtual(base: Profile = GALH, **settings: object) -> Bench:
    """Return a bench with one token, on a manual clock."""
    bench = Bench(VirtualClock(START_NS))
    add(bench, base, **settings)
    return bench


def real(base: Profile = GALH, **settings: object) -> tuple[Bench, HandHost]:
    """Return a bench with one token, on the clock of a host that moves when told."""
    host = HandHost(START_NS)
    bench = Bench(RealClock(host))
    add(bench, base, **settings)
    return bench, host


def add(bench: Bench, base: Profile = GALH, **settings: object) -> None:
    """Put a token of a profile with these settings on the bench."""
    profile = profile_from_mapping({"base": base.name, **settings})
    bench.open(configure(SERIAL, profile, SECRET))


def kinds(bench: Bench) -> list[type[Event]]:
    """Return what happened, by kind."""
    return [type(record.event) for record in bench.journal.since(1)]  # 1: placed


# On a virtual clock.


def test_the_answer_is_there() -> None:
    """On a virtual clock a press runs through by itself; its code is RFC 4226's."""
    bench = virtual()
    codes = []
    for _ in range(3):
        codes.append(bench.press(SERIAL).result.code)
        bench.advance(31 * S)
    assert codes == ["755224", "287082", "359152"]


def test_a_press_takes_its_hold_time() -> None:
    """The clock has moved by hold and debounce; the code lit on the way."""
    bench = virtual()
    result = bench.press(SERIAL, 100 * MS).result
    assert result.at_ns == START_NS + LIT_AFTER_NS
    assert bench.now_ns() == START_NS + 100 * MS + GALH.debounce_ns
    assert bench.look(SERIAL).remaining_ns == GALH.lit_ns - 120 * MS + LIT_AFTER_NS


def test_a_short_press_runs_until_its_code_lights() -> None:
    """A button let go early has no code yet; the press waits for it."""
    bench = virtual()
    result = bench.press(SERIAL, GALH.debounce_ns).result
    assert (result.factor, result.at_ns) == (0, START_NS + LIT_AFTER_NS)
    assert bench.now_ns() == START_NS + LIT_AFTER_NS


def test_what_happens_is_told_in_order() -> None:
    """A stimulus stands before its effects; the memory is written before the code lights."""
    bench = virtual()
    bench.press(SERIAL)
    assert kinds(bench) == [Edge, Accepted, NvmWrite, Lit, Edge]
    assert [r.sequence for r in bench.journal.since(0)] == [1, 2, 3, 4, 5, 6]


def test_an_effect_is_told_once_its_state_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever sees an effect in the journal sees a token that has had it."""
    bench = virtual()
    seen = []
    append = Journal.append

    def watching(journal: Journal, serial: str, event: Event) -> None:
        append(journal, serial, event)
        state = bench._engine.devices[serial].state
        if isinstance(event, Lit):
            seen.append((state.text == event.code, state.counter == event.factor + 1))

    monkeypatch.setattr(Journal, "append", watching)
    bench.press(SERIAL)
    assert seen == [(True, True)]


# Refused.


def test_lit() -> None:
    """A press while lit changes nothing."""
    bench = virtual()
    bench.press(SERIAL)
    before = bench.look(SERIAL)
    assert (bench.press(SERIAL).result.refused, bench.look(SERIAL).lcd) == ("lit", before.lcd)
    assert bench.look(SERIAL).counter == 1


def test_cleared() -> None:
    """Where the profile clears, a press while lit darkens."""
    bench = virtual(press_while_lit="clear")
    bench.press(SERIAL)
    assert bench.press(SERIAL).result.refused == "cleared"
    assert bench.look(SERIAL).lcd.text == ""


def test_same_code() -> None:
    """Where the profile says so, a press while lit gives the same code, lit anew."""
    bench = virtual(press_while_lit="same_code")
    first = bench.press(SERIAL).result
    bench.advance(10 * S)
    again = bench.press(SERIAL).result
    assert (again.code, again.factor) == (first.code, 0)
    assert bench.look(SERIAL).remaining_ns > 29 * S


def test_new_code() -> None:
    """Where the profile says so, a press while lit gives the next code."""
    bench = virtual(press_while_lit="new_code")
    assert [bench.press(SERIAL).result.factor for _ in range(3)] == [0, 1, 2]


def test_held() -> None:
    """A button that is down can't be pressed, and the press lets nobody's button go."""
    bench = virtual()
    bench.down(SERIAL)
    assert bench.press(SERIAL).result == PressResult(None, "held", None, START_NS)
    bench.advance(S)
    assert bench.look(SERIAL).pressed
    assert kinds(bench).count(Edge) == 1
    bench.up(SERIAL)
    assert not bench.look(SERIAL).pressed


def test_glitch() -> None:
    """A press shorter than the debounce time is none."""
    bench = virtual()
    result = bench.press(SERIAL, GALH.debounce_ns - 1).result
    assert result.refused == "glitch"
    assert (bench.look(SERIAL).counter, bench.look(SERIAL).mode) == (0, "asleep")


def test_busy() -> None:
    """A press while the token computes is refused."""
    bench = virtual(compute_ns=S)
    bench.down(SERIAL)
    bench.advance(100 * MS)
    bench.up(SERIAL)
    bench.advance(100 * MS)
    assert bench.press(SERIAL).result.refused == "busy"


def test_dead() -> None:
    """A token whose counter is used up gives no code, ever."""
    bench = virtual()
    bench.set_counter(SERIAL, MAX_COUNTER - 1)
    assert bench.press(SERIAL).result.factor == MAX_COUNTER - 1
    bench.advance(31 * S)
    assert [bench.press(SERIAL).result.refused for _ in range(2)] == ["dead", "dead"]
    assert bench.look(SERIAL).lcd.text == ""


def test_reset_under_a_press() -> None:
    """A reset before the code lights ends the press; a reset loses no counter."""
    bench, host = real()
    ticket = bench.press(SERIAL)
    pace(bench, host, 30 * MS)  # the write is done, the code is not lit
    bench.reset(SERIAL)
    pace(bench, host, S)
    assert ticket.result.refused == "reset"
    assert bench.look(SERIAL).counter == 1
    again = bench.press(SERIAL)
    pace(bench, host, S)
    assert again.result.factor == 1


def test_a_key_down_at_reset_makes_no_press() -> None:
    """A button held through a reset is at rest; only the next press counts."""
    bench = virtual()
    bench.down(SERIAL)
    bench.reset(SERIAL)
    bench.advance(S)
    assert bench.look(SERIAL).mode == "asleep"


@pytest.mark.parametrize("hold_ns", [0, -1, MAX_HOLD_NS + 1])
def test_a_hold_out_of_range(hold_ns: int) -> None:
    """What no finger does is refused before anything moves."""
    bench = virtual()
    with pytest.raises(UsageError, match="1 ns to an hour"):
        bench.press(SERIAL, hold_ns)
    assert (bench.now_ns(), bench.journal.head) == (START_NS, 1)


def test_a_strange_token() -> None:
    """A serial number that is not there is an error that says which are."""
    bench = virtual()
    with pytest.raises(UsageError, match=f"'GALH1'.*there are {SERIAL}"):
        bench.press("GALH1")
    with pytest.raises(ConflictError, match="on the bench already"):
        add(bench)


# In real time.


def test_real_time_takes_its_time() -> None:
    """On a real clock the ticket comes when the time has come and somebody pumps."""
    bench, host = real()
    ticket = bench.press(SERIAL, 100 * MS)
    answered = []
    ticket.then(lambda result: answered.append((result.code, host.monotonic_ns)))
    pace(bench, host, 119 * MS)
    assert answered == []
    pace(bench, host, 10 * MS)
    assert answered == [("755224", 120 * MS)]
    assert ticket.result.at_ns == START_NS + LIT_AFTER_NS


def test_without_a_pump_nothing_happens() -> None:
    """Time that passes unseen is caught up with at the next look."""
    bench, host = real()
    ticket = bench.press(SERIAL)
    host.pass_time(S)
    before = ticket.done
    view = bench.look(SERIAL)
    assert (before, ticket.done, view.lcd.text) == (False, True, "755224")


def test_one_pump_catches_up_with_exact_times() -> None:
    """After a stall everything happens in one go, each at the time it was due."""
    bench, host = real()
    other = configure("GALH00000002", GALH, SECRET)
    bench.open(other)
    first = bench.press(SERIAL)
    host.pass_time(5 * MS)
    second = bench.press(other.serial)
    host.pass_time(3600 * S)
    bench.pump()
    assert (first.result.at_ns, second.result.at_ns) == (
        START_NS + LIT_AFTER_NS,
        START_NS + 5 * MS + LIT_AFTER_NS,
    )
    events = [r.event for r in bench.journal.since(0) if not isinstance(r.event, Note)]
    assert [event.at_ns for event in events] == sorted(event.at_ns for event in events)
    assert [e.at_ns for e in events if isinstance(e, Dark)] == [
        START_NS + LIT_AFTER_NS + GALH.lit_ns,
        START_NS + 5 * MS + LIT_AFTER_NS + GALH.lit_ns,
    ]
    assert bench.next_event_ns() is None


def test_a_press_before_the_code_of_another() -> None:
    """Two people press one token: the first gets the code, the second hears it is busy."""
    bench, host = real(compute_ns=200 * MS)
    first = bench.press(SERIAL, 25 * MS)
    pace(bench, host, 50 * MS)
    second = bench.press(SERIAL)
    pace(bench, host, S)
    assert first.result.factor == 0
    assert second.result.refused == "busy"


def test_the_code_of_another_press() -> None:
    """A code that lights while the second button press is debounced is not the second's."""
    bench, host = real()
    first = bench.press(SERIAL, 25 * MS)
    pace(bench, host, 60 * MS)
    second = bench.press(SERIAL)  # debounced at 80 ms; the code of the first lights at 78
    pace(bench, host, S)
    assert first.result.factor == 0
    assert second.result.refused == "lit"


def test_the_code_of_another_step() -> None:
    """A code refreshed by the time step while a press is debounced is not the press'."""
    bench, host = real(GALT, step_change="refresh")
    first = bench.press(SERIAL, 25 * MS)
    pace(bench, host, 30 * S - 10 * MS)
    second = bench.press(SERIAL)  # the step changes 10 ms later
    pace(bench, host, S)
    assert first.result.code is not None
    assert second.result.refused == "lit"


def test_pressed_at_once() -> None:
    """While a press holds the button, another finds it held."""
    bench, host = real()
    first, second = bench.press(SERIAL), bench.press(SERIAL)
    assert second.result.refused == "held"
    pace(bench, host, S)
    assert first.result.code == "755224"


def test_a_button_let_go_under_a_press() -> None:
    """Whoever opens the contact early makes the press a glitch, and no more."""
    bench, host = real()
    ticket = bench.press(SERIAL)
    pace(bench, host, 10 * MS)
    bench.up(SERIAL)
    pace(bench, host, S)
    assert ticket.result.refused == "glitch"


def test_bounces_make_one_press() -> None:
    """Contacts that bounce make one press."""
    bench = virtual()
    for closed in (True, False, True, False, True):
        (bench.down if closed else bench.up)(SERIAL)
        bench.advance(MS)
    bench.advance(S)
    assert kinds(bench).count(Accepted) == 1


def test_holding_shows_what_the_profile_says() -> None:
    """A hold shows the counter until the button is let go; the press still has its code."""
    bench, host = real(hold_action="show_counter")
    ticket = bench.press(SERIAL, 5 * S)
    pace(bench, host, 4 * S)
    assert bench.look(SERIAL).lcd.text == "     1"
    pace(bench, host, 2 * S)
    assert ticket.result.code == "755224"
    assert bench.look(SERIAL).lcd.text == ""


# Who waits.


def test_a_chain_of_presses_on_a_manual_clock() -> None:
    """Ten thousand presses, each begun by the answer to the one before."""
    bench = virtual(press_while_lit="new_code")
    factors = []

    def again(result: PressResult) -> None:
        factors.append(result.factor)
        if len(factors) < 10_000:
            bench.press(SERIAL).then(again)

    bench.press(SERIAL).then(again)
    assert factors == list(range(10_000))


def test_a_chain_of_presses_in_real_time() -> None:
    """A ticket's callback may press again at once, though the bench is at work."""
    bench, host = real(press_while_lit="new_code")
    factors = []

    def again(result: PressResult) -> None:
        factors.append(result.factor)
        bench.press(SERIAL).then(again)

    bench.press(SERIAL).then(again)
    pace(bench, host, 12 * S)
    assert factors == list(range(len(factors)))
    assert len(factors) >= 99


def test_a_verb_inside_a_callback_has_its_answer() -> None:
    """On a manual clock the answer is there when the verb returns, in a callback too."""
    bench = virtual()
    inner: list[Ticket[PressResult]] = []
    done: list[bool] = []

    def press(_: PressResult) -> None:
        inner.append(bench.press(SERIAL))
        done.append(inner[0].done)

    bench.press(SERIAL).then(press)
    assert (done, inner[0].result.refused) == ([True], "lit")


def test_the_schedule_is_told() -> None:
    """Whoever paces the bench hears when the next moment may have changed."""
    bench, _ = real()
    heard: list[int | None] = []
    bench.on_schedule(lambda: heard.append(bench.next_event_ns()))
    bench.press(SERIAL)
    assert heard[-1] == START_NS + GALH.debounce_ns


def test_a_flood_at_one_instant_needs_no_memory() -> None:
    """Down and up a hundred thousand times, in no time, leaves a bounded agenda."""
    bench = virtual()
    bench.press(SERIAL)
    for _ in range(20_000):
        bench.down(SERIAL)
        bench.up(SERIAL)
    assert len(bench._engine._agenda) < 100
    for _ in range(1000):
        bench.down(SERIAL)
        bench.up(SERIAL)
        bench.advance(21 * MS)
    assert len(bench._engine._agenda) < 100


def test_many_waiting_at_once() -> None:
    """Thousands of presses under way at once each find their token."""
    host = HandHost(START_NS)
    bench = Bench(RealClock(host))
    serials = [f"GALH{i:08}" for i in range(2000)]
    for serial in serials:
        bench.open(configure(serial, GALH, SECRET))
    tickets = [bench.press(serial) for serial in serials]
    host.pass_time(S)
    bench.pump()
    assert {t.result.factor for t in tickets} == {0}


def test_a_failed_token_is_refused() -> None:
    """After its flash failed, every verb on a token is a StateError."""
    bench = virtual()
    bench._engine.devices[SERIAL].failure = StateError("made to fail")
    for verb in (bench.press, bench.down, bench.up, bench.look, bench.reset):
        with pytest.raises(StateError, match="made to fail"):
            verb(SERIAL)


@pytest.mark.parametrize(("after_ms", "up_ms"), [(10, 100), (500, 500)])
def test_a_press_nobody_waits_for_lets_go(after_ms: int, up_ms: int) -> None:
    """The finger is lifted at once, but not sooner than after a deliberate press."""
    bench, host = real()
    ticket = bench.press(SERIAL, 3600 * S)
    pace(bench, host, after_ms * MS)
    bench.give_up(SERIAL, ticket)
    pace(bench, host, S)
    ups = [
        record.event.at_ns - START_NS
        for record in bench.journal.since(0)
        if isinstance(record.event, Edge) and not record.event.closed
    ]
    assert [up_ms * MS] == ups
    assert ticket.result.code == "755224"


def test_a_wait_nobody_waits_for_ends() -> None:
    """It leaves nothing behind on the agenda."""
    bench, _ = real()
    ticket = bench.wait(SERIAL, lit=True, timeout_ns=10**6 * S)
    bench.give_up(SERIAL, ticket)
    assert (ticket.result, bench.next_event_ns()) == (False, None)
    bench.give_up(SERIAL, ticket)


# Worn, cold, weak.


def happening(stimulus: Happening, base: Profile = GALH, **settings: object) -> Bench:
    """Return a bench with one token to which something has happened."""
    bench = virtual(base, **settings)
    bench.happen(SERIAL, stimulus)
    return bench


def test_a_worn_segment_is_misread() -> None:
    """The result is what a person reads; the token and its journal know the code."""
    bench = happening(Harm(0, Damage(dead=(0, 0, 0, 0, 0, 0b0000010), stuck=(0, 0b0000010))))
    result = bench.press(SERIAL).result
    assert (result.code, result.factor) == ("795224", 0)
    assert ["755224"] == [r.event.code for r in bench.journal.since(0) if isinstance(r.event, Lit)]


def test_a_missing_digit_is_unreadable() -> None:
    """Nobody types a code with a hole; the counter is used all the same."""
    bench = happening(Harm(0, Damage(dead=(0x7F,))))
    assert "unreadable" == bench.press(SERIAL).result.refused
    assert 1 == bench.look(SERIAL).counter


@pytest.mark.parametrize(("celsius", "refused"), [(-40, "unreadable"), (-20, None)])
def test_a_pale_display(celsius: int, refused: str | None) -> None:
    """In the cold a code can be read, or not any more."""
    bench = happening(Ambient(0, steady(celsius * 1_000)))
    result = bench.press(SERIAL).result
    assert (result.refused, 1) == (refused, bench.look(SERIAL).counter)


def test_a_press_without_power() -> None:
    """Nothing lights and nothing counts; the button still moves."""
    bench = happening(BatteryOut(0))
    assert "off" == bench.press(SERIAL).result.refused
    view = bench.look(SERIAL)
    assert ("off", None, "", False) == (view.mode, view.counter, view.lcd.text, view.pressed)
    assert bench.now_ns() == START_NS + 120 * MS
    assert bench.wait(SERIAL, lit=True, timeout_ns=S).result is False


def test_no_time_without_power() -> None:
    """A time token that is off has no time to tell."""
    bench = happening(BatteryOut(0), GALT)
    assert bench.look(SERIAL).token_time_ns is None


def test_a_brown_out_under_a_press() -> None:
    """The press is refused as after a reset; the next one, too, gives no code twice."""
    bench = virtual()
    capacity = bench._engine.devices[SERIAL].state.physics.battery.capacity
    bench.happen(SERIAL, Drain(0, capacity * 97 // 100))
    assert ["reset", "reset"] == [bench.press(SERIAL).result.refused for _ in range(2)]
    assert BrownOut in kinds(bench)
    assert Lit not in kinds(bench)


def test_an_empty_battery() -> None:
    """A press that takes the last of it finds the token off."""
    bench = virtual()
    capacity = bench._engine.devices[SERIAL].state.physics.battery.capacity
    bench.happen(SERIAL, Drain(0, capacity * 2))
    assert ["off", "off"] == [bench.press(SERIAL).result.refused for _ in range(2)]
    assert Exhausted in kinds(bench)


def test_a_weak_battery_may_show_err() -> None:
    """Where the profile does; the counter is used, and no code lit."""
    bench = virtual(weak_battery="error")
    capacity = bench._engine.devices[SERIAL].state.physics.battery.capacity
    bench.happen(SERIAL, Drain(0, capacity * 92 // 100))
    assert ("weak battery", None) == (bench.press(SERIAL).result.refused, None)
    assert ("   Err", 1) == (bench.look(SERIAL).lcd.text, bench.look(SERIAL).counter)


def test_a_commit_that_fails() -> None:
    """A worn cell: the memory is broken at this press, and no code lights."""
    stuck = (StuckBits(0xC0, 0xFF, 0), StuckBits(0xE0, 0xFF, 0))
    bench = happening(Harm(0, Damage(cells=stuck)))
    assert "error" == bench.press(SERIAL).result.refused
    assert CommitFailed in kinds(bench)


def test_an_expired_token() -> None:
    """Its life is over by its own clock."""
    bench = virtual(GALT, life_days=1)
    bench.advance(2 * 86_400 * S)
    assert "expired" == bench.press(SERIAL).result.refused


def test_leafing_through_a_menu() -> None:
    """A press turns the page, and the last one leaves it; neither gives a code."""
    bench = virtual(hold_action="menu")
    bench.press(SERIAL, 3 * S)
    assert "menu" == bench.look(SERIAL).mode
    assert ["menu"] * 3 == [bench.press(SERIAL).result.refused for _ in range(3)]
    assert "asleep" == bench.look(SERIAL).mode
    assert 1 == bench.press(SERIAL).result.factor


def test_bounces_are_edges_of_their_own() -> None:
    """Each at its own time, and debounced: one code."""
    bench = happening(Harm(0, Damage(bounce=BOUNCES["typical"])))
    assert 0 == bench.press(SERIAL).result.factor
    edges = [r.event.at_ns for r in bench.journal.since(0) if isinstance(r.event, Edge)]
    assert 2 * (len(BOUNCES["typical"]) + 1) == len(edges) == len(set(edges))
    assert 1 == kinds(bench).count(Accepted)


def test_a_worn_dome_presses_twice() -> None:
    """The result is the first code; the second press is in the journal."""
    worn = Harm(0, Damage(chatter=WORN_DOME))
    bench = happening(worn, press_while_lit="new_code", compute_ns=MS)
    assert 0 == bench.press(SERIAL, 300 * MS).result.factor
    assert 2 == kinds(bench).count(Accepted) == bench.look(SERIAL).counter


def test_a_bouncing_press_given_up() -> None:
    """Who leaves lets go, bounces and all, and the button comes to rest."""
    bench, host = real()
    bench.happen(SERIAL, Harm(0, Damage(bounce=BOUNCES["long"], chatter=WORN_DOME)))
    ticket = bench.press(SERIAL, 3_600 * S)
    pace(bench, host, 40 * MS)
    bench.give_up(SERIAL, ticket)
    pace(bench, host, 100 * MS)
    assert (True, False) == (ticket.result.code is not None, bench.look(SERIAL).pressed)


def test_a_jammed_key_is_held() -> None:
    """Nobody can press what is down already."""
    bench = happening(Harm(0, Damage(jammed=True)))
    assert "held" == bench.press(SERIAL).result.refused


# What happens to a token.


def test_it_happens_now() -> None:
    """Whatever time a stimulus names, it is the bench's that counts."""
    bench = virtual()
    bench.advance(S)
    bench.happen(SERIAL, Ambient(5, steady(0)))
    assert START_NS + S == next(iter(bench.journal.since(2))).event.at_ns
    assert 0 == bench.condition(SERIAL).temperature_mc


@pytest.mark.parametrize(
    ("stimulus", "match"),
    [
        (BatteryIn(0), "pull that one first"),
        (Ambient(0, steady(10**9)), "milli °C"),
        (SetCounter(0, 0), "verbs of their own"),
        (ShiftTime(0, 1), "verbs of their own"),
    ],
)
def test_what_can_not_happen(stimulus: Any, match: str) -> None:  # noqa: ANN401  # wrong types too
    """It is refused, and nothing has happened."""
    bench = virtual()
    with pytest.raises(UsageError, match=match):
        bench.happen(SERIAL, stimulus)
    assert bench.journal.head == 1


def test_a_pale_code_is_looked_at_anew() -> None:
    """While the temperature changes, no look is like the one before."""
    bench = virtual(hold_action="show_counter")
    bench.happen(SERIAL, Ambient(0, yearly(START_NS, -20_000, 45_000)))
    bench.down(SERIAL)
    bench.advance(3 * S)
    pale = bench.look(SERIAL).lcd.contrast
    bench.advance(100 * 86_400 * S)
    assert (True, 100) == (pale < 50, bench.look(SERIAL).lcd.contrast)


def test_the_condition_of_a_new_token() -> None:
    """25 °C, a full battery, a right crystal, no damage."""
    now = virtual().condition(SERIAL)
    assert (25_000, 100, True) == (now.temperature_mc, now.battery_percent, now.battery_present)
    assert (3_000 < now.millivolts, 0, Damage()) == (True, now.crystal.tolerance_ppb, now.damage)


def test_physics_that_no_token_has() -> None:
    """They are refused, and no token is on the bench."""
    bench = Bench(VirtualClock(START_NS))
    physics = new_physics(GALH, START_NS, tolerance_ppb=10**12)
    with pytest.raises(UsageError, match="tolerance"):
        bench.open(configure(SERIAL, GALH, SECRET), physics=physics)
    assert () == bench.serials()
