"""The page of a carrier, its form, and test sends."""

from __future__ import annotations

import pytest
from django.utils import timezone

from messaging.access.models import Access
from messaging.carrier_tests.models import CarrierTest
from messaging.carriers.models import Carrier
from messaging.credentials.models import Credential
from messaging.quality.evaluation import evaluate
from messaging.usage.folding import fold
from tests.messaging.quality.conftest import LONG_AGO, count
from tests.orbit.console.conftest import last_event
from tests.orbit.console.scenery import REFUSED


@pytest.fixture
def page(carrier) -> str:
    return f"/admin/messaging/carrier/{carrier.pk}/change/"


def test_the_page_says_where_it_stands(operator, page):
    text = operator.get(page).text
    for said in ("FR 1 of 1", "Acme Travel", "unbound"):
        assert said in text


def test_page_and_list_show_why_it_is_not_in_sync_behind_the_access(operator, carrier, page):
    access, _ = Access.objects.update_or_create(
        pk=carrier.organization_id,
        defaults={"carrier_errors": {carrier.pk: REFUSED}, "password_set_at": timezone.now()},
    )
    assert REFUSED in operator.get(page).text
    row = operator.get("/admin/messaging/carrier/").text
    assert ">error<" in "".join(row.split())

    Access.objects.update(carrier_errors={})
    assert REFUSED not in operator.get(page).text


def test_nothing_of_it_can_be_changed(administrator, carrier, page):
    assert administrator.get("/admin/messaging/carrier/add/").status_code == 403
    administrator.post(page, {"name": "x"})
    deletion = f"/admin/messaging/carrier/{carrier.pk}/delete/"
    assert administrator.post(deletion, {"post": "yes"}).status_code == 403
    assert Carrier.objects.get(pk=carrier.pk).version == 1


def test_a_test_is_sent_and_its_page_fills_in(operator, carrier, page):
    form = {"to": "+33612345678", "from": "Acme", "body": "Hello", "via": "direct"}
    answer = operator.post(page, form)
    test = CarrierTest.objects.get()
    assert (test.to, test.sender, test.body, test.via) == (
        "+33612345678", "Acme", "Hello", "direct",
    )  # fmt: skip
    assert (last_event().action, last_event().actor_name) == (
        "carrier.tested",
        operator.person.email,
    )
    running = operator.get(answer.headers["Location"]).text
    assert f'hx-get="/admin/console/tests/{test.pk}/"' in running
    CarrierTest.objects.update(
        status="failed", cause="refused", error="wrong password", finished_at=test.created_at,
        steps=[{"step": "bind", "ok": False, "ms": 12, "detail": "ESME_RINVPASWD"}],
        pdus=[{"direction": "in", "command": "bind_transceiver_resp", "sequence": 1,
               "status": "ESME_RINVPASWD", "fields": {"system_id": "smsc"}, "hex": "00000010"}],
    )  # fmt: skip
    over = operator.get(f"/admin/console/tests/{test.pk}/").text
    for said in ("Wrong password", "bind_transceiver_resp", "00000010", "12 ms"):
        assert said in over
    assert "hx-get" not in over


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"to": "12"}, "oc-error"),
        ({"to": "+4915112345678", "from": "Acme"}, "a number of DE"),
        ({"to": "+33612345678"}, "No sender pool"),
        ({"to": "+33612345678", "from": "far too long a name"}, "oc-error"),
    ],
)
def test_a_fault_is_told_where_it_is(operator, page, form, said):
    answer = operator.post(page, form | {"body": "Hello"})
    assert said in answer.text
    assert CarrierTest.objects.count() == 0


def test_read_only_operators_send_no_test(sign_in, page):
    client = sign_in("Read only")
    assert "Send a test" not in client.get(page).text
    assert client.post(page, {"to": "+33612345678", "from": "Acme"}).status_code == 403
    assert last_event().outcome == "refused"
    assert CarrierTest.objects.count() == 0


class TestChange:
    @pytest.fixture
    def path(self, carrier) -> str:
        return f"/admin/console/carriers/{carrier.pk}/edit/"

    def fields(self, carrier: Carrier, **changed) -> dict:
        kept = {
            "name": carrier.name, "credential_id": carrier.credential_id, "countries": "FR",
            "quality": 50, "fallback_order": 1, "billing_rate": "0", "currency": "USD",
            "enabled": "on", "quality_mode": "off", "version": 1,
        }  # fmt: skip
        return kept | changed

    def test_what_differs_is_written(self, operator, carrier, path):
        changed = {
            "name": "Orange B", "countries": "FR, MC", "quality": 70, "fallback_order": 2,
            "billing_rate": "0.0325", "currency": "EUR", "enabled": "", "quality_mode": "advise",
        }  # fmt: skip
        answer = operator.post(path, self.fields(carrier, **changed))
        assert answer.status_code == 302, answer.text
        row = Carrier.objects.get(pk=carrier.pk)
        assert (row.name, row.countries, row.quality, row.fallback_order) == (
            "Orange B", ["FR", "MC"], 70, 2,
        )  # fmt: skip
        assert (str(row.billing_rate), row.currency, row.enabled) == ("0.03250", "EUR", False)
        assert sorted(last_event().changes) == sorted(changed)
        assert last_event().actor_name == operator.person.email

    def test_another_credential_of_the_organisation(self, operator, carrier, credential, path):
        own = Credential.objects.create(
            organization=carrier.organization, name="Other", host="127.0.0.2", system_id="o",
            password="s3cr3t", password_set_at=credential.password_set_at,
        )  # fmt: skip
        assert operator.post(path, self.fields(carrier, credential_id=own.pk)).status_code == 302
        assert Carrier.objects.get(pk=carrier.pk).credential_id == own.pk
        assert last_event().changes == ["credential_id"]

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("countries", "XX"), ("countries", "FR, *"), ("quality", 101), ("fallback_order", 0),
            ("billing_rate", "-1"), ("currency", "usd"), ("credential_id", "cred_0"), ("name", ""),
        ],
    )  # fmt: skip
    def test_the_api_s_rules_hold(self, operator, carrier, path, field, value):
        answer = operator.post(path, self.fields(carrier, **{field: value}))
        assert answer.status_code == 200
        assert field in answer.context["form"].errors
        assert "oc-error" in answer.text
        assert Carrier.objects.get(pk=carrier.pk).version == 1

    def test_a_change_of_an_older_version_is_refused(self, operator, carrier, path):
        Carrier.objects.update(version=2)
        answer = operator.post(path, self.fields(carrier, quality=60))
        assert "Somebody else changed" in answer.text
        assert Carrier.objects.get(pk=carrier.pk).quality == 50

    def test_it_takes_an_operator(self, sign_in, carrier, path, page):
        client = sign_in("Read only")
        assert client.post(path, self.fields(carrier, quality=60)).status_code == 403
        assert (last_event().action, last_event().outcome) == ("carrier.updated", "refused")
        assert "/edit/" not in client.get(page).text


def test_the_page_says_what_it_really_delivers(operator, carrier, page):
    Carrier.objects.update(quality_mode="enforce")
    count(carrier, "delivered", 1, ago=LONG_AGO)
    count(carrier, "delivered", 400)
    count(carrier, "undelivered", 600, code="UNDELIV 069")
    fold()
    evaluate()

    text = operator.get(page).text

    for said in ("40.0 %", "UNDELIV 069: 600", ">critical<", "It stands further back", "3.0 s"):
        assert said in text
    assert "No messages that are old enough" not in operator.get(f"{page}?window=24h").text
