"""A /send that is asked for again is taken once; one that meant another process, not at all."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from messaging.smpp.simulator import SimulatorThread
from tests.reconciler.launcher import inside
from tests.reconciler.launcher.desk import Desk, Said

pytestmark = pytest.mark.stack

TO = {"to": "33612345678", "content": "hello"}


def life_of(desk: Desk) -> str | None:
    return desk.post("nobody", path="ping").life


def ask(desk: Desk, cid: str, times: int, **form: object) -> list[Said]:
    """The same message, `times` times at the same moment; another message is sent after it."""
    fields = {"dlr-url": desk.report_url("one"), "life": life_of(desk), **TO, **form}
    with ThreadPoolExecutor(times) as pool:
        said = list(pool.map(lambda _: desk.post(cid, **fields), range(times)))
    desk.send(cid, "the end")
    return said


def texts(smsc: SimulatorThread) -> list[str]:
    """All that came, once the last of it has."""
    smsc.wait_for(lambda: "the end" in [each.text for each in smsc.system("acme").submits])
    return [each.text for each in smsc.system("acme").submits]


def test_stock_sends_twice_what_is_asked_for_twice(stock, carrier) -> None:
    smsc = carrier()
    said = ask(stock, stock.open(smsc), 2)

    assert texts(smsc) == ["hello", "hello", "the end"]
    assert len({each.text for each in said}) == 2
    assert {each.life for each in said} == {None}


@pytest.mark.parametrize("path", ["send", "ping", "rate", "balance", "metrics", "", "nothing"])
def test_every_answer_says_which_process_gave_it(launched, path) -> None:
    life = life_of(launched)

    assert re.fullmatch("[0-9a-f]{32}", life)
    assert launched.post("nobody", path=path).life == life


def test_what_is_asked_for_at_the_same_moment_and_later_is_taken_once(launched, carrier) -> None:
    smsc = carrier()
    cid = launched.open(smsc)
    said = ask(launched, cid, 8) + ask(launched, cid, 1)

    assert texts(smsc).count("hello") == 1
    assert {(each.status, each.text) for each in said} == {(200, said[0].text)}
    message = said[0].text.split('"')[1]
    launched.wait(lambda: launched.reported(message) == ["ESME_ROK"])


def test_one_address_for_all_reports_is_no_name_of_a_message(launched, carrier) -> None:
    """As senders have it that know nothing of lives."""
    smsc = carrier()
    said = ask(launched, launched.open(smsc), 3, life=None)

    assert texts(smsc).count("hello") == 3
    assert len({each.text for each in said}) == 3


def test_without_an_address_for_reports_each_is_a_message(launched, carrier) -> None:
    smsc = carrier()
    cid = launched.open(smsc)
    for _ in range(2):
        assert launched.post(cid, life=life_of(launched), **TO).status == 200
    launched.send(cid, "the end")

    assert texts(smsc) == ["hello", "hello", "the end"]


def test_what_was_meant_for_another_process_is_not_taken(launched, carrier) -> None:
    smsc = carrier()
    cid = launched.open(smsc)
    before = life_of(launched)
    launched.jasmin.kill()
    launched.jasmin.start()
    launched.wait_until_bound(cid)
    said = ask(launched, cid, 1, life=before)[0]

    assert (said.status, said.text) == (412, 'Error "Another life"')
    assert said.life == life_of(launched) != before
    assert texts(smsc) == ["the end"]


def test_what_was_refused_may_be_asked_for_again(launched, carrier) -> None:
    smsc = carrier()
    cid = launched.open(smsc)
    refused = ask(launched, cid, 1, password="wrong")[0]
    taken = ask(launched, cid, 1)[0]

    assert (refused.status, taken.status) == (403, 200)
    assert texts(smsc).count("hello") == 1


SLOW = """
import admission
from jasmin.protocols.http.endpoints.send import Send
from twisted.internet import defer
from twisted.web.test.requesthelper import DummyRequest

answer = defer.Deferred()

@defer.inlineCallbacks
def route(self, updated_request):
    updated_request.setResponseCode((yield answer))
    updated_request.write(b"said")
    updated_request.finish()

Send.route_routable = route
admission.correct()
requests = []
for _ in range(3):
    request = DummyRequest([b"send"])
    request.channel, request.args = object(), {{b"dlr-url": [b"http://one"]}}
    request.requestHeaders.setRawHeaders(admission.HEADER, [admission.LIFE])
    requests.append(request)
    Send.route_routable(None, updated_request=request)
requests[0].channel = None  # it has not waited
assert not any(each.written for each in requests)
answer.callback({code})
print([(each.responseCode, each.written) for each in requests], len(admission._taken))
"""


@pytest.mark.parametrize(("code", "remembered"), [(200, 1), (503, 0)])
def test_who_asks_while_it_is_being_taken_waits_for_the_same_answer(code, remembered) -> None:
    """In Jasmin's own Python: over sockets the first is too quick."""
    outcome = inside.run(SLOW.format(code=code))

    waiting = (code, [b"said"])
    assert outcome.stdout == f"{[(None, []), waiting, waiting]} {remembered}\n", outcome.stderr
