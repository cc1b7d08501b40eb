"""Passes that operators ask for: tickets, rights, what the page says of the report."""

from __future__ import annotations

import re

import pytest
from kombu.exceptions import OperationalError

from orbit.accounts.models import AuditEvent
from reconciler import pass_results, tasks
from reconciler.models import Gateway, Placement
from reconciler.result import Ending, Result
from tests.orbit.console.conftest import last_event, path_of
from tests.orbit.console.scenery import build

ORDER = "/admin/console/reconcile/order/"
CHANGE = {
    "kind": "connector", "key": "obkey", "action": "delete", "reason": "not wanted",
    "fields": [], "drops_bind": True,
}  # fmt: skip


@pytest.fixture
def gateway(db) -> Gateway:
    build(0)
    return Gateway.objects.get(name="main")


@pytest.fixture
def queued(monkeypatch) -> list[tuple]:
    """What was queued: (ticket, gateway id), options."""
    calls: list[tuple] = []
    monkeypatch.setattr(
        tasks.answer, "apply_async", lambda args, kwargs, **options: calls.append((args, kwargs))
    )
    return calls


def ticket_of(answer) -> str:
    return re.search(r"/tickets/([0-9a-f]{32})/", answer.text)[1]


def test_a_plan_is_asked_for_and_shown(operator, gateway, queued):
    asked = operator.post(ORDER, {"gateway": gateway.pk, "mode": "plan"})
    ticket = ticket_of(asked)
    scope = {"organization_id": "", "plan_only": True, "force": False}
    assert queued == [((ticket, gateway.pk), scope)]
    assert (last_event().action, last_event().detail) == ("gateway.reconcile", "plan")
    path = f"/admin/console/tickets/{ticket}/"
    assert "waiting for a worker" in operator.get(path).text
    pass_results.store(
        ticket, Result(Ending.PLANNED, "main", changes=(CHANGE,), warnings=("Note",))
    )
    text = operator.get(path).text
    for said in ("1 change pending", "1 live bind would drop", "not wanted", "! Note"):
        assert said in text
    assert "hx-get" not in text


@pytest.mark.parametrize(
    ("report", "said"),
    [
        (Result(Ending.IN_SYNC, "main"), "nothing to do"),
        (Result(Ending.UNSAFE, "main", error="20 of 20 users would be deleted"), "refused"),
        (Result(Ending.DOWN, "main", error="connection refused"), "can't be read"),
        (Result(Ending.BUSY, "main"), "another pass is running"),
        (Result(Ending.APPLIED, "main", changes=(CHANGE,)), "1 change applied"),
        (Result(Ending.FAILED, "main", error="Jasmin said no"), "some of it failed"),
    ],
)
def test_every_ending_is_told(operator, gateway, queued, report, said):
    ticket = ticket_of(operator.post(ORDER, {"gateway": gateway.pk, "mode": "apply"}))
    pass_results.store(ticket, report)
    text = operator.get(f"/admin/console/tickets/{ticket}/").text
    assert said in text
    assert report.error in text


def test_an_answer_that_is_gone_is_said_to_be(operator):
    text = operator.get(f"/admin/console/tickets/{'0' * 32}/").text
    assert "not kept any more" in text


class TestForce:
    def test_it_takes_the_typed_name(self, administrator, gateway, queued):
        order = {"gateway": gateway.pk, "mode": "force"}
        for typed in ("", "Main", "yes"):
            assert "Not started" in administrator.post(ORDER, order | {"confirm": typed}).text
        assert queued == []
        administrator.post(ORDER, order | {"confirm": "main"})
        assert queued[0][1]["force"] is True
        assert last_event().detail == "force"

    def test_it_takes_an_administrator(self, operator, gateway, queued):
        order = {"gateway": gateway.pk, "mode": "force", "confirm": "main"}
        assert operator.post(ORDER, order).status_code == 403
        assert queued == []
        assert last_event().outcome == "refused"


def test_a_broker_that_is_away_takes_the_audit_row_with_it(operator, gateway, monkeypatch):
    def away(*args, **kwargs):
        raise OperationalError

    monkeypatch.setattr(tasks.answer, "apply_async", away)
    before = AuditEvent.objects.count()
    answer = operator.post(ORDER, {"gateway": gateway.pk, "mode": "plan"})
    assert "the broker is away" in answer.text
    assert AuditEvent.objects.count() == before


@pytest.mark.parametrize("mode", ["", "destroy"])
def test_an_unknown_mode_or_gateway_is_refused(operator, gateway, queued, mode):
    answer = operator.post(ORDER, {"gateway": gateway.pk, "mode": mode})
    assert "nothing that can be ordered" in answer.text
    assert operator.post(ORDER, {"gateway": "gw_0", "mode": "plan"}).status_code == 404
    assert queued == []


def test_a_credential_is_compared_by_a_plan_of_its_organisation(
    operator, gateway, credential, queued
):
    assert "on no gateway yet" in operator.post(path_of(credential, "compare")).text
    Placement.objects.create(organization=credential.organization, gateway=gateway)
    operator.post(path_of(credential, "compare"))
    assert queued[0][1] == {
        "organization_id": credential.organization_id,
        "plan_only": True,
        "force": False,
    }
    assert last_event().organization_id == credential.organization_id
