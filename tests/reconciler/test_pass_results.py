"""A pass that a person waits for, from the task to its stored result."""

from __future__ import annotations

from typing import Any

import pytest

from reconciler import loop, pass_results, runs, tasks
from reconciler.models import Gateway
from reconciler.result import Ending, Result

pytestmark = pytest.mark.django_db


@pytest.fixture
def gateway() -> Gateway:
    return Gateway.objects.create(
        name="main", jcli_host="127.0.0.1", jcli_username="admin", jcli_password="secret!!"
    )


@pytest.fixture
def ran(monkeypatch) -> list[tuple[str, dict[str, Any]]]:
    """Passes that ran, with their options; the result of each is in sync."""
    calls: list[tuple[str, dict[str, Any]]] = []

    def recorded(name: str):
        def run(gateway: Gateway, **options: Any) -> Result:
            calls.append((name, options))
            return Result(Ending.IN_SYNC, gateway.name)

        return run

    monkeypatch.setattr(loop, "reconcile", recorded("plan"))
    monkeypatch.setattr(runs, "run", recorded("pass"))
    return calls


def test_a_plan_changes_nothing_and_an_order_to_apply_is_a_whole_round(gateway, ran):
    ticket = pass_results.open_ticket(mode="plan")
    assert pass_results.read(ticket) == {"order": {"mode": "plan"}, "report": None}

    tasks.answer(ticket, gateway.pk, organization_id="org_1", plan_only=True)
    tasks.answer(ticket, gateway.pk, force=True)

    common = {"trigger": "admin", "wait": tasks.WAIT}
    assert ran == [
        ("plan", {"plan_only": True, "organization_id": "org_1", **common}),
        ("pass", {"force": True, "organization_id": "", **common}),
    ]
    report = pass_results.read(ticket)["report"]
    assert (report["ending"], report["gateway"]) == ("in_sync", "main")


def test_a_ticket_that_is_gone_is_no_reason_to_fail(gateway, ran):
    tasks.answer("0" * 32, gateway.pk)

    assert len(ran) == 1
    assert pass_results.read("0" * 32) is None


@pytest.mark.parametrize("ticket", ["\r\n", "t" * 32, "0" * 33, "٣" * 32, ""])
def test_a_text_that_is_no_ticket_finds_nothing(ticket):
    assert pass_results.read(ticket) is None
