"""/healthz, /readyz and /metrics."""

from __future__ import annotations

import errno

import pytest
from django.core.cache import cache
from django.db import OperationalError, connections
from django.test import Client
from prometheus_client.core import GaugeMetricFamily

from orbit.operations import health, metrics
from orbit.operations.health import Health

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_checks(monkeypatch):
    """Only the built-in checks: those of other apps have tests of their own."""
    built_in = {name: health._checks[name] for name in ("database", "cache", "broker")}
    monkeypatch.setattr(health, "_checks", built_in)


def down(*args, **kwargs):
    raise ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused", "user:secret@host")


def test_healthz_checks_nothing_but_the_process(client, monkeypatch, django_assert_num_queries):
    monkeypatch.setattr(cache, "get", down)
    with django_assert_num_queries(0):
        response = client.get("/healthz")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})


def test_readyz_names_what_is_up(client):
    response = client.get("/readyz")
    body = response.json()
    assert response.status_code == 200
    assert body["status"] == "ok"
    assert set(body["checks"]) == {"database", "cache", "broker"}
    assert all(check["ok"] for check in body["checks"].values())
    assert "no-store" in response["Cache-Control"]


def test_readyz_names_what_is_down_and_no_secret(client, monkeypatch):
    monkeypatch.setattr(cache, "set", down)
    response = client.get("/readyz")
    body = response.json()
    assert (response.status_code, body["status"]) == (503, "down")
    assert body["checks"]["cache"] == {
        "ok": False,
        "degraded": False,
        "detail": "down",
    }
    assert body["checks"]["database"]["ok"] is True
    assert "secret" not in response.content.decode()


def test_a_broker_that_is_away_is_down(client, monkeypatch):
    monkeypatch.setattr("kombu.Connection.connect", down)
    assert client.get("/readyz").json()["checks"]["broker"]["ok"] is False


def test_a_cache_that_forgets_is_down(client, monkeypatch):
    monkeypatch.setattr(cache, "get", lambda key: None)
    assert client.get("/readyz").json()["checks"]["cache"]["ok"] is False


@pytest.fixture
def operator(settings):
    settings.METRICS_TOKEN = "a-token-of-some-length"
    return Client(headers={"Authorization": "Bearer a-token-of-some-length"})


def test_apps_add_checks_of_one_or_many(operator):
    health.register("worker", lambda: Health(True, "2 s ago"))
    health.register("gateways", lambda: {"main": Health(True), "other": Health(False, "zombie")})
    response = operator.get("/readyz")
    checks = response.json()["checks"]
    assert response.status_code == 503
    assert checks["worker"] == {"ok": True, "degraded": False, "detail": "2 s ago"}
    assert checks["gateways.other"] == {"ok": False, "degraded": False, "detail": "zombie"}


def test_what_is_degraded_is_named_and_is_not_down(client):
    health.register("worker", lambda: Health(True, "not for all", degraded=True))
    response = client.get("/readyz")
    assert (response.status_code, response.json()["status"]) == (200, "degraded")
    assert response.json()["checks"]["worker"]["degraded"] is True

    health.register("other", lambda: Health(False, "zombie"))
    response = client.get("/readyz")
    assert (response.status_code, response.json()["status"]) == (503, "down")


def test_addresses_are_for_those_who_bear_the_token(client, monkeypatch, settings):
    settings.METRICS_TOKEN = "a-token-of-some-length"
    settings.REDIS_URL = "redis://:s3cret@redis.internal:6380/0"
    monkeypatch.setattr(cache, "set", down)
    bearer = {"Authorization": "Bearer a-token-of-some-length"}
    said = client.get("/readyz", headers=bearer).json()["checks"]["cache"]["detail"]
    assert said == "Redis redis.internal:6380: connection refused"
    assert client.get("/readyz").json()["checks"]["cache"]["detail"] == "down"


def test_a_check_that_fails_itself_is_down_and_the_others_are_told(operator):
    def fails() -> Health:
        raise RuntimeError("redis://:s3cret@redis.internal")

    health.register("broken", fails)
    health.register("worker", lambda: Health(True, "2 s ago"))

    checks = operator.get("/readyz").json()["checks"]

    assert checks["broken"] == {"ok": False, "degraded": False, "detail": "RuntimeError"}
    assert checks["worker"]["ok"] is True


def test_strangers_are_told_up_or_down_and_operators_why(client, operator):
    health.register("gateway", lambda: {"main": Health(False, "console 10.0.0.5:8990: no answer")})
    health.register(
        "process",
        lambda: {
            "sender@node-7": Health(True, "late", degraded=True),
            "sender@node-8": Health(True, "2 s ago"),
            "beat@node-7": Health(True, "1 s ago"),
        },
    )

    told, why = (each.get("/readyz") for each in (client, operator))

    assert told.status_code == why.status_code == 503
    assert told.json()["status"] == why.json()["status"] == "down"
    assert told.json()["checks"]["gateway.main"]["detail"] == "down"
    assert told.json()["checks"]["process.sender"] == {
        "ok": True,
        "degraded": True,
        "detail": "degraded",
    }
    assert not any(word in told.text for word in ("node", "8990", "answer", "late", "ago"))
    assert why.json()["checks"]["gateway.main"]["detail"] == "console 10.0.0.5:8990: no answer"
    assert "process.sender@node-8" in why.json()["checks"]


def test_without_the_database_it_is_named_and_what_hangs_on_it_is_not_asked(operator, monkeypatch):
    def away(*_):
        raise OperationalError("connection failed: Connection refused")

    monkeypatch.setattr(health, "_checks", {**health._checks})
    monkeypatch.setattr(type(connections["default"]), "cursor", away)
    health.register("gateway", away, needs_database=True)
    checks = operator.get("/readyz").json()["checks"]
    assert checks["database"]["detail"].endswith(": connection refused")
    assert checks["gateway"]["detail"] == "unknown while the database is away"


def test_probes_only_look(client):
    assert client.post("/readyz").status_code == 405
    assert client.head("/healthz").status_code == 200


class TestMetrics:
    TOKEN = "a-token-of-some-length"

    @pytest.fixture(autouse=True)
    def _no_collectors(self, monkeypatch):
        monkeypatch.setattr(metrics, "_collectors", [])

    def scrape(self, client, token: str = TOKEN):
        return client.get("/metrics", headers={"Authorization": f"Bearer {token}"})

    def test_without_a_token_there_are_none(self, client, settings):
        settings.METRICS_TOKEN = ""
        assert self.scrape(client, "").status_code == 404

    def test_requests_without_the_token_get_none(self, client, settings):
        settings.METRICS_TOKEN = self.TOKEN
        assert client.get("/metrics").status_code == 401
        assert self.scrape(client, "another").status_code == 401
        assert self.scrape(client, "é").status_code == 401

    def test_answers_are_counted(self, client, settings):
        settings.METRICS_TOKEN = self.TOKEN
        client.get("/healthz")
        client.generic("INVENTED", "/healthz")
        text = self.scrape(client).content.decode()
        assert 'orbit_http_requests_total{method="GET",status="200"}' in text
        assert 'orbit_http_request_seconds_count{method="GET"}' in text
        assert 'method="other"' in text
        assert "INVENTED" not in text

    def test_apps_add_collectors(self, client, settings):
        settings.METRICS_TOKEN = self.TOKEN

        class Trunks:
            def collect(self):
                yield GaugeMetricFamily("orbit_trunks", "Trunks", value=3)

        metrics.register(Trunks())
        assert "orbit_trunks 3.0" in self.scrape(client).content.decode()

    def test_they_say_what_readyz_says(self, client, settings, monkeypatch):
        settings.METRICS_TOKEN = self.TOKEN
        monkeypatch.setattr(health, "read", lambda: {
            "database": Health(False, "PostgreSQL db:5432: connection refused"),
            "process.sender@here": Health(True, "late", degraded=True),
            "cache": Health(True),
        })  # fmt: skip

        class Unasked:
            def collect(self):
                raise AssertionError("the database is away")

        metrics.register(Unasked())
        text = self.scrape(client).content.decode()
        assert 'orbit_check_ok{check="database"} 0.0' in text
        assert 'orbit_check_ok{check="cache"} 1.0' in text
        why = 'reason="PostgreSQL db:5432: connection refused",status="down"'
        assert f'orbit_check_trouble{{check="database",{why}}} 1.0' in text
        assert 'check="process.sender@here",reason="late",status="degraded"' in text
