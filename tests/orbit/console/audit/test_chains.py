"""The audit's chains in the console."""

from __future__ import annotations

import pytest
from django.db import connection, transaction

from orbit.accounts.actors import SYSTEM
from orbit.accounts.audit import services as audit
from orbit.accounts.audit.append_only_triggers import ARM, DISARM
from orbit.accounts.models import AuditEvent
from orbit.console.audit import chains
from tests.factories import make_organization

pytestmark = pytest.mark.sqlite

PAGE = "/admin/console/chains/"


@pytest.fixture
def organization(db):
    organization = make_organization("Acme Travel")
    with transaction.atomic():
        for number in range(3):
            audit.record(by=SYSTEM, organization=organization, action=f"thing.done{number}")
    return organization


def prove(client, organization) -> str:
    return client.post(f"{PAGE}{organization.pk}/prove/").text


def test_chains_are_found_by_name_and_id(operator, organization):
    assert "Acme Travel" in operator.get(PAGE).text
    for text in ("acme", organization.pk):
        assert "Acme Travel" in operator.get(PAGE, {"q": text}).text
    assert "Acme Travel" not in operator.get(PAGE, {"q": "nobody\0"}).text


def test_a_chain_holds_until_somebody_changes_a_row(operator, organization):
    assert "holds" in prove(operator, organization)
    with connection.cursor() as cursor:
        for statement in DISARM[connection.vendor]:
            cursor.execute(statement)
        table = AuditEvent._meta.db_table
        cursor.execute(f"UPDATE {table} SET action = 'forged' WHERE seq = 2")
        for statement in ARM[connection.vendor]:
            cursor.execute(statement)
    text = prove(operator, organization)
    assert "broken" in text
    assert "is not what was written" in text


def test_a_long_one_is_left_to_the_command(operator, organization, monkeypatch):
    monkeypatch.setattr(chains, "LONGEST", 2)
    assert "manage.py verify_audit" in prove(operator, organization)


def test_there_is_no_such_chain(operator, db):
    assert operator.post(f"{PAGE}org_0/prove/").status_code == 404
