"""Ports that unpickle, and passwords in logs."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from orbit.dev.stack import Jasmin
from tests.reconciler.launcher.jasmin_client import PASSWORD

pytestmark = pytest.mark.stack


@pytest.mark.parametrize("kind", ["stock", "launched"])
def test_ports_that_unpickle_listen_on_loopback_alone(bare: Jasmin, kind, request) -> None:
    """The stack says so itself: a production environment may not."""
    names = ("ROUTER_BIND", "CLIENT_MANAGEMENT_BIND", "SMPP_SERVER_PB_BIND")
    bare.without = names
    client = request.getfixturevalue(kind)
    everywhere = [port for port in client.jasmin._pb_ports if _is_open("127.0.0.2", port)]

    assert len(everywhere) == (3 if kind == "stock" else 0)


@pytest.mark.parametrize(("kind", "says"), [("stock", True), ("launched", False)])
@pytest.mark.usefixtures("no_logs")
def test_passwords_at_log_level_debug(bare: Jasmin, carrier, kind, says, request) -> None:
    bare.settings = {"JCLI_LOG_LEVEL": "DEBUG", "REDIS_CLIENT_LOG_LEVEL": "DEBUG"}
    client = request.getfixturevalue(kind)
    cid = client.open(carrier())
    client.type(f"smppccm -s {cid}")

    logs = [bare._log, *Path(bare.logs).glob("*.log")]
    assert (f"password {PASSWORD}" in "".join(log.read_text() for log in logs)) is says


def _is_open(host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port), timeout=1).close()
    except OSError:
        return False
    return True
