"""Every door to the wire has the gate before it: all of them are named here, and each is tried."""

from __future__ import annotations

import ast
from datetime import timedelta
from functools import cache
from pathlib import Path

import pytest
from django.utils import timezone

from messaging.campaigns.models import Recipient
from messaging.campaigns.sending import feed
from messaging.carrier_tests import run as test_runs
from messaging.carrier_tests import services as carrier_tests
from messaging.carrier_tests.models import CarrierTest
from messaging.gateway import Unknown
from messaging.messages.dispatch import recovery, run
from messaging.messages.models import Message
from orbit.accounts.actors import SYSTEM
from orbit.accounts.models import Organization
from orbit.api.errors import ApiError
from reconciler.jasmin import user_settings
from tests.factories import make_organization
from tests.messaging.callers import data
from tests.messaging.campaigns.conftest import Api as Campaigns
from tests.messaging.messages.conftest import Api as Messages
from tests.messaging.messages.dispatch.conftest import (  # noqa: F401 - fixtures
    FRANCE,
    _new_counters,
    carrier,
    fake,
    make_campaign,
    make_carrier,
    make_message,
    make_pool,
    read,
)

ROOT = Path(__file__).parents[3]
# Who hands messages to gateways and carriers.
HANDS_OVER = {
    "messaging/carrier_tests/via_direct.py",
    "messaging/carrier_tests/via_gateway.py",
    "messaging/messages/dispatch/submit.py",
}


@cache
def trees() -> dict[str, ast.Module]:
    """By the file's name. Read once a test asks, not by each process that collects this file."""
    found = {}
    for room in ("messaging", "reconciler", "orbit"):
        for path in sorted((ROOT / room).rglob("*.py")):
            name = path.relative_to(ROOT).as_posix()
            is_theirs = name.startswith(("orbit/dev/", "reconciler/launcher/"))
            if not is_theirs and "/migrations/" not in name:
                found[name] = ast.parse(path.read_text("utf-8"))
    return found


@cache
def calls(tree: ast.Module) -> set[str]:
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = node.func
            found.add(
                called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
            )
    return found


@cache
def imports(tree: ast.Module) -> set[str]:
    """Modules, and names that are imported from them: `a.b` and `a.b.c` for `from a.b import c`."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {each.name for each in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{each.name}" for each in node.names)}
    return found


def importers(module: str) -> set[str]:
    return {name for name, tree in trees().items() if module in imports(tree)}


class TestAllAreKnown:
    def test_nobody_else_hands_messages_over(self):
        found = {name for name, tree in trees().items() if "submit_many" in calls(tree)}
        found |= importers("messaging.smpp.probe.probe")
        assert found == HANDS_OVER

    def test_nobody_else_speaks_to_a_carrier_or_a_gateway_by_himself(self):
        """The session can submit; those who have it bind, or are the probe."""
        users = importers("messaging.smpp.blocking_session")
        may_submit = {name for name in users if "submit" in calls(trees()[name])}
        assert may_submit == {"messaging/smpp/probe.py", "messaging/smpp/probe_message.py"}
        assert importers("messaging.smpp.probe_message.submit") == {"messaging/smpp/probe.py"}

    def test_what_hands_over_is_called_where_the_gate_is_asked(self):
        assert importers("messaging.messages.dispatch.submit") == {
            "messaging/messages/dispatch/recovery.py",
            "messaging/messages/dispatch/run.py",
        }
        assert importers("messaging.carrier_tests.via_gateway") == {
            "messaging/carrier_tests/run.py"
        }
        assert importers("messaging.carrier_tests.via_direct") == {"messaging/carrier_tests/run.py"}
        gate = "messaging.opt_outs.gate"
        assert gate in imports(trees()["messaging/messages/dispatch/recovery.py"])
        assert gate in imports(trees()["messaging/carrier_tests/run.py"])
        # A round hands over what `claim` gives it, and that asks.
        claim = imports(trees()["messaging/messages/dispatch/claim.py"])
        assert "messaging.messages.dispatch.gated_choice" in claim
        assert gate in imports(trees()["messaging/messages/dispatch/gated_choice.py"])

    def test_users_of_a_gateway_have_one_way_in(self):
        """An organisation's platform has its bind, where the gateway has the list, and no HTTP; the
        site's own users have HTTP and no bind."""
        platform = user_settings.access_user(
            max_bindings=1, throughput=None, allowed_ips=(), capabilities=()
        )
        assert platform[user_settings.SENDS] == "False"
        assert user_settings.PINNED_USER["smpps_cred authorization bind"] == "False"
        assert user_settings.PINNED_USER["mt_messaging_cred authorization smpps_send"] == "False"

    def test_nobody_else_makes_messages(self):
        makers = {name for name, tree in trees().items() if _makes_messages(tree)}
        assert makers == {"messaging/campaigns/sending.py", "messaging/messages/services.py"}

    def test_one_module_decides_and_one_noun_passes(self):
        """The list is read by its own noun, by START, and to erase a person; only the gate says
        what may go out. Messages that pass are made by confirmations alone."""
        confirming = {
            name
            for name, tree in trees().items()
            if any(
                isinstance(node, ast.keyword) and node.arg == "confirming"
                for node in ast.walk(tree)
            )
        }
        assert confirming == {
            "messaging/inbound/answers.py",
            "messaging/opt_out_texts/confirmations.py",
        }
        assert {name for name, tree in trees().items() if "let_through" in calls(tree)} == {
            "messaging/messages/services.py"
        }


def _makes_messages(tree: ast.Module) -> bool:
    """Whether it inserts rows of Message."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        first = node.args[0] if node.args else None
        is_bulk = node.func.attr == "insert" and getattr(first, "id", "") == "Message"
        owner = ast.unparse(node.func.value)
        is_row = node.func.attr in ("create", "bulk_create") and owner == "Message.objects"
        if is_bulk or is_row:
            return True
    return False


@pytest.mark.django_db
@pytest.mark.sqlite
class TestEachIsShut:
    def test_a_post(self, organization, carrier, opt_out, fake):  # noqa: F811
        row = opt_out(FRANCE)
        api = Messages(organization)

        answer = api.try_to_send()
        assert answer.status_code == 422
        error = answer.json()["error"]
        assert (error["code"], error["details"]["field"]) == ("OPTED_OUT", "to")
        assert error["details"]["opt_out"] == row.pk
        assert not Message.objects.exists()
        api.send(to="+33639980002")

    def test_a_batch(self, organization, carrier, opt_out):  # noqa: F811
        opt_out(FRANCE, "ACME")
        bodies = [
            {"to": FRANCE, "body": "a", "from": "ACME"},
            {"to": FRANCE, "body": "b", "from": "OTHER"},
            {"to": "+33639980002", "body": "c", "from": "ACME"},
        ]
        answer = Messages(organization).post("/sms/batch", {"messages": bodies})
        first, second, third = answer.json()["data"]["results"]
        assert first["error"]["code"] == "OPTED_OUT"
        assert "id" in second
        assert "id" in third

    def test_a_message_that_waits(self, organization, message_row, opt_out, fake):  # noqa: F811
        opt_out(FRANCE)
        run.dispatch(organization.pk)

        found = read(message_row)
        assert (found.status, found.error_code) == ("failed", "OPTED_OUT")
        assert (found.price_amount, found.attempt) == (None, 0)
        assert fake.asked == []

    def test_a_message_that_waits_for_a_carrier(self, organization, opt_out, fake):  # noqa: F811
        make_carrier(organization, bound=False)
        waits = make_message(organization)
        opt_out(FRANCE)
        run.dispatch(organization.pk)

        assert read(waits).error_code == "OPTED_OUT"

    def test_a_message_that_is_tried_again(self, organization, message_row, opt_out, fake):  # noqa: F811
        Message.objects.update(
            status="sending", is_final=True, attempt=1, refusals=1, sender="ACME",
            price_amount=1, price_currency="EUR",
        )  # fmt: skip
        opt_out(FRANCE, "ACME")
        run.dispatch(organization.pk)

        found = read(message_row)
        assert (found.status, found.error_code) == ("failed", "OPTED_OUT")
        assert (found.price_amount, found.price_currency) == (None, "")
        assert fake.asked == []

    def test_the_sender_that_a_pool_chooses(self, organization, carrier, opt_out, fake):  # noqa: F811
        pool = make_pool(organization, "+33700000001", carriers=[carrier])
        waits = make_message(organization, wanted_pool=pool)
        other = make_message(organization, "+33639980002", wanted_pool=pool)
        opt_out(FRANCE, "+33700000001")
        run.dispatch(organization.pk)

        assert read(waits).error_code == "OPTED_OUT"
        assert [each["to"] for each in fake.asked] == [other.to]

    def test_a_claim_that_nobody_has_answered(self, organization, message_row, opt_out, fake):  # noqa: F811
        fake.answers["north"] = Unknown("it hangs")
        run.dispatch(organization.pk)
        fake.answers.clear()
        Message.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
        opt_out(FRANCE)
        recovery.recover()

        assert len(fake.asked) == 1
        assert read(message_row).status == "sending"  # a report tells what became of it

    def test_a_campaign(self, organization, carrier, opt_out, fake):  # noqa: F811
        pool = make_pool(organization, "+33700000001", carriers=[carrier])
        campaign = make_campaign(organization, pool, body="Hello", recipients_total=2)
        for position, to in enumerate((FRANCE, "+33639980002")):
            Recipient.objects.create(campaign=campaign, position=position, line=position, to=to)
        opt_out(FRANCE, pool.pk)
        feed(campaign.pk)
        run.dispatch(organization.pk)

        assert [each["to"] for each in fake.asked] == ["+33639980002"]
        skipped = Message.objects.get(campaign=campaign, error_code="OPTED_OUT")
        assert (skipped.to, skipped.status, skipped.price_amount) == (FRANCE, "failed", None)
        api = Campaigns(organization)
        for found in (data(api.get(f"/{campaign.pk}")), data(api.get())[0]):
            assert (found["opted_out"], found["progress"]["failed"]) == (1, 1)

    def test_a_test_send(self, organization, carrier, opt_out, fake):  # noqa: F811
        fields = {"to": FRANCE, "sender": "ACME", "via": "gateway"}
        test = carrier_tests.start(by=SYSTEM, carrier=carrier, fields=fields)
        opt_out(FRANCE)
        carrier.organization = Organization.objects.get(pk=organization.pk)
        with pytest.raises(ApiError, match="opted out") as refused:
            carrier_tests.start(by=SYSTEM, carrier=carrier, fields=fields)
        assert refused.value.code == "OPTED_OUT"

        test_runs.run(test.pk)  # that was asked for before
        found = CarrierTest.objects.get(pk=test.pk)
        assert (found.status, found.cause) == ("failed", "opted_out")
        assert fake.asked == []

    def test_another_organisation_is_not_held_by_it(self, organization, message_row, opt_out, fake):  # noqa: F811
        opt_out(FRANCE, organization=make_organization())
        run.dispatch(organization.pk)
        assert len(fake.asked) == 1


@pytest.fixture
def message_row(organization, carrier) -> Message:  # noqa: F811
    return make_message(organization)
