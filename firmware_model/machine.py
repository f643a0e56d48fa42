"""The token as a pure machine: ``step(state, stimulus, key) -> (state, effects)``.

No clock, no I/O, no randomness: everything follows from the arguments. The
transition table is in ``table.py``, the functions behind its actions in ``actions.py``;
what is done to the token in ``doing.py``, what it notices by itself in ``notice.py``,
its supply in ``power.py``. Here is the loop that runs from deadline to deadline.
"""

from collections.abc import Mapping

from firmware_model import nvm
from firmware_model.actions import fire
from firmware_model.doing import DO, check_charge, edge
from firmware_model.errors import StimulusError
from firmware_model.notice import done, held, sag, settle, tick
from firmware_model.nvm import Config
from firmware_model.oath import Key
from firmware_model.physics import MAX_CHARGE, Physics, check_physics, check_time, new_physics
from firmware_model.power import rise
from firmware_model.products import PROFILES
from firmware_model.profile import Profile
from firmware_model.run import Run
from firmware_model.state import LAST_NS, NEVER, State
from firmware_model.stimuli import Advance, Edge, Effect, Stimulus
from firmware_model.table import Mode, Trigger


def power_on(
    image: bytes,
    at_ns: int,
    *,
    physics: Physics | None = None,
    used: int = 0,
    profiles: Mapping[str, Profile] = PROFILES,
) -> tuple[State, tuple[Effect, ...]]:
    """Start a token from its NVM image, with empty RAM.

    Args:
        image: the NVM image, see :mod:`firmware_model.nvm`.
        at_ns: bench time, ns since 1970, UTC.
        physics: what it is made of; ``None``: as new, its clock right and without error.
            Without a battery it stays off.
        used: charge that its battery has given, see :attr:`State.used`.
        profiles: profiles by name.

    Raises:
        StimulusError: physics that no token has, or a time past :data:`LAST_NS`.
        ImageError: the image can't be read. Damaged counter slots are no error:
            the token repairs one and shows dashes for two.
    """
    config = nvm.read_config(image, profiles)
    check_time(at_ns)
    matter = physics or new_physics(config.profile, at_ns)
    check_physics(matter)
    check_charge(used, MAX_CHARGE)
    asleep = State(
        config,
        image[nvm.SLOT_A : nvm.SLOT_B],
        image[nvm.SLOT_B :],
        nvm.SLOT_A,
        0,
        0,
        at_ns,
        Mode.ASLEEP,
        NEVER,
        closed=matter.damage.jammed,
        settle_ns=NEVER,
        button=matter.damage.jammed,
        held_ns=NEVER,
        tick_ns=NEVER,
        fail_ns=NEVER,
        factor=0,
        page=0,
        text="",
        lit_at_ns=at_ns,
        low=False,
        used=used,
        safe=0,
        physics=matter,
    )
    run = Run(asleep, None)
    run.weigh()
    if matter.battery.present:
        rise(run)
    else:
        fire(run, Trigger.POWER_GONE)
    return run.freeze(), tuple(run.effects)


def step(state: State, stimulus: Stimulus, key: Key) -> tuple[State, tuple[Effect, ...]]:
    """Let one thing happen to a token.

    Everything that the token does by itself up to the stimulus' time happens
    first, in order, each effect with its own exact time.

    Args:
        state: the token.
        stimulus: not before ``state.now_ns``.
        key: prepared from the token's secret and algorithm.

    Raises:
        StimulusError: time would run back or past :data:`LAST_NS`, the key is another
            token's, or this can't happen to this token.
    """
    run = Run(state, key)
    at_ns = stimulus.at_ns
    if at_ns < run.now:
        raise StimulusError(
            f"a stimulus at {at_ns} ns; the token is at {run.now} ns already and time"
            " doesn't run back"
        )
    if at_ns > LAST_NS:
        check_time(at_ns)
    _run_until(run, at_ns)
    if isinstance(stimulus, Edge):
        edge(run, closed=stimulus.closed)
    elif not isinstance(stimulus, Advance):
        DO[type(stimulus)](run, stimulus)
    return run.freeze(), tuple(run.effects)


def manufacture(config: Config, at_ns: int, *, physics: Physics | None = None) -> State:
    """Return a new token, asleep, as it leaves the factory.

    Args:
        config: see :func:`firmware_model.nvm.configure`.
        at_ns: bench time, ns since 1970, UTC.
        physics: what it is made of; ``None``: its clock right and without error.

    Raises:
        StimulusError: see :func:`power_on`.
    """
    profiles = {config.profile.name: config.profile}
    state, _ = power_on(nvm.new_image(config), at_ns, physics=physics, profiles=profiles)
    return state


def _run_until(run: Run, at_ns: int) -> None:
    while True:
        # The order decides ties. Compared by hand: min() costs twice as much.
        due, act = run.done, done
        if run.settle < due:
            due, act = run.settle, settle
        if run.tick < due:
            due, act = run.tick, tick
        if run.held < due:
            due, act = run.held, held
        if run.fail < due:
            due, act = run.fail, sag
        if due > at_ns:
            break
        run.now = due
        act(run)
    run.now = at_ns
