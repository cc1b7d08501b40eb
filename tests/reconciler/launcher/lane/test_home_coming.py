"""Backups of a host: tried in their order, left again when the host is back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.fixtures.raw_smsc import Cut, RawSmsc, bind_resp
from tests.reconciler.launcher.jasmin_python import run
from tests.reconciler.launcher.lane.conftest import until
from tests.reconciler.launcher.lane.several_binds import change, wait_until_bound

SYSTEM_ERROR, WRONG_PASSWORD = 0x08, 0x0E
QUICK = {"home_delay": 0.2}
WHOLE_ANSWER = 20  # octets of a bind_resp

# Seconds at which the host is tried: it takes no bind, or ends it at once, or keeps it for a time.
ATTEMPTS = """
from reconciler.launcher.lane.home_coming import HomeComing

coming, now = HomeComing(), 0

def next_attempt():
    global now
    while not coming.is_due(now, 60, is_away=True):
        now += 1
    print(now)

next_attempt()
assert not coming.is_due(now, 60, is_away=False)  # the bind at the backup had to end before
next_attempt()
coming.arrived()
coming.lost(is_early=True)
next_attempt()
coming.arrived()
assert not coming.is_due(now, 60, is_away=False)
coming.lost(is_early=True)
next_attempt()
coming.arrived()
coming.lost(is_early=False)
next_attempt()
"""


@pytest.fixture
def backup() -> Iterator[RawSmsc]:
    with RawSmsc() as carrier:
        yield carrier


@pytest.fixture
def dead() -> int:
    with RawSmsc() as carrier:
        return carrier.port


def at(carrier: RawSmsc | int) -> list:
    port = carrier if isinstance(carrier, int) else carrier.port
    return ["127.0.0.1", port, ""]


def test_a_host_that_does_not_answer_is_left_for_a_backup(several, backup, dead) -> None:
    program = several(port=dead, binds=2, backups=[at(dead), at(backup)])

    wait_until_bound(program, backup, 2)

    assert [each["port"] for each in program.state()["sessions"]] == [backup.port] * 2
    program.submit(program.message())
    assert program.wait_for_records(1, "answer")


def test_a_host_that_has_a_fault_of_its_own_is_left_too(several, raw_smsc, backup) -> None:
    raw_smsc.answers_binds_with(bind_resp(SYSTEM_ERROR))
    program = several(backups=[at(backup)])

    wait_until_bound(program, backup, 1)


def test_a_host_that_ends_each_bind_at_once_is_left_too(several, raw_smsc, backup) -> None:
    raw_smsc.answers_binds_with(Cut(bind_resp(), WHOLE_ANSWER))
    program = several(backups=[at(backup)])

    wait_until_bound(program, backup, 1)

    assert len(raw_smsc.binds) == 1


def test_a_host_that_is_no_better_is_tried_ever_later(tmp_path) -> None:
    done = run(ATTEMPTS, STORE_PATH=str(tmp_path), LOG_PATH=str(tmp_path))

    assert done.stdout.split() == ["60", "180", "420", "900", "960"], done.stderr


def test_an_account_that_is_refused_is_not_shown_to_the_backups(several, raw_smsc, backup) -> None:
    raw_smsc.answers_binds_with(bind_resp(WRONG_PASSWORD))
    several(backups=[at(backup)], loss_delay=0.05)

    until(lambda: len(raw_smsc.binds) == 3)

    assert not backup.connections


# With a delay that doubles each time, the last of nine would come after 102 seconds.
@pytest.mark.parametrize(("binds", "max_binds"), [(2, 0), (9, 9)])
def test_binds_come_home_one_by_one(several, raw_smsc, backup, binds, max_binds) -> None:
    port = raw_smsc.port
    program = several(binds=binds, backups=[at(backup)], max_binds=max_binds, **QUICK)
    wait_until_bound(program, raw_smsc, binds)
    raw_smsc.close()
    wait_until_bound(program, backup, binds)

    with RawSmsc(port) as back:
        wait_until_bound(program, back, binds)
        until(lambda: len(backup.got("unbind")) == binds)
        assert [each["port"] for each in program.state()["sessions"]] == [port] * binds


def test_binds_that_a_host_loses_one_by_one_all_go_to_the_backup(several, raw_smsc, backup) -> None:
    program = several(binds=3, backups=[at(backup)], refusal_delay=1_000)
    first, second, third = wait_until_bound(program, raw_smsc, 3)
    raw_smsc.stops_listening()
    third.cut()
    wait_until_bound(program, backup, 1)
    first.cut()
    until(lambda: "another came" in program.state()["link_error"])  # so it seems

    second.cut()

    wait_until_bound(program, backup, 3)
    assert program.state()["link_error"] == ""


def test_a_bind_that_a_backup_loses_begins_with_the_host(several, raw_smsc, backup) -> None:
    port = raw_smsc.port
    program = several(backups=[at(backup)])
    wait_until_bound(program, raw_smsc, 1)
    raw_smsc.close()
    wait_until_bound(program, backup, 1)

    with RawSmsc(port) as back:
        backup.cuts_all()
        wait_until_bound(program, back, 1)


def test_a_host_that_is_no_better_costs_no_bind(several, raw_smsc, backup) -> None:
    raw_smsc.answers_binds_with(bind_resp(SYSTEM_ERROR))
    program = several(backups=[at(backup)], home_delay=0.05)
    wait_until_bound(program, backup, 1)

    until(lambda: len(raw_smsc.binds) == 3)

    assert program.state()["state"] == "BOUND_TRX"
    assert len(backup.binds) == 1 and not backup.got("unbind")


def test_other_backups_cost_no_bind(several, raw_smsc, backup) -> None:
    program = several(backups=[at(backup)])
    wait_until_bound(program, raw_smsc, 1)

    change(program, raw_smsc.port, backups=[], window=3)
    program.submit(program.message())

    assert program.wait_for_records(1, "answer")
    assert len(raw_smsc.binds) == 1
