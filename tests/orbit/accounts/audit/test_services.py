"""Audit rows: written with their effect, in one chain an organisation, never changed."""

from __future__ import annotations

import threading

import pytest
from django.db import DatabaseError, connection, connections, transaction

from orbit.accounts.actors import SYSTEM, Actor, command
from orbit.accounts.audit import services as audit
from orbit.accounts.audit.chain import seal, verify
from orbit.accounts.audit.models import AppendOnly
from orbit.accounts.models import AuditEvent, AuditHead
from tests.factories import make_organization

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]

ADA = Actor(
    type="user",
    id="7",
    name="ada@example.com",
    address="198.51.100.7",
    user_agent="curl/8",
    request_id="req_1",
)


def record(organization=None, **fields) -> AuditEvent:
    fields = {"by": SYSTEM, "action": "test.done"} | fields
    with transaction.atomic():
        return audit.record(organization=organization, **fields)


def test_a_row_says_who_did_what_to_what_from_where():
    organization = make_organization()
    event = record(
        organization,
        by=ADA,
        action="credential.updated",
        target="cred_1",
        changes=["host", "port"],
        outcome="refused",
        detail="why",
    )
    row = AuditEvent.objects.get(pk=event.pk)
    assert row.pk.startswith("aud_")
    assert (row.actor_type, row.actor_id, row.actor_name) == ("user", "7", "ada@example.com")
    assert (row.address, row.user_agent, row.request_id) == ("198.51.100.7", "curl/8", "req_1")
    assert (row.action, row.target, row.changes) == (
        "credential.updated",
        "cred_1",
        ["host", "port"],
    )
    assert (row.outcome, row.detail) == ("refused", "why")
    assert row.organization_id == row.chain == organization.pk


def test_each_organisation_has_a_chain_and_the_system_one():
    first, second = make_organization(), make_organization()
    seqs = [record(chain).seq for chain in (first, first, second, None, first)]
    assert seqs == [1, 2, 1, 1, 3]
    assert AuditEvent.objects.get(chain="system").organization_id is None


def test_many_chains_get_a_row_each_in_a_few_statements(django_assert_max_num_queries):
    organizations = [make_organization() for _ in range(30)]
    before = record(organizations[0])
    details = {each.pk: f"of {each}" for each in organizations}

    with django_assert_max_num_queries(8), transaction.atomic():
        audit.record_each(by=ADA, action="organization.moved", details=details)

    rows = {row.chain: row for row in AuditEvent.objects.filter(action="organization.moved")}
    assert {pk: (row.target, row.detail) for pk, row in rows.items()} == {
        pk: (pk, detail) for pk, detail in details.items()
    }
    first, second = rows[organizations[0].pk], rows[organizations[1].pk]
    assert (first.seq, first.mac) == (2, seal(first, before.mac))
    assert (second.seq, second.mac) == (1, seal(second, ""))
    assert AuditHead.objects.get(chain=first.chain).mac == first.mac


def test_each_row_seals_the_one_before():
    organization = make_organization()
    first, second = record(organization), record(organization)
    assert first.mac == seal(first, "")
    assert second.mac == seal(second, first.mac)
    assert second.mac != seal(second, "")


def test_the_seal_needs_the_key(settings):
    event = record()
    settings.AUDIT_KEY = "another-key-that-is-long-enough-for-this"
    assert seal(event, "") != event.mac


@pytest.mark.django_db(transaction=True)
def test_outside_a_transaction_nothing_is_written():
    with pytest.raises(audit.OutsideTransaction):
        audit.record(by=SYSTEM, organization=None, action="test.done")
    with pytest.raises(audit.OutsideTransaction):
        audit.record_each(by=SYSTEM, action="test.done", details={"org_a": ""})
    assert not AuditEvent.objects.exists()
    assert not AuditHead.objects.exists()


def test_a_row_goes_with_the_effect_that_is_rolled_back():
    organization = make_organization()
    record(organization)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        audit.record(by=SYSTEM, organization=organization, action="test.undone")
        raise ZeroDivisionError
    assert record(organization).seq == 2
    assert verify(organization.pk).fault is None


def test_text_of_strangers_is_cut_and_cleaned():
    organization = make_organization()
    hostile = Actor(type="user", name="n" * 999, user_agent="a\0\ud800" + "x" * 999)
    event = record(organization, by=hostile, target="t" * 999, detail="d" * 999)
    event.refresh_from_db()
    assert len(event.user_agent) == 256
    assert "\0" not in event.user_agent
    assert verify(organization.pk).fault is None


def test_the_actor_of_a_command():
    assert command("prune") == Actor(type="command", id="prune", name="manage.py prune")


class TestAppendOnly:
    def test_django_refuses(self):
        event = record()
        event.action = "something.else"
        rows = AuditEvent.objects.filter(pk=event.pk)
        for change in (
            event.save,
            event.delete,
            rows.delete,
            lambda: rows.update(action="something.else"),
        ):
            with pytest.raises(AppendOnly):
                change()

    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE accounts_auditevent SET action = 'x'",
            "UPDATE accounts_auditevent SET detail = detail",
            "DELETE FROM accounts_auditevent",
        ],
    )
    def test_the_database_refuses(self, statement):
        record()
        with (
            pytest.raises(DatabaseError, match="never changed or deleted"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)
        assert AuditEvent.objects.get().action == "test.done"

    def test_it_outlives_its_organisation(self):
        organization = make_organization()
        event = record(organization)
        organization.delete()
        assert AuditEvent.objects.get().pk == event.pk
        assert verify(event.chain).fault is None


@pytest.mark.django_db(transaction=True)
def test_many_first_rows_at_once_make_one_chain():
    organization = make_organization()
    together = threading.Barrier(8)

    def run() -> None:
        try:
            together.wait()
            for _ in range(5):
                record(organization)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    proof = verify(organization.pk)
    assert (proof.fault, proof.head.seq) == (None, 40)
