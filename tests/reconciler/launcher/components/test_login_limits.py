"""Wrong passwords at the SMPP server are answered so often, and then no more for a while."""

from __future__ import annotations

import pytest

from reconciler.launcher.components import login_limits
from reconciler.launcher.components.login_limits import Limit, LoginLimits

HOME = "198.51.100.7"


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def limits(clock: Clock) -> LoginLimits:
    return LoginLimits(Limit(3, 300), clock)


def guess(limits: LoginLimits, times: int, address: str = HOME, system_id: str = "acme") -> None:
    for _ in range(times):
        limits.refused(address, system_id)


def test_so_many_are_answered_and_then_none(limits: LoginLimits) -> None:
    guess(limits, 2)
    assert not limits.is_silent(HOME, "acme")
    assert limits.refused(HOME, "acme")
    assert limits.is_silent(HOME, "acme")


def test_the_silence_ends(limits: LoginLimits, clock: Clock) -> None:
    guess(limits, 3)
    clock.now += 299
    assert limits.is_silent(HOME, "acme")
    clock.now += 1
    assert not limits.is_silent(HOME, "acme")


def test_another_address_is_not_silenced(limits: LoginLimits) -> None:
    """Else a stranger could keep a platform out."""
    guess(limits, 3)
    assert not limits.is_silent("198.51.100.8", "acme")


def test_a_bind_without_a_system_id_is_one_of_its_own(limits: LoginLimits) -> None:
    guess(limits, 15, system_id="")
    assert limits.is_silent(HOME, "")
    assert not limits.is_silent(HOME, "other")


def test_another_platform_behind_the_same_proxy_is_not_silenced(limits: LoginLimits) -> None:
    guess(limits, 3)
    assert not limits.is_silent(HOME, "other")


def test_an_address_can_not_try_all_names(limits: LoginLimits) -> None:
    for number in range(3 * login_limits.ACCOUNTS):
        limits.refused(HOME, f"name{number}")
    assert limits.is_silent(HOME, "another")


def test_an_ipv6_network_is_one_address(limits: LoginLimits) -> None:
    for last in range(3):
        limits.refused(f"2001:db8:1:2::{last}", "acme")
    assert limits.is_silent("2001:db8:1:2:ffff::1", "acme")
    assert not limits.is_silent("2001:db8:1:3::1", "acme")


def test_a_mapped_address_is_the_one_it_is_of(limits: LoginLimits) -> None:
    guess(limits, 3, f"::ffff:{HOME}")
    assert limits.is_silent(HOME, "acme")


def test_the_right_password_forgives_the_wrong_ones(limits: LoginLimits) -> None:
    guess(limits, 2)
    limits.accepted(HOME, "acme")
    guess(limits, 2)
    assert not limits.is_silent(HOME, "acme")


def test_what_is_kept_is_bounded(limits: LoginLimits, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(login_limits, "MOST_KEPT", 10)
    for number in range(100):
        limits.refused(f"10.0.0.{number}", "acme")
    assert len(limits._wrong) == 10


def test_the_default_limit_is_one() -> None:
    assert Limit.parse(login_limits.DEFAULT) == Limit(10, 300.0)


def test_what_is_no_address_is_counted_as_one(limits: LoginLimits) -> None:
    guess(limits, 3, "unix")
    assert limits.is_silent("unix", "acme")
    assert not limits.is_silent("another", "acme")


@pytest.mark.parametrize("text", ["", "10", "0/300", "10/0", "10/inf", "a/b", "-1/300", "10/nan"])
def test_a_malformed_limit_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        Limit.parse(text)
