"""The cache backend, on the Redis of the tests."""

from __future__ import annotations

import os
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import redis
from django.core.cache import caches
from django.core.cache.backends.locmem import LocMemCache
from django.test import override_settings

from orbit.cache import Bucket
from orbit.dev.stack.processes import poll

pytestmark = pytest.mark.stack


@pytest.fixture
def cache(stack):
    location = {"BACKEND": "orbit.cache.Cache", "LOCATION": stack.redis_url, "KEY_PREFIX": "cache"}
    with override_settings(CACHES={"default": location}):
        yield caches["default"]
        caches["default"].clear()


def test_one_client_serves_all_calls(cache):
    assert cache._cache.get_client() is cache._cache.get_client(write=True)


@pytest.mark.parametrize("call", ["get", "delete", "has_key", "touch"])
def test_it_answers_as_the_cache_in_memory_does(cache, call):
    """Which the tests without servers use."""

    def outcome(of):
        of.set("there", 1)
        answers = []
        for key in ("there", "gone"):
            try:
                answers.append(getattr(of, call)(key))
            except ValueError:
                answers.append(ValueError)
        return answers

    assert outcome(cache) == outcome(LocMemCache("cache-tests", {}))


def take(cache, units: int) -> bool:
    """From a bucket of ten, of which one comes back every 100 ms."""
    bucket = Bucket("bucket", limit=10, seconds=1, units=units, most=1000)
    return cache.spend("count", kept=10, limit=0, bucket=bucket).taken


def test_a_bucket_fills_evenly(cache):
    assert [take(cache, 6), take(cache, 6)] == [True, False]
    assert poll(lambda: take(cache, 6), timeout=5, interval=0.02)


def test_a_debt_is_paid_off_by_the_clock_and_has_an_end(cache):
    assert cache.charge("debt", 0, most=100) == 0
    assert 6 < cache.charge("debt", 7, most=100) <= 7
    assert cache.charge("debt", 1000, most=100) <= 100
    cache.delete("debt")

    cache.charge("debt", 0.2, most=100)
    assert poll(lambda: cache.charge("debt", 0, most=100) == 0, timeout=5, interval=0.02)


def test_a_bucket_is_full_again_after_a_clock_that_ran_ahead(cache):
    tomorrow = int((time.time() + 86_400) * 1_000_000)
    cache._cache.get_client().set(cache.make_key("bucket"), tomorrow)
    assert take(cache, 10)


def test_each_thread_has_a_connection_of_its_own(cache):
    client = cache._cache.get_client()
    with ThreadPoolExecutor(1) as other:
        theirs = [other.submit(client.client_id).result() for _ in range(2)]
    assert theirs[0] == theirs[1] != client.client_id() == client.client_id()


@pytest.mark.parametrize("rested", [0.0, 2.0])
def test_a_connection_that_was_closed_is_made_anew(cache, stack, rested):
    cache.set("there", 1)
    client = cache._cache.get_client()
    own = client.client_id()
    with redis.Redis.from_url(stack.redis_url) as administrator:
        administrator.client_kill_filter(_id=own)
    client._own.answered_at -= rested
    assert cache.get("there") == 1
    assert client.client_id() != own


def test_a_fork_has_a_connection_of_its_own(cache):
    client = cache._cache.get_client()
    own = client.client_id()
    if (child := os.fork()) == 0:
        os._exit(int(client.client_id() == own))
    assert os.waitpid(child, 0)[1] == 0
    assert client.client_id() == own


def test_an_answer_that_nobody_waited_for_is_no_answer_to_the_next_command(cache, monkeypatch):
    cache.set("there", 1)
    client = cache._cache.get_client()

    def interrupted(*_, **__):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(client, "parse_response", interrupted)
        cache.get("gone")
    assert cache.get("there") == 1


def test_a_redis_that_has_forgotten_its_scripts_is_told_them_again(cache):
    client = cache._cache.get_client()
    for _ in range(2):
        assert take(cache, 1)
        assert cache.charge("debt", 0, most=1) == 0
        own = client.client_id()
        client.script_flush()
    assert client.client_id() == own, "an error that Redis answers keeps the connection"


def test_what_is_there_is_not_added_again(cache):
    assert [cache.add("once", 1, 15), cache.add("once", 2, 15)] == [True, False]
    assert cache.get("once") == 1
    assert 10 < cache._cache.get_client().ttl(cache.make_key("once")) <= 15
    assert [cache.add("gone", 1, 0), cache.add("gone", 1, 0)] == [True, True]
    assert cache.add("kept", 1, None)
    assert cache._cache.get_client().ttl(cache.make_key("kept")) == -1
