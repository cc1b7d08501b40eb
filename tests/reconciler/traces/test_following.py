"""A worker has the gateway start a trace, reads what it has, and ends it."""

from __future__ import annotations

import pytest
import time_machine

from reconciler import tasks
from reconciler.gateway_client.operator_client import OperatorClient, TooSlow
from reconciler.traces import store
from reconciler.traces.following import LATE, LOST, READS_MEANWHILE, TOO_OLD, UNREAD, follow
from reconciler.traces.store import PATIENCE, State, Trace


def numbers(trace: Trace) -> list[int]:
    return [each.number for each in store.newest(trace)]


def followed(trace: Trace) -> Trace:
    follow(trace.id)
    return store.find(trace.id)


@pytest.mark.parametrize("texts", [True, False])
def test_it_is_started_as_it_was_asked_for_and_read(opened, tracing, texts) -> None:
    tracing.last = 2
    trace = opened(texts=texts)

    found = followed(trace)

    order = {"do": "start", "id": trace.id, "cid": "obcid", "seconds": 60.0}
    assert tracing.asked[0] == order | {"texts": texts, "numbers": True}
    assert (found.state, found.count, found.dropped) == (State.ON, 2, 0)
    (last, _) = store.newest(found)
    assert (last.number, last.at, last.is_out) == (2, 1.5, True)
    assert last.link == ("192.0.2.1", 40000, "192.0.2.2", 2775)


def test_each_look_reads_what_is_new_and_counts_what_was_missed(opened, tracing) -> None:
    tracing.last = 2
    trace = followed(opened())
    tracing.first, tracing.last = 5, 6

    found = followed(trace)

    assert tracing.asked[-1]["after"] == 2
    assert (numbers(found), found.last, found.dropped) == ([6, 5, 2, 1], 6, 2)


def test_it_ends_with_the_gateway_s_once_all_is_read(opened, tracing) -> None:
    tracing.last = 1
    trace = followed(opened())
    tracing.state, tracing.last = "over", 1_002

    found = followed(trace)

    assert (found.state, found.why, found.count) == (State.OVER, "", 1_002)
    before = len(tracing.asked)
    followed(trace)
    assert len(tracing.asked) == before


def test_while_messages_pass_the_gateway_is_asked_for_so_much_alone(opened, tracing) -> None:
    tracing.last = 5_000

    trace = followed(opened())

    assert (trace.count, trace.waiting, trace.dropped) == (READS_MEANWHILE * 1_000, 4_000, 0)
    tracing.state = "over"
    found = followed(trace)
    assert (found.count, found.waiting) == (5_000, 0)


def test_who_stops_it_gets_what_there_is(opened, tracing) -> None:
    trace = followed(opened())
    tracing.last = 3
    store.ask_to_stop(trace)

    found = followed(trace)

    assert tracing.orders[-2:] == ["stop", "read"]
    assert (found.state, found.count) == (State.OVER, 3)


def test_one_that_is_stopped_before_it_began_never_begins(opened, tracing) -> None:
    trace = opened()
    store.ask_to_stop(trace)

    assert followed(trace).state == State.OVER
    assert tracing.asked == []


def test_one_that_no_worker_took_in_time_never_begins(opened, tracing) -> None:
    trace = opened()

    with time_machine.travel(trace.asked_at + PATIENCE + 1):
        found = followed(trace)

    assert (found.state, found.why, tracing.asked) == (State.FAILED, LATE, [])


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ((200, {"state": "refused", "why": "it is being traced already"}), "already"),
        ((404, {}), TOO_OLD),
        ((503, {}), "HTTP 503"),
        ((200, {"state": "odd"}), "can't be read"),
        ((200, {"state": "on", "left": "soon"}), "can't be read"),
    ],
)
def test_why_it_could_not_be_started_is_told(opened, tracing, answer, why) -> None:
    tracing.answer = answer

    found = followed(opened())

    assert found.state == State.FAILED
    assert why in found.why


def test_one_that_may_have_begun_is_asked_for_again(opened, tracing, monkeypatch) -> None:
    def slow(*arguments: object, **options: object) -> None:
        raise TooSlow("no answer in time")

    with monkeypatch.context() as patch:
        patch.setattr(OperatorClient, "start_trace", slow)
        found = followed(opened())
    assert (found.state, found.trouble) == (State.ASKED, "no answer in time")

    found = followed(found)
    assert (found.state, found.trouble) == (State.ON, "")


def test_a_gateway_that_does_not_answer_is_asked_again_until_the_end(opened, tracing) -> None:
    trace = followed(opened())
    tracing.answer = (503, {})

    found = followed(trace)
    assert found.state == State.ON and "HTTP 503" in found.trouble

    with time_machine.travel(trace.ends_at + PATIENCE + 1):
        found = followed(trace)
    assert found.state == State.OVER and UNREAD in found.why


def test_one_that_the_gateway_has_lost_keeps_what_was_read(opened, tracing) -> None:
    tracing.last = 2
    trace = followed(opened())
    tracing.answer = (200, {"state": "gone"})

    found = followed(trace)

    assert (found.state, found.why, numbers(found)) == (State.OVER, LOST, [2, 1])
    assert found.last == 2


def test_only_one_worker_is_at_it(opened, tracing) -> None:
    trace = opened()
    with store.alone(trace.id) as ours:
        assert ours
        tasks.follow_trace(trace.id)
    assert tracing.asked == []


def test_one_that_is_gone_is_left_alone(db, tracing) -> None:
    follow("0" * 32)
    assert tracing.asked == []
