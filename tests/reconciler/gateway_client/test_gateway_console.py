"""Opening the console of a gateway, as its row says."""

from __future__ import annotations

import pytest

from reconciler.gateway_client import gateway_console
from reconciler.jcli.console import Console
from reconciler.jcli.errors import Unavailable
from reconciler.models import Gateway
from tests.reconciler.jcli.fake import PASSWORD, USERNAME, FakeConsole, Peer


def test_a_session_is_opened_as_the_row_says(monkeypatch):
    there = FakeConsole()
    row = Gateway(
        jcli_host="127.0.0.1",
        jcli_port=there.port,
        jcli_username=USERNAME,
        jcli_password=PASSWORD,
    )

    with gateway_console.connect(row) as console:
        assert isinstance(console, Console)
        assert console.greeting.jasmin == "0.11.0"
    there.close()

    assert there.typed[:2] == [USERNAME, PASSWORD]


def test_a_row_shows_no_secret():
    row = Gateway(name="main", jcli_password="c0ns0le-pw", amqp_url="amqp://u:br0ker@h/v")

    assert "c0ns0le-pw" not in f"{row!r} {row}"
    assert "br0ker" not in f"{row!r} {row}"


def test_a_console_that_is_gone_is_unavailable():
    there = Peer(lambda connection: None)
    there.close()

    with pytest.raises(Unavailable):
        gateway_console.connect(Gateway(jcli_host="127.0.0.1", jcli_port=there.port))
