"""`manage.py verify_audit` against changes by a database user without the key."""

from __future__ import annotations

import re

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from orbit.accounts.actors import SYSTEM
from orbit.accounts.audit import chain
from orbit.accounts.audit import services as audit
from orbit.accounts.audit.append_only_triggers import ARM, DISARM
from orbit.accounts.management.commands import verify_audit
from orbit.accounts.models import AuditEvent, AuditHead, Organization
from tests.factories import make_organization

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


@pytest.fixture
def organization() -> Organization:
    """With a chain of five rows, and the triggers off, as the owner of the database may do."""
    organization = make_organization()
    add(organization, 5)
    with connection.cursor() as cursor:
        for statement in DISARM[connection.vendor]:
            cursor.execute(statement)
    yield organization
    with connection.cursor() as cursor:
        for statement in ARM[connection.vendor]:
            cursor.execute(statement)


def add(organization: Organization | None, rows: int = 1) -> None:
    for place in range(rows):
        with transaction.atomic():
            audit.record(
                by=SYSTEM, organization=organization, action="test.done", target=str(place)
            )


def sql(statement: str, *params: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, params)


def edit(organization: Organization, seq: int, column: str, value: object) -> None:
    sql(
        f"UPDATE accounts_auditevent SET {column} = %s WHERE chain = %s AND seq = %s",
        value,
        organization.pk,
        seq,
    )


def cut(organization: Organization, condition: str) -> None:
    sql(f"DELETE FROM accounts_auditevent WHERE chain = %s AND {condition}", organization.pk)


def set_head(organization: Organization) -> None:
    """Make the stored head fit what is left, as a careful forger would."""
    last = AuditEvent.objects.filter(chain=organization.pk).order_by("-seq").first()
    AuditHead.objects.filter(pk=organization.pk).update(seq=last.seq, mac=last.mac)


def verify(capsys, *args: str) -> list[str]:
    """The heads that were printed; raises CommandError."""
    call_command("verify_audit", *args)
    return capsys.readouterr().out.split()


def fault(capsys, *args: str) -> str:
    with pytest.raises(CommandError):
        call_command("verify_audit", *args)
    return capsys.readouterr().err


def test_prints_the_head_of_every_chain(capsys):
    first, second = make_organization(), make_organization()
    add(first, 3)
    add(second)
    add(None, 2)
    heads = dict(head.split(":", 1) for head in verify(capsys))
    assert set(heads) == {first.pk, second.pk, "system"}
    assert re.fullmatch("3:[0-9a-f]{64}", heads[first.pk])
    assert heads["system"].startswith("2:")


def test_one_organisation_alone(organization, capsys):
    add(make_organization())
    assert len(verify(capsys, "--organization", organization.pk)) == 1


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("action", "test.other"),
        ("target", "x"),
        ("actor_name", "somebody else"),
        ("address", "198.51.100.1"),
        ("outcome", "failed"),
        ("detail", "x"),
        ("changes", '["x"]'),
        ("at", "2020-01-01 00:00:00+00:00"),
        ("request_id", "req_x"),
        ("organization_id", None),
        ("mac", "0" * 64),
    ],
)
def test_an_edit_is_found(organization, capsys, column, value):
    edit(organization, 3, column, value)
    assert f"{organization.pk}: row 3 (aud_" in fault(capsys)


def test_a_row_taken_out_of_the_middle_is_found(organization, capsys):
    cut(organization, "seq = 3")
    assert f"{organization.pk}: row 3 is missing" in fault(capsys)


def test_a_closed_gap_is_found(organization, capsys):
    cut(organization, "seq = 3")
    edit(organization, 4, "seq", 3)
    edit(organization, 5, "seq", 4)
    assert "row 3" in fault(capsys)


def test_a_row_taken_off_the_beginning_is_found(organization, capsys):
    cut(organization, "seq = 1")
    assert "row 1 is missing" in fault(capsys)


def test_rows_that_changed_places_are_found(organization, capsys):
    edit(organization, 2, "seq", 99)
    edit(organization, 3, "seq", 2)
    edit(organization, 99, "seq", 3)
    assert "row 2" in fault(capsys)


def test_a_row_of_another_chain_does_not_fit(organization, capsys):
    other = make_organization()
    add(other, 3)
    cut(organization, "seq = 3")
    sql(
        "UPDATE accounts_auditevent SET chain = %s WHERE chain = %s AND seq = 3",
        organization.pk,
        other.pk,
    )
    assert f"{organization.pk}: row 3" in fault(capsys)


def test_a_cut_tail_is_found_by_the_stored_head(organization, capsys):
    cut(organization, "seq > 3")
    assert "cut after row 3, there were at least 5" in fault(capsys)


def test_a_cut_tail_with_a_head_to_fit_is_found_by_the_expected_one(organization, capsys):
    (head,) = verify(capsys, "--organization", organization.pk)
    cut(organization, "seq > 3")
    set_head(organization)
    verify(capsys)  # without the head that was kept elsewhere nobody can know
    assert "cut after row 3, there were at least 5" in fault(capsys, "--expect", head)


def test_a_chain_that_is_gone_as_a_whole_is_found_by_the_expected_head(organization, capsys):
    (head,) = verify(capsys, "--organization", organization.pk)
    cut(organization, "seq > 0")
    AuditHead.objects.filter(pk=organization.pk).delete()
    assert "cut after row 0" in fault(capsys, "--expect", head)


def test_a_tail_written_anew_is_found_by_the_expected_head(organization, capsys):
    """The key was stolen, or a backup was played back and work went on."""
    (head,) = verify(capsys, "--organization", organization.pk)
    cut(organization, "seq > 3")
    set_head(organization)
    add(organization, 4)
    assert "row 5 (aud_" in fault(capsys, "--expect", head)


def test_an_expected_head_holds_when_rows_were_added(organization, capsys):
    (head,) = verify(capsys, "--organization", organization.pk)
    add(organization, 3)
    heads = verify(capsys, "--expect", head)
    assert heads[0].startswith(f"{organization.pk}:8:")


def test_a_row_added_without_the_key_is_found(organization, capsys):
    AuditEvent.objects.create(
        chain=organization.pk,
        seq=6,
        organization_id=organization.pk,
        at=AuditEvent.objects.first().at,
        actor_type="system",
        action="test.forged",
        outcome="ok",
        mac="0" * 64,
    )
    assert "row 6 (aud_" in fault(capsys)


def test_a_valid_row_beyond_the_stored_head_is_found(organization, capsys):
    """The head was set back while the rows stayed."""
    fourth = AuditEvent.objects.get(chain=organization.pk, seq=4)
    AuditHead.objects.filter(pk=organization.pk).update(seq=4, mac=fourth.mac)
    assert "row 5 is beyond the stored head 4" in fault(capsys)


def test_a_malformed_head_is_refused():
    with pytest.raises(CommandError, match="CHAIN:SEQ:MAC"):
        call_command("verify_audit", "--expect", "nonsense")


def test_rows_of_an_old_key_hold_while_it_is_a_fallback(capsys, settings):
    organization, old = make_organization(), settings.AUDIT_KEY
    add(organization, 2)
    settings.AUDIT_KEY = "new-key-" * 8
    add(organization, 2)
    assert "row 1" in fault(capsys)

    settings.AUDIT_KEY_FALLBACKS = [old]
    assert verify(capsys)[0].startswith(f"{organization.pk}:4:")


def test_a_key_that_was_put_away_writes_no_rows_after_those_of_the_new_one(capsys, settings):
    organization, old, new = make_organization(), settings.AUDIT_KEY, "new-key-" * 8
    add(organization)
    settings.AUDIT_KEY = new
    add(organization)
    settings.AUDIT_KEY = old  # who has stolen it
    add(organization)
    settings.AUDIT_KEY, settings.AUDIT_KEY_FALLBACKS = new, [old]

    assert "row 3" in fault(capsys)


def test_a_long_chain_is_read_in_chunks_and_says_how_far_it_is(capsys, monkeypatch):
    monkeypatch.setattr(chain, "CHUNK", 2)
    monkeypatch.setattr(verify_audit, "PROGRESS", 2)
    organization = make_organization()
    add(organization, 5)

    call_command("verify_audit")

    said = capsys.readouterr()
    assert said.out.startswith(f"{organization.pk}:5:")
    assert said.err.split("\n")[:2] == [f"{organization.pk}: {rows} rows hold" for rows in (2, 4)]
