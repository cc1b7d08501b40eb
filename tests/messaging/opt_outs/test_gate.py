"""The gate: which messages may not go out."""

from __future__ import annotations

import pytest
from django.db import connection

from messaging.opt_outs import changes, export, gate
from messaging.opt_outs.gate import Gate, Send
from messaging.opt_outs.models import OptOut
from messaging.pools.models import SenderPool
from tests.factories import make_organization
from tests.messaging.opt_outs.conftest import OTHER_PHONE, PHONE
from tests.messaging.pools.conftest import Api as Pools

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


def allowed(organization, *args) -> bool:
    organization.refresh_from_db()
    return gate.refusal(organization, Send(*args)) is None


def test_the_organisations_scope_ends_all(organization, opt_out):
    row = opt_out()

    refusal = gate.refusal(organization, Send(PHONE, "ACME"))
    assert refusal.opt_out_id == row.pk
    assert row.pk in refusal.message
    assert PHONE not in refusal.message
    assert not allowed(organization, PHONE)
    assert allowed(organization, OTHER_PHONE, "ACME")


def test_a_senders_scope_ends_that_senders_messages(organization, opt_out):
    opt_out(scope="ACME")

    assert not allowed(organization, PHONE, "ACME")
    assert not allowed(organization, PHONE, "Acme")  # as gateways have it
    assert allowed(organization, PHONE, "Acme2")
    assert allowed(organization, PHONE)


def test_a_pools_scope_ends_the_pools_messages_and_those_of_its_members(organization, opt_out):
    pool_id = Pools(organization).add("+33700000001")
    opt_out(scope=pool_id)

    assert not allowed(organization, PHONE, "", pool_id)
    assert not allowed(organization, PHONE, "+33700000001")
    assert allowed(organization, PHONE, "+33700000002")
    assert allowed(organization, PHONE, "", f"pool_{'0' * 32}")


def test_a_pool_that_is_gone_ends_nothing_else(organization, opt_out):
    pool_id = Pools(organization).add("+33700000001")
    opt_out(scope=pool_id)
    SenderPool.objects.all().delete()

    assert allowed(organization, PHONE, "+33700000001")


def test_lists_of_organisations_are_apart(organization, opt_out):
    other = make_organization()
    opt_out(organization=other)

    assert allowed(organization, PHONE)
    assert not allowed(other, PHONE)
    assert gate.refused(organization.pk, [Send(PHONE)]) == {}


def test_many_are_asked_in_one_query(organization, opt_out, django_assert_num_queries):
    opt_out()
    sends = [Send(f"+336{number:08}") for number in range(500)]

    with django_assert_num_queries(1):
        assert gate.refused(organization.pk, sends) == {}
    with django_assert_num_queries(2):  # and confirmations that may pass
        assert set(gate.refused(organization.pk, [*sends, Send(PHONE)])) == {Send(PHONE)}


def test_nothing_is_asked_where_nobody_has_ever_opted_out(
    organization, opt_out, django_assert_num_queries
):
    with django_assert_num_queries(0):
        assert gate.refusal(organization, Send(PHONE)) is None
    with django_assert_num_queries(0):
        assert gate.refused(organization.pk, []) == {}


@pytest.mark.parametrize("form", [True, False], ids=["sealed", "clear"])
def test_a_number_is_found_in_whatever_form_it_is_stored(organization, opt_out, settings, form):
    settings.NUMBER_DIGEST_KEYS = ["a key of the tests that is long enough"]
    settings.ENCRYPT_MESSAGES = form
    row = opt_out()
    with connection.cursor() as cursor:
        cursor.execute("SELECT number FROM messaging_optout")
        assert (PHONE in cursor.fetchone()[0]) is not form
    settings.ENCRYPT_MESSAGES = not form

    assert gate.refusal(organization, Send(PHONE)).opt_out_id == row.pk
    assert export.entries(organization.pk)[1].__next__() == (PHONE, "organization")
    opt_out()  # again, in the other form
    assert len(list(export.entries(organization.pk)[1])) == 1


def test_the_gate_looks_numbers_up_by_an_index(organization):
    numbers = [f"+336{number:08}" for number in range(1000)]
    place = {"organization": organization, "scope": "organization"}
    changes.add([OptOut(number=each, **place) for each in numbers])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE messaging_optout")  # of an empty table any index is as good
        explain = "EXPLAIN QUERY PLAN" if connection.vendor == "sqlite" else "EXPLAIN"
        keys = [PHONE] if connection.vendor == "postgresql" else f'["{PHONE}"]'
        cursor.execute(f"{explain} {gate.statement()}", [organization.pk, keys])
        plan = "\n".join(str(each) for each in cursor.fetchall())
    assert "opt_out_once" in plan or "opt_out_by_number" in plan, plan


def test_the_version_grows_with_each_change(organization, opt_out):
    assert export.entries(organization.pk)[0] == 0
    opt_out()
    version, rows = export.entries(organization.pk)
    assert (version, list(rows)) == (1, [(PHONE, "organization")])

    opt_out()  # it is there already
    assert export.versions() == {organization.pk: 1}
    opt_out(OTHER_PHONE, "ACME")
    assert export.versions([organization.pk]) == {organization.pk: 2}
    assert Gate(organization.pk, [OTHER_PHONE]).is_open is False
