"""`GET /readyz`, compared with what happens to a message."""

from __future__ import annotations

import resource
import urllib.error
import urllib.request

import pytest

from orbit.dev.stack.processes import poll
from tests.reconciler.launcher.jasmin_client import JasminClient

pytestmark = pytest.mark.stack

READY = (200, "Jasmin/READY")
FULL = 'Error "the store can\'t be written: [Errno 27] File too large"'


def asked(client: JasminClient, path: str = "readyz") -> tuple[int, str]:
    try:
        answer = urllib.request.urlopen(f"{client.jasmin.http_url}/{path}", timeout=10)
    except urllib.error.HTTPError as error:
        answer = error
    with answer:
        return answer.status, answer.read().decode()


def test_stock_can_not_be_asked(stock) -> None:
    stock.jasmin.redis.kill()
    assert asked(stock, "ping") == (200, "Jasmin/PONG")
    assert asked(stock)[0] == 404


def test_a_ready_gateway_answers_get_alone(launched) -> None:
    assert asked(launched) == READY
    assert launched.post("nobody", "readyz").status == 405


def test_with_a_store_that_can_not_be_written_it_takes_nothing(
    launched: JasminClient, carrier
) -> None:
    smsc = carrier()
    cid = launched.open(smsc)
    pid = launched.jasmin.pid
    was = resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))

    assert launched.post(cid, to="33612345678", content="refused").status == 500
    with launched.platform(cid) as platform:
        assert platform.submit().status != 0
    assert asked(launched) == (503, FULL)

    resource.prlimit(pid, resource.RLIMIT_FSIZE, was)
    assert poll(lambda: asked(launched) == READY, timeout=60)
    launched.send(cid, "taken")
    smsc.wait_for(lambda: [each.text for each in smsc.system("acme").submits] == ["taken"])
