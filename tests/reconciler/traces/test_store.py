"""Traces in the cache: one of a credential, bounded, sealed, gone after their time."""

from __future__ import annotations

from dataclasses import replace

from django.core.cache import cache

from reconciler.gateway_client.traced import TracedPdu
from reconciler.traces import store
from reconciler.traces.store import State

LINK = ("192.0.2.1", 40000, "192.0.2.2", 2775)


def pdus(*numbers: int, octets: str = "00" * 16) -> list[TracedPdu]:
    return [TracedPdu(each, 1.0, True, LINK, octets) for each in numbers]


def numbers(trace, **options) -> list[int]:
    return [each.number for each in store.newest(trace, **options)]


def test_a_credential_has_one_that_runs_and_a_new_one_takes_the_place_of_the_last(opened) -> None:
    first = opened()
    assert opened() is None
    store.write(store.keep(replace(first, state=State.OVER), pdus(1), 1))

    second = opened()

    assert store.of_credential("cred_1") == second
    assert store.find(first.id) is None


def test_the_oldest_leave_it_for_those_without_room(opened, settings) -> None:
    settings.TRACE_OCTETS = 40
    trace = opened()
    for number in (1, 3, 5):
        trace = store.keep(trace, pdus(number, number + 1), number + 1)

    assert numbers(trace) == [6, 5]
    assert (trace.count, trace.last, trace.dropped) == (2, 6, 4)


def test_older_ones_are_found_by_number(opened) -> None:
    trace = store.keep(opened(), pdus(1, 2, 3), 3)
    trace = store.keep(trace, pdus(4, 5), 5)

    assert numbers(trace) == [5, 4, 3, 2, 1]
    assert numbers(trace, before=4) == [3, 2, 1]
    assert numbers(trace, before=2) == [1]
    assert numbers(trace, before=1) == []


def test_what_was_said_is_sealed(opened, monkeypatch) -> None:
    written = []
    monkeypatch.setattr(cache, "set", lambda *arguments: written.append(arguments))

    store.keep(opened(), pdus(1, octets=b"your code is kiwi".hex()), 1)

    stored = str(written)
    assert "trace:" in stored
    assert b"kiwi".hex() not in stored and "kiwi" not in stored and "192.0.2.2" not in stored


def test_a_lost_cache_loses_the_trace_and_breaks_nothing(opened) -> None:
    trace = store.keep(opened(), pdus(1), 1)
    cache.clear()

    assert store.of_credential("cred_1") is None
    assert numbers(trace) == []


def test_it_is_kept_for_a_time_after_its_end(opened, settings, monkeypatch) -> None:
    settings.TRACE_KEPT_MINUTES = 2
    times = []
    monkeypatch.setattr(cache, "set", lambda key, value, seconds: times.append(seconds))

    store.write(opened(seconds=30.0))

    assert times
    assert all(0 <= store.PATIENCE + 30 + 120 - each <= 5 for each in times)


def test_a_page_asks_a_worker_once_in_a_while(opened) -> None:
    trace = opened()
    assert (store.may_ask(trace), store.may_ask(trace)) == (True, False)
    with store.alone(trace.id):
        pass
    assert store.may_ask(trace)
