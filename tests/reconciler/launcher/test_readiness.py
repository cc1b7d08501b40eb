"""Whether a Jasmin would take a message: asked, and tried."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest

from orbit.stack.processes import poll
from tests.reconciler.launcher.desk import Desk

pytestmark = pytest.mark.stack

READY = (200, "Jasmin/READY")


def asked(desk: Desk, path: str = "readyz") -> tuple[int, str]:
    try:
        answer = urllib.request.urlopen(f"{desk.jasmin.http_url}/{path}", timeout=10)
    except urllib.error.HTTPError as error:
        answer = error
    with answer:
        return answer.status, answer.read().decode()


def test_stock_can_not_be_asked(stock) -> None:
    stock.jasmin.redis.kill()
    assert asked(stock, "ping") == (200, "Jasmin/PONG")
    assert asked(stock)[0] == 404


def test_it_is_ready_and_says_so_to_those_who_only_ask(launched) -> None:
    assert asked(launched) == READY
    assert launched.post("nobody", "readyz").status == 405


@pytest.fixture
def unwritable(launched: Desk) -> Iterator[None]:
    """Its folder can't take another file: what would be its name is one that it may not replace."""
    probe = launched.jasmin.store / "lane" / "probe"
    probe.mkdir()
    yield
    if probe.exists():
        probe.rmdir()


@pytest.mark.usefixtures("unwritable")
def test_with_a_store_that_can_not_be_written_it_is_not_ready(launched: Desk) -> None:
    assert asked(launched) == (503, 'Error "the store can\'t be written: Is a directory"')

    (launched.jasmin.store / "lane" / "probe").rmdir()
    assert poll(lambda: asked(launched) == READY, timeout=10)
