"""With FOUR_EYES, a second administrator agrees before secrets are shown or plans are forced."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.db import IntegrityError
from django.test import Client
from django.utils import timezone

from orbit.accounts.models import AuditEvent
from orbit.console.four_eyes.models import Approval
from reconciler.models import Gateway, Placement
from tests.factories import PASSWORD, make_operator_key
from tests.orbit.console.conftest import SECRET, path_of

pytestmark = pytest.mark.django_db

PAGE = "/admin/console/approvals/"


@pytest.fixture(autouse=True)
def four_eyes(settings) -> None:
    settings.FOUR_EYES = True


@pytest.fixture
def second(sign_in) -> Client:
    return sign_in("Admin")


def reveal(client: Client, credential) -> str:
    return client.post(path_of(credential, "reveal"), {"own_password": PASSWORD}).text


def agree(client: Client) -> Approval:
    approval = Approval.objects.get(agreed_by=None)
    client.post(f"{PAGE}{approval.pk}/agree/")
    approval.refresh_from_db()
    return approval


def test_a_password_is_shown_once_another_administrator_agreed(administrator, second, credential):
    refused = reveal(administrator, credential)
    waiting = second.get(PAGE).text
    agree(second)
    shown = reveal(administrator, credential)

    assert SECRET not in refused
    assert "another administrator has to agree" in refused
    assert credential.pk in waiting
    assert SECRET in shown
    actions = list(AuditEvent.objects.order_by("id").values_list("action", flat=True))
    order = ["approval.asked", "approval.agreed", "credential.revealed"]
    assert [action for action in actions if action in order] == order


def test_nobody_agrees_with_themselves(administrator, credential):
    reveal(administrator, credential)
    assert agree(administrator).agreed_by is None
    with pytest.raises(IntegrityError):
        Approval.objects.update(agreed_by=administrator.person)


def test_what_was_agreed_to_is_for_the_one_who_asked(administrator, second, credential):
    reveal(administrator, credential)
    agree(second)
    assert SECRET not in reveal(second, credential)


def test_operators_without_the_right_do_not_agree(administrator, operator, credential):
    reveal(administrator, credential)
    assert operator.get(PAGE).status_code == 403
    assert agree(operator).agreed_by is None


def test_an_agreement_grows_old(administrator, second, credential, settings):
    reveal(administrator, credential)
    agree(second)
    late = timezone.now() + timedelta(minutes=settings.FOUR_EYES_MINUTES - 1)
    settings.FOUR_EYES_MINUTES = 1
    with time_machine.travel(late, tick=False):
        administrator.force_login(administrator.person)
        assert SECRET not in reveal(administrator, credential)


def test_asking_again_asks_once(administrator, credential):
    reveal(administrator, credential)
    reveal(administrator, credential)
    assert Approval.objects.count() == 1


def test_an_organisation_moves_to_the_gateway_that_was_agreed_to(administrator, second, credential):
    old, new, other = (
        Gateway.objects.create(name=name, jcli_host="127.0.0.1", capabilities={"version": "0.12"})
        for name in ("old", "new", "other")
    )
    placement = Placement.objects.create(organization=credential.organization, gateway=old)
    path = f"/admin/console/placements/{credential.organization_id}/move/"

    administrator.post(path, {"gateway": new.pk})
    agree(second)
    administrator.post(path, {"gateway": other.pk})

    placement.refresh_from_db()
    assert placement.gateway == old
    assert Approval.objects.filter(used_at=None).count() == 2


def test_a_plan_is_not_forced_before_another_administrator_agreed(administrator):
    gateway = Gateway.objects.create(name="main", jcli_host="127.0.0.1")
    form = {"gateway": gateway.pk, "mode": "force", "confirm": "main"}

    answer = administrator.post("/admin/console/reconcile/order/", form)

    assert "another administrator has to agree" in answer.text
    assert Approval.objects.get().target == "main"


def test_a_forced_plan_is_not_ordered_over_the_api():
    Gateway.objects.create(name="main", jcli_host="127.0.0.1")
    client = Client(headers={"X-API-Key": make_operator_key().secret})
    answer = client.post(
        "/v1/messaging/smpp/reconcile", {"force": True}, content_type="application/json"
    )
    assert answer.status_code == 409


def test_without_the_setting_nobody_is_asked(administrator, credential, settings):
    settings.FOUR_EYES = False
    assert SECRET in reveal(administrator, credential)


def test_what_nobody_waits_for_any_more_is_not_agreed_to(administrator, second, credential):
    reveal(administrator, credential)
    approval = agree(second)
    count = AuditEvent.objects.filter(action="approval.agreed").count()

    answer = second.post(f"{PAGE}{approval.pk}/agree/", follow=True)

    assert "Nobody waits for this any more." in answer.text
    assert AuditEvent.objects.filter(action="approval.agreed").count() == count
