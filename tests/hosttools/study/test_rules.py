"""The fleet's rules against the object model: sampled lives, act by act."""

import dataclasses
import functools
from collections import Counter

import pytest

from firmware_model import (
    PROFILES,
    Climate,
    Config,
    Edge,
    Key,
    Secret,
    State,
    TokenType,
    configure,
    manufacture,
    new_physics,
    step,
)
from firmware_model.climate import steady
from firmware_model.crystal import clock_reading
from firmware_model.oath import code_text
from firmware_model.profile import SECOND
from firmware_model.stimuli import Accepted, Ambient, Lit, Retune
from hosttools.holder.habits import Habits
from hosttools.holder.slips import typed
from hosttools.refserver import Policy
from hosttools.refserver.forms import resync, sync
from hosttools.refserver.policies import POLICIES
from hosttools.refserver.record import Record, Status
from hosttools.refserver.verdict import Kind
from hosttools.refserver.verify import verify
from hosttools.study.desk import CODE, FORM, FRESH, HELP, PRESS, Traced
from hosttools.study.looks import secret_of, slip_of
from hosttools.study.model import HolderGroup, PolicyChoice, ProfileShare, Study, Tokens
from hosttools.study.rules import NOTHING, Said
from hosttools.study.tables import START_NS
from hosttools.study.traced import trace

CODES = {
    Kind.ACCEPTED: Said.ACCEPTED,
    Kind.REPLAYED: Said.REPLAYED,
    Kind.INVALID: Said.REFUSED,
    Kind.OUT_OF_SYNC: Said.REFUSED,
    Kind.LOCKED: Said.LOCKED,
    Kind.THROTTLED: Said.THROTTLED,
}
FORMS = {
    Kind.ACTIVE: Said.TAKEN,
    Kind.RESYNCED: Said.TAKEN,
    Kind.LOCKED: Said.LOCKED,
    Kind.RESYNC_BLOCKED: Said.BLOCKED,
    Kind.DOUBLE_SUBMIT: Said.TWICE,
}
LETTERS = {name: profile.serial_pattern[:4] for name, profile in PROFILES.items()}
CARELESS = Habits(
    uses_per_day=1,
    pocket_bursts_per_day=0.5,
    pocket_presses=4,
    transposed=0.02,
    mistyped=0.05,
    previous_code=0.03,
    again_while_lit=0.05,
    too_late=0.05,
    submitted_twice=0.04,
    first_twice=0.1,
    retries=2,
)


class Pair:
    """A token of the object model and the reference server's record of it."""

    def __init__(self, study: Study, policy: Policy, token: int, warm_mc: int) -> None:
        self.study, self.policy, self.token, self.warm_mc = study, policy, token, warm_mc
        self.born = -1
        self.profile = study.profiles[0].profile
        self.key: Key
        self.config: Config
        self.state: State
        self.record: Record

    def do(self, act: Traced) -> None:
        """Do an act that the loop did, and compare what comes of it."""
        at_ns = START_NS + act.at
        if act.act == FRESH:
            self.fresh(act, at_ns)
        elif act.act == PRESS:
            self.press(act, at_ns)
        elif act.act == CODE:
            self.code(act, at_ns)
        elif act.act == FORM:
            self.form(act, at_ns)
        else:
            assert act.act == HELP
            self.help(at_ns)
        if act.act != FRESH:
            assert self.counter(at_ns) == act.counter
            assert self.record.next_factor == act.next

    def fresh(self, act: Traced, at_ns: int) -> None:
        """Make the token years ago, and take it off the shelf."""
        self.born += 1
        secret = Secret(secret_of(self.study, self.token, self.born))
        self.key = Key(secret)
        self.config = configure(serial_of(self.profile.name), self.profile, secret)
        made_ns = at_ns - act.hold
        shelf: Climate = steady(round(self.study.tokens.shelf_temperature_c * 1000))
        physics = new_physics(
            self.profile, made_ns, tolerance_ppb=act.factor, ageing_ppb=act.second, climate=shelf
        )
        state = manufacture(self.config, made_ns, physics=physics)
        state, _ = step(state, Ambient(at_ns, steady(self.warm_mc)), self.key)
        crystal = state.physics.rtc.crystal._replace(tolerance_ppb=act.said)
        self.state, _ = step(state, Retune(at_ns, crystal), self.key)
        self.record = Record.of_token(self.config)
        self.lit = NOTHING
        self.mark: tuple[int, ...] = ()

    def press(self, act: Traced, at_ns: int) -> None:
        """Press, and compare what lit."""
        self.state, effects = step(self.state, Edge(at_ns, True), self.key)
        self.state, more = step(self.state, Edge(at_ns + act.hold, False), self.key)
        accepted = [e.factor for e in (*effects, *more) if isinstance(e, Accepted)]
        lit = [e.factor for e in (*effects, *more) if isinstance(e, Lit)]
        self.lit = lit[-1] if lit else self.lit
        if accepted:
            assert accepted[-1] == act.factor
        elif act.factor != NOTHING:
            assert self.lit == act.factor

    def shown(self, factor: int) -> str:
        """Return the code of a factor."""
        return code_text(self.key.truncated(factor), self.config.digits)

    def code(self, act: Traced, at_ns: int) -> None:
        """Type a code, with what goes wrong."""
        text = self.shown(act.factor)
        if act.second:
            text = typed([slip_of(act.second)], [text]) or ""
        self.record, verdict = verify(self.record, self.policy, text, at_ns)
        assert CODES[verdict.kind] == act.said, verdict

    def form(self, act: Traced, at_ns: int) -> None:
        """Submit a form; a second code that was typed wrong is some other one."""
        first = self.shown(act.factor)
        right = self.shown(act.second) if act.second != NOTHING else "000000"
        second = right if act.second != NOTHING or right != first else "000001"
        submit = sync if self.record.status is Status.ASSIGNED else resync
        before = self.record
        self.record, verdict = submit(before, self.policy, first, second, at_ns)
        expected = FORMS.get(verdict.kind)
        if expected is None:
            counted = self.record.resync_failures > before.resync_failures
            expected = Said.REFUSED if counted else Said.UNCOUNTED
        assert expected == act.said, verdict

    def help(self, at_ns: int) -> None:
        """Bring the record in step, as an operator would."""
        drift = self.record.drift_steps
        if self.record.token_type is TokenType.TIME:
            drift += self.lit - self.record.expected_factor(at_ns)
        self.record = dataclasses.replace(
            self.record,
            status=Status.ACTIVE,
            next_factor=self.lit + 1,
            drift_steps=drift,
            failures=0,
            resync_failures=0,
            throttled_until_ns=0,
        )

    def counter(self, at_ns: int) -> int:
        """Return what the loop calls the token's counter."""
        if self.config.token_type is TokenType.EVENT:
            return self.state.counter
        clock_ns = clock_reading(self.state.physics.rtc, self.state.physics.climate, at_ns)
        return max((clock_ns - self.config.t0_s * SECOND) // self.config.step_ns, 0)


def serial_of(name: str) -> str:
    """Return a serial number that a product may have."""
    letters = LETTERS[name]
    digits = {"[01]": "0000000000042", "[2-9": "2000000000042"}  # Feitian's have no letters
    return digits.get(letters, f"{letters}00000042")


def replay(study: Study, choice: PolicyChoice, token: int) -> Counter[tuple[int, int]]:
    """Do a life again with the object model; return how often each answer came."""
    acts, life = trace(study, choice, token)
    pair = Pair(study, choice.policy, token, int(life["warm_mc"][0]))
    for act in acts:
        pair.do(act)
    assert pair.record.drift_steps == life["drift"][0]
    assert pair.record.failures == life["failures"][0]
    return Counter((act.act, act.said) for act in acts if act.act in (CODE, FORM))


def fleet(profile: str, policy: Policy, **settings: object) -> tuple[Study, PolicyChoice]:
    """Return a study of a few careless people, checked code by code."""
    choice = PolicyChoice(name="tested", policy=policy)
    values: dict[str, object] = {
        "seed": f"differential {profile}",
        "count": 1,
        "months": 3,
        "check_codes": True,
        "tokens": Tokens(shelf_days=400, life_years=1.6, life_spread=0.3, drift_tail_share=0.3),
        "profiles": (ProfileShare(name=profile),),
        "holders": (HolderGroup(habits=CARELESS),),
        "policies": (choice,),
    }
    return Study(**values | settings), choice  # type: ignore[arg-type]  # settings of a study


STRICT = dataclasses.replace(Policy(), look_ahead=3, lock_after=2, resync_window=30, resync_limit=3)
SLOW = dataclasses.replace(
    Policy(), lock_after=0, throttle_s=40, resync_unlocks=False, track_drift=False, resync_steps=4
)
WORLDS = [
    (profile, policy)
    for profile in ("GALH", "GALT")
    for policy in (Policy(), STRICT, SLOW, POLICIES["liboath"].policy)
]


PRODUCTS = [name for name in PROFILES if name not in {"GALH", "GALT"}]


@functools.cache  # two tests look at the same lives
def answers_in(profile: str, policy: Policy) -> Counter[tuple[int, int]]:
    """Compare a few lives; return how often each answer came."""
    study, choice = fleet(profile, policy)
    return sum((replay(study, choice, token) for token in range(4)), Counter())


@pytest.mark.parametrize(("profile", "policy"), WORLDS)
def test_lives_agree_with_the_object_model(profile: str, policy: Policy) -> None:
    """Counters, steps, offsets and verdicts are those of the firmware and the server."""
    assert answers_in(profile, policy)


@pytest.mark.parametrize("policy", [Policy(), STRICT])
def test_lives_without_codes_agree(policy: Policy) -> None:
    """Where no code is looked at, none of these lives has two that are equal by chance."""
    study, choice = fleet("GALH", policy, check_codes=False)
    for token in range(4):
        replay(study, choice, token)


@pytest.mark.parametrize("profile", PRODUCTS)
def test_every_product_agrees(profile: str) -> None:
    """What a press does while lit, the lit time and the life of a product are its profile's."""
    study, choice = fleet(profile, STRICT)
    replay(study, choice, 0)


def test_all_that_a_server_says_comes_up() -> None:
    """The lives that are compared have every kind of answer in them."""
    said = {answer for world in WORLDS for answer in answers_in(*world)}
    singles = {Said(answer) for act, answer in said if act == CODE}
    assert {Said.ACCEPTED, Said.REPLAYED, Said.REFUSED, Said.LOCKED, Said.THROTTLED} == singles
    pairs = {Said(answer) for act, answer in said if act == FORM}
    assert {Said.TAKEN, Said.REFUSED, Said.TWICE} <= pairs


@pytest.mark.full
@pytest.mark.parametrize(("profile", "policy"), WORLDS)
def test_thousands_of_lives_agree(profile: str, policy: Policy) -> None:
    """As above, of many more."""
    study, choice = fleet(profile, policy, seed="thousands", months=6)
    for token in range(400):
        replay(study, choice, token)


@pytest.mark.full
@pytest.mark.parametrize("profile", PRODUCTS)
def test_many_lives_of_every_product_agree(profile: str) -> None:
    """As above, of every product."""
    study, choice = fleet(profile, STRICT)
    for token in range(1, 12):
        replay(study, choice, token)
