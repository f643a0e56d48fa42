"""The API with a token that is pressed more often than it signs."""

import pytest
from api import create_app
from signing import LOOK_AHEAD, MAX_FAILURES, RESYNC_WINDOW, Token


@pytest.fixture
def known(galh_token):
    """Return what the server knows of the token."""
    return Token(galh_token.secret_base32)


@pytest.fixture
def post(galh_token, known):
    """Return a function that posts something about the token and returns the status."""
    client = create_app({galh_token.serial: known}).test_client()
    return lambda path, **body: client.post(path, json={"serial": galh_token.serial, **body})


@pytest.fixture
def sign(post):
    """Return a function that signs with a code and returns the status."""
    return lambda code: post("/sign", code=code).status_code


@pytest.fixture
def resync(post):
    """Return a function that resynchronises with two codes and returns the status."""
    return lambda first, second: post("/resync", codes=[first, second]).status_code


def test_each_code_signs_once(galh_token, sign):
    code = galh_token.press()
    assert sign(code) == 200
    assert sign(code) == 401


def test_look_ahead_ends_where_it_should(galh_token, known, sign):
    galh_token.press_many(LOOK_AHEAD)
    assert sign(galh_token.fresh_code()) == 200
    galh_token.press_many(LOOK_AHEAD + 1)
    assert sign(galh_token.fresh_code()) == 401
    assert galh_token.counter - known.counter == LOOK_AHEAD + 2


def test_two_codes_in_a_row_bring_it_back(galh_token, known, resync, sign):
    galh_token.press_many(RESYNC_WINDOW)
    assert resync(galh_token.fresh_code(), galh_token.fresh_code()) == 200
    assert known.counter == galh_token.counter
    assert sign(galh_token.fresh_code()) == 200


def test_resync_window_ends_where_it_should(galh_token, resync):
    galh_token.press_many(RESYNC_WINDOW + 1)
    assert resync(galh_token.fresh_code(), galh_token.fresh_code()) == 401


def test_a_pair_has_no_gap(galh_token, resync):
    first, _, third = galh_token.press_many(3)
    assert resync(first, third) == 401
    assert resync(first, first) == 401


def test_a_pair_is_found_once(galh_token, resync):
    first, second = galh_token.press_many(2)
    assert resync(first, second) == 200
    assert resync(first, second) == 401


def test_a_locked_token_resynchronises_only(galh_token, resync, sign):
    assert {sign("000000") for _ in range(MAX_FAILURES)} == {401}
    first, second, third = galh_token.press_many(3)
    assert sign(first) == 423
    assert resync(first, second) == 200
    assert sign(third) == 200


@pytest.mark.galh(faults="{press = 2, tear = {byte = 13}}")
def test_power_that_fails_while_the_counter_is_written(galh_token, known, sign):
    assert sign(galh_token.press()) == 200
    galh_token.wait_dark()
    assert galh_token.try_press().refused == "reset"
    assert sign(galh_token.press()) == 200
    assert known.counter == galh_token.counter == 3  # a code was skipped, none repeated


def test_nobody_signs_with_the_token_of_another(galh_token, galh_tokens, sign):
    (other,) = galh_tokens(1)
    assert sign(other.press()) == 401
    assert sign(galh_token.press()) == 200


def test_what_is_no_request_is_refused(post):
    assert post("/resync", codes=["755224"]).status_code == 400
    assert post("/sign", serial="GALH99999999", code="755224").status_code == 404
