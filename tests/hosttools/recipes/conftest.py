"""A token in the hand and a server that knows it, for one recipe."""

import contextlib
from collections.abc import Callable, Iterator
from typing import NamedTuple

import pytest

from emulator.runner import Runner
from hosttools.cli.scene import in_process, new_bench
from hosttools.hand import PortToken
from hosttools.manufacture import config_of
from hosttools.refserver import Policy, Record, Store
from hosttools.seedfiles import read_seeds, sample


class Hand(NamedTuple):
    """What a recipe is played on."""

    token: PortToken
    server: Store
    serial: str
    runner: Runner


MakeHand = Callable[..., Hand]


@pytest.fixture
def make_hand() -> Iterator[MakeHand]:
    """Return a function that makes a new token and a server that knows it."""
    configs = {record.serial: config_of(record) for record in read_seeds(sample("ward.csv"))}
    with contextlib.ExitStack() as stack:

        def make(serial: str, *, crystal_ppb: int = 0, policy: Policy | None = None) -> Hand:
            config = configs[serial]
            runner, token = stack.enter_context(in_process(lambda: new_bench(config, crystal_ppb)))
            server = stack.enter_context(Store(":memory:", policy))
            server.add(Record.of_token(config))
            return Hand(token, server, serial, runner)

        yield make
