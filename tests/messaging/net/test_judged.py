"""Look-ups of libraries that open their own connections."""

from __future__ import annotations

import socket
import threading

import pytest

from messaging.net.host_policy import HostPolicy
from messaging.net.judged import judged

OPEN = HostPolicy.build(own=())


def test_a_name_has_the_addresses_that_were_judged(names) -> None:
    names["hook.example"] = ["198.51.100.7", "8.8.8.8"]
    names["good.example"] = ["8.8.8.8"]
    refused: list[str] = []

    with judged(OPEN, refused):
        found = socket.getaddrinfo("good.example", 443, type=socket.SOCK_STREAM)
        with pytest.raises(socket.gaierror):
            socket.getaddrinfo("hook.example", 443)

    assert [each[4] for each in found] == [("8.8.8.8", 443)]
    assert len(refused) == 1 and "hook.example" in refused[0]


@pytest.mark.parametrize("host", ["127.0.0.1", "169.254.169.254", "::1", "10.0.0.1"])
def test_a_private_address_is_refused_although_it_is_no_name(host: str) -> None:
    refused: list[str] = []

    with judged(OPEN, refused), pytest.raises(socket.gaierror):
        socket.create_connection((host, 9))

    assert len(refused) == 1


def test_other_threads_look_up_as_always() -> None:
    found: list[tuple] = []

    def look() -> None:
        found.extend(socket.getaddrinfo("127.0.0.1", 80, type=socket.SOCK_STREAM))

    with judged(OPEN, []):
        thread = threading.Thread(target=look)
        thread.start()
        thread.join()
    look()

    assert [each[4] for each in found] == [("127.0.0.1", 80)] * 2
