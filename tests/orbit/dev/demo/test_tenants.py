"""Organisations that send all the time, and what their carriers got."""

from __future__ import annotations

import json
import time
from collections.abc import Callable

import pytest

from orbit.dev.demo.api import Api
from orbit.dev.demo.checks import Failed
from orbit.dev.demo.simulated_carriers import Account, Carrier
from orbit.dev.demo.tenants import Tenant, Traffic, doubled, wait_for_another
from orbit.dev.stack.processes import poll


class Carriers(Carrier):
    """Has what it was told."""

    def __init__(self, got: list[str]) -> None:
        super().__init__("north", "North Telecom", port=1, control_port=1)
        self.got = got

    def texts(self, _: str) -> list[str]:
        return list(self.got)


@pytest.fixture
def got() -> list[str]:
    return []


@pytest.fixture
def make(serve: Callable, got: list[str]) -> Callable[..., Tenant]:
    """A tenant; `status`: what its messages are answered with."""

    def tenant(status: int = 202) -> Tenant:
        rows: list[dict] = []

        def answers(method: str, path: str, body: dict) -> tuple[int, bytes]:
            if method == "POST":
                rows.append({"body": body["body"]})
                got.append(body["body"])
                return status, b"{}"
            first = "cursor" not in path
            page = rows[:2] if first else rows[2:]
            cursor = "more" if first and len(rows) > 2 else None
            meta = {"pagination": {"cursor": cursor}}
            return 200, json.dumps({"data": page, "meta": meta}).encode()

        api = Api(serve(answers), "key")
        return Tenant("Acme", "org_1", api, Carriers(got), Account("acme", "x"), "cred_1")

    return tenant


def test_each_message_has_a_text_of_its_own_and_all_pages_are_read(make) -> None:
    tenant = make()
    texts = [tenant.send() for _ in range(3)]

    assert texts == tenant.sent == ["Acme no. 1", "Acme no. 2", "Acme no. 3"]
    assert [each["body"] for each in tenant.messages()] == texts


def test_traffic_goes_on_until_it_is_stopped(make, monkeypatch) -> None:
    monkeypatch.setattr(Traffic, "PAUSE_BETWEEN", 0.01)
    tenant = make()
    traffic = Traffic([tenant])
    assert wait_for_another(tenant, time.perf_counter()) > 0
    traffic.stop()
    sent = len(tenant.sent)

    assert sent > 0
    assert tenant.texts() == tenant.sent


def test_a_message_that_is_not_taken_is_told(make, monkeypatch) -> None:
    monkeypatch.setattr(Traffic, "PAUSE_BETWEEN", 0.01)
    traffic = Traffic([make(503)])
    assert poll(lambda: not traffic._thread.is_alive(), timeout=60)

    with pytest.raises(Failed, match="Acme no. 1.*503"):
        traffic.check()


def test_a_text_that_came_twice_is_found(make, got) -> None:
    tenant = make()
    got += ["Acme no. 1", "Acme no. 2", "Acme no. 1"]

    assert doubled(tenant) == ["Acme no. 1"]
