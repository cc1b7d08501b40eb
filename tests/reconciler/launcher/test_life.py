"""Stops, starts, broken stores, open doors, one log."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from orbit.dev.simulator import SimulatorThread
from orbit.dev.stack import Jasmin
from orbit.dev.stack.processes import poll
from tests.reconciler.launcher.desk import PASSWORD, Desk

pytestmark = pytest.mark.stack

TABLES = ("router-groups", "router-users", "router-mtroutes", "smppccs", "filters")


def last_words(jasmin: Jasmin) -> str:
    return jasmin._log.read_text()


def test_an_orderly_stop_loses_no_answer(launched, carrier) -> None:
    smsc = carrier("slow:1:on=submit")
    cid = launched.open(smsc, window=3)
    messages = [launched.send(cid, f"number {n}", dlr_level=1) for n in range(3)]
    smsc.wait_for(lambda: smsc.system("acme").submit_count == 3)
    launched.jasmin.stop()
    assert launched.jasmin._process.status() == 0
    launched.jasmin.start()

    launched.wait(lambda: all(launched.reported(each) == ["ESME_ROK"] for each in messages))
    assert smsc.system("acme").submit_count == 3


def damage(desk: Desk, smsc: SimulatorThread) -> None:
    """Each table is cut in half, or empty."""
    desk.open(smsc)
    desk.jasmin.kill()
    for turn, name in enumerate(TABLES):
        file = Path(desk.jasmin.store) / f"jcli-prod.{name}"
        raw = file.read_bytes()
        file.write_bytes(raw[: len(raw) // 2] if turn % 2 else b"")
    desk.jasmin.start()


def waits_for_its_profile(desk: Desk) -> bool:
    """Whether the session that loads the profile is still there: it is the first of all."""
    log = (Path(desk.jasmin.logs) / "jcli.log").read_text()
    return "[sref:1] Session stopped" not in log.rpartition("[sref:1] New session")[2]


def test_stock_waits_for_ever_for_a_store_that_is_broken(stock, carrier) -> None:
    damage(stock, carrier())

    assert not poll(lambda: not waits_for_its_profile(stock), timeout=3)


def test_a_broken_store_is_put_aside_and_said(launched, carrier) -> None:
    smsc = carrier()
    damage(launched, smsc)

    assert last_words(launched.jasmin).count("put aside, started without") == len(TABLES)
    assert "Total connectors: 0" in launched.type("smppccm -l")
    cid = launched.open(smsc)
    launched.send(cid, "after")
    smsc.wait_for(lambda: smsc.system("acme").submit_count == 1)


@pytest.mark.parametrize("kind", ["stock", "launched"])
def test_ports_that_unpickle_listen_on_loopback_alone(bare: Jasmin, kind, request) -> None:
    """The stack says so itself: a production environment may not."""
    names = ("ROUTER_BIND", "CLIENT_MANAGEMENT_BIND", "SMPP_SERVER_PB_BIND")
    bare.without = names
    desk = request.getfixturevalue(kind)
    everywhere = [port for port in desk.jasmin._pb_ports if _is_open("127.0.0.2", port)]

    assert len(everywhere) == (3 if kind == "stock" else 0)


@pytest.fixture
def no_logs(bare: Jasmin) -> Iterator[None]:
    """What this Jasmin logs is its own, and no later test finds it."""

    def remove() -> None:
        bare._log.write_text("")
        for log in Path(bare.logs).glob("*"):
            log.unlink()

    bare.kill()
    remove()
    yield
    bare.kill()
    remove()


@pytest.mark.parametrize(("kind", "says"), [("stock", True), ("launched", False)])
@pytest.mark.usefixtures("no_logs")
def test_passwords_at_the_noisiest_log_level(bare: Jasmin, carrier, kind, says, request) -> None:
    bare.settings = {"JCLI_LOG_LEVEL": "DEBUG", "REDIS_CLIENT_LOG_LEVEL": "DEBUG"}
    desk = request.getfixturevalue(kind)
    cid = desk.open(carrier())
    desk.type(f"smppccm -s {cid}")

    logs = [bare._log, *Path(bare.logs).glob("*.log")]
    assert (f"password {PASSWORD}" in "".join(log.read_text() for log in logs)) is says


@pytest.mark.usefixtures("no_logs")
def test_everything_is_logged_in_one_place_whoever_says_it(bare: Jasmin, launched, carrier) -> None:
    cid = launched.open(carrier())
    launched.send(cid)

    assert list(Path(bare.logs).iterdir()) == []
    said = last_words(bare)
    assert " jasmin-http-api SMS-MT " in said
    assert " jcli " in said
    assert " jasmin-router " in said


def _is_open(host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port), timeout=1).close()
    except OSError:
        return False
    return True
