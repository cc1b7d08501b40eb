"""A port that is in use when the gateway starts."""

from __future__ import annotations

import socket
from contextlib import closing

import pytest

from orbit.dev.stack import Jasmin, StackError

pytestmark = pytest.mark.stack


def taken(port: int) -> closing[socket.socket]:
    """Another socket that listens on the port."""
    return closing(socket.create_server(("127.0.0.1", port)))


def test_stock_lives_on_without_its_smpp_server(bare: Jasmin) -> None:
    bare.kill()
    bare.stock = True
    with taken(bare.smpp_port):
        bare.start()  # it takes the other one for its own
        assert bare.is_running()
    assert "Cannot start SMPPServer" in bare._log.read_text()
    bare.kill()


@pytest.mark.parametrize(
    ("port", "name"),
    [("smpp_port", "SMPP server"), ("http_port", "HTTP API"), ("jcli_port", "console")],
)
def test_it_ends_and_names_the_port_and_starts_once_it_is_free(bare: Jasmin, port, name) -> None:
    bare.kill()
    number = getattr(bare, port)
    with taken(number), pytest.raises(StackError, match="ended with status 75"):
        bare.start()
    said = f"ended: the {name} can't listen on 127.0.0.1:{number}: Address already in use"
    assert said in bare._log.read_text()

    bare.start()
    assert bare.is_running()
