"""The cache backend, on the Redis of the tests."""

from __future__ import annotations

import pytest
from django.core.cache import caches
from django.core.cache.backends.locmem import LocMemCache
from django.test import override_settings

pytestmark = pytest.mark.stack


@pytest.fixture
def cache(stack):
    location = {"BACKEND": "orbit.cache.Cache", "LOCATION": stack.redis_url, "KEY_PREFIX": "cache"}
    with override_settings(CACHES={"default": location}):
        yield caches["default"]
        caches["default"].clear()


def test_it_counts_up_what_is_there(cache):
    cache.add("visits", 0, timeout=60)
    assert [cache.incr("visits"), cache.incr("visits", 5), cache.get("visits")] == [1, 6, 6]


def test_it_counts_nothing_up_that_is_not_there(cache):
    with pytest.raises(ValueError, match="not found"):
        cache.incr("nobody")
    assert cache.get("nobody") is None


def test_a_key_keeps_its_time_while_it_is_counted(cache):
    cache.add("visits", 0, timeout=60)
    cache.incr("visits")
    client = cache._cache.get_client()
    assert 0 < client.ttl(cache.make_key("visits")) <= 60


def test_one_client_serves_all_calls(cache):
    assert cache._cache.get_client() is cache._cache.get_client(write=True)


@pytest.mark.parametrize("call", ["get", "delete", "has_key", "touch", "incr"])
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
