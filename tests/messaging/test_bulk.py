"""Narrow writes of many rows: what is named is written, everything else stays."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext

from messaging import bulk
from messaging.messages.models import Message
from messaging.pools.models import PoolMember, SenderPool
from messaging.webhooks.models import Webhook
from tests.messaging.messages.conftest import make_message

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]

AT = datetime(2026, 11, 30, 0, 45, 0, 123456, tzinfo=UTC)
ODD = 'it\'s "%s" \\ é 漢 €\n'


@pytest.fixture
def rows(organization) -> list[Message]:
    return [make_message(organization, body=str(n)) for n in range(3)]


def read(message: Message) -> Message:
    return Message.objects.get(pk=message.pk)


def test_each_row_gets_its_own_values_and_keeps_the_others(rows):
    values = {
        rows[0].pk: {"attempt": 1, "sender": ODD[:16], "carrier_id": "car_1", "is_final": True},
        rows[1].pk: {"attempt": 2, "sender": "", "carrier_id": None, "is_final": False},
    }

    with CaptureQueriesContext(connection) as statements:
        written = bulk.update(Message, values, ["attempt", "sender", "carrier_id", "is_final"])

    assert len(statements) == 1
    assert sorted(written) == sorted(values)
    first, second, third = map(read, rows)
    assert (first.attempt, first.sender, first.carrier_id) == (1, ODD[:16], "car_1")
    assert (second.attempt, second.sender, second.carrier_id) == (2, "", None)
    assert (first.is_final, second.is_final) == (True, False)
    assert (third.attempt, third.updated_at) == (0, rows[2].updated_at)
    assert [first.body, second.body, third.body] == ["0", "1", "2"]


def test_moments_amounts_and_json_come_back_as_they_were(rows):
    meant = {"price_amount": Decimal("0.09000"), "claimed_at": AT, "metadata": {"a": [ODD, None]}}

    bulk.update(Message, {rows[0].pk: meant}, list(meant))

    row = read(rows[0])
    assert {name: getattr(row, name) for name in meant} == meant
    assert Message.objects.filter(claimed_at=AT, price_amount=Decimal("0.09")).count() == 1


def test_what_is_the_same_for_all_is_said_once(rows):
    values = {row.pk: {"attempt": n} for n, row in enumerate(rows)}
    same = {"claimed_at": AT, "sender": ODD[:16], "leased_until": None, "metadata": {"a": 1}}

    bulk.update(Message, values, ["attempt"], same=same, where={"status": "queued"})
    bulk.update(Message, {rows[0].pk: {}}, [], same={"lane": "x"})

    found = list(map(read, rows))
    assert [row.attempt for row in found] == [0, 1, 2]
    assert {(row.claimed_at, row.sender, row.metadata["a"]) for row in found} == {(AT, ODD[:16], 1)}
    assert [row.lane for row in found] == ["x", "", ""]


def test_json_is_appended_in_the_database(rows):
    first, second, third = rows
    Message.objects.filter(pk=second.pk).update(events=[])
    new = {first.pk: [{"detail": ODD}, {"detail": "2"}], second.pk: [{"detail": "1"}]}
    nothing = {row.pk: {} for row in rows}

    bulk.update(Message, nothing, [], append={"events": new})
    bulk.update(Message, nothing, [], append={"events": {first.pk: [{"detail": "3"}]}})

    assert read(first).events == [*first.events, *new[first.pk], {"detail": "3"}]
    assert read(second).events == new[second.pk]
    assert read(third).events == third.events


def test_only_rows_that_are_as_expected_are_written(rows):
    Message.objects.filter(pk__in=[rows[0].pk, rows[1].pk]).update(claimed_at=AT)
    Message.objects.filter(pk=rows[1].pk).update(lane="x")
    values = {row.pk: {"attempt": 7} for row in rows}

    written = bulk.update(Message, values, ["attempt"], where={"claimed_at": AT, "lane": ""})
    unclaimed = bulk.update(Message, values, ["attempt"], where={"claimed_at": None})

    assert (written, unclaimed) == ([rows[0].pk], [rows[2].pk])
    assert [read(row).attempt for row in rows] == [7, 0, 7]


def test_a_row_that_is_gone_is_not_made(rows):
    assert bulk.update(Message, {"msg_0": {"attempt": 1}}, ["attempt"]) == []


def test_a_value_that_is_missing_is_said(rows):
    with pytest.raises(KeyError):
        bulk.update(Message, {rows[0].pk: {}}, ["attempt"])


def test_nothing_to_write_asks_nothing(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert bulk.update(Message, {}, ["attempt"]) == []
        assert bulk.insert(Message, ["to"], []) == 0


def test_rows_are_inserted_with_the_models_defaults(organization):
    values = [(organization.pk, f"+3363998000{n}", ODD, "gsm7", 1) for n in range(3)]
    columns = ["organization_id", "to", "body", "encoding", "segments"]

    with CaptureQueriesContext(connection) as statements:
        assert bulk.insert(Message, columns, values) == 3

    assert len(statements) == 1
    found = list(Message.objects.order_by("to"))
    assert [each.to for each in found] == [each[1] for each in values]
    assert len({each.pk for each in found}) == 3
    assert {(each.body, each.status, str(each.metadata)) for each in found} == {
        (ODD, "queued", "{}")
    }
    assert all(each.updated_at and each.created_at for each in found)


def test_what_a_constraint_refuses_is_left_out_if_wanted(organization):
    pool = SenderPool.objects.create(organization=organization, name="Support")
    columns, values = ["pool_id", "sender", "type", "position"], [(pool.pk, "A", "long_code", 0)]
    assert bulk.insert(PoolMember, columns, values) == 1

    twice = [*values, (pool.pk, "B", "long_code", 1)]
    assert bulk.insert(PoolMember, columns, twice, ignore_conflicts=True) == 1
    assert PoolMember.objects.count() == 2


def test_a_column_of_bytes_is_refused(organization):
    row = (organization.pk, "https://192.0.2.1/", ["*"], "whsec_1")

    with pytest.raises(TypeError, match="secret"):
        bulk.insert(Webhook, ["organization_id", "url", "events", "secret"], [row])


def test_a_fault_of_one_row_writes_none(rows):
    values = {row.pk: {"status": "nonsense"} for row in rows}

    with pytest.raises(IntegrityError):
        bulk.update(Message, values, ["status"])
