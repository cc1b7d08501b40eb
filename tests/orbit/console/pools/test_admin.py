"""The page of a sender pool: its members, its fields, and a destination to try."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from messaging.carriers.models import Carrier
from messaging.pools.models import PoolCarrier, PoolMember, SenderPool, StickySender
from tests.orbit.console.conftest import last_event

A, B, C = "+33700000001", "+33700000002", "+33700000003"
FRANCE = "+33639980001"


@pytest.fixture
def pool(carrier: Carrier) -> SenderPool:
    pool = SenderPool.objects.create(organization=carrier.organization, name="Support")
    PoolCarrier.objects.create(pool=pool, carrier=carrier)
    for place, sender in enumerate((A, B)):
        PoolMember.objects.create(pool=pool, sender=sender, type="long_code", position=place)
    return pool


def page_of(pool: SenderPool) -> str:
    return f"/admin/messaging/senderpool/{pool.pk}/change/"


def try_of(pool: SenderPool) -> str:
    return f"/admin/console/pools/{pool.pk}/preview/"


def sent(pool: SenderPool, *rows: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """What the page sends: as it is, with other fields, and these rows changed or added."""
    data: dict[str, Any] = {
        "name": pool.name, "strategy": pool.strategy, "sticky_ttl_days": 15, "version": 1,
        "carrier_ids": [each.carrier_id for each in pool.attachments.all()], "row": [],
    } | fields  # fmt: skip
    members = {each.sender: each for each in pool.members.all()}
    changed = {row["sender"]: row for row in rows}
    for place, sender in enumerate([*members, *(changed.keys() - members.keys())], start=1):
        prefix = members[sender].pk if sender in members else f"new{place}"
        row = {"position": place, "sender": sender, "weight": 1, "enabled": "on"}
        row |= changed.get(sender, {})
        data["row"].append(prefix)
        data |= {f"{prefix}-{name}": value for name, value in row.items() if value is not None}
    return data


def stored(pool: SenderPool) -> list[tuple]:
    columns = ("sender", "weight", "countries", "enabled")
    return list(PoolMember.objects.filter(pool=pool).values_list(*columns))


def test_the_page_shows_the_pool(operator: Client, pool, carrier):
    text = operator.get(page_of(pool)).text
    for said in (A, B, "Support", "Acme Travel", "round_robin", carrier.name):
        assert said in text
    listed = operator.get("/admin/messaging/senderpool/?q=0000000").text
    assert listed.count("Support") >= 1


def test_members_are_added_edited_disabled_and_put_in_order(operator: Client, pool):
    kept = pool.members.get(sender=B).pk
    rows = (
        {"sender": A, "position": 3, "enabled": None},
        {"sender": B, "position": 1, "weight": 7, "countries": "FR, BE"},
        {"sender": "ACME", "position": 2},
    )

    answer = operator.post(page_of(pool), sent(pool, *rows))

    assert answer.status_code == 302, answer.text
    assert stored(pool) == [(B, 7, ["FR", "BE"], True), ("ACME", 1, [], True), (A, 1, [], False)]
    assert pool.members.get(sender=B).pk == kept
    event = last_event()
    assert (event.action, event.target, event.changes) == (
        "sender_pool.updated", pool.pk, ["members"],
    )  # fmt: skip
    assert event.actor_name == operator.person.email


def test_a_member_is_removed_and_empty_rows_count_not(operator: Client, pool):
    data = sent(pool, {"sender": A, "remove": "on"})
    data["row"].append("newrow")
    data |= {"newrow-sender": "", "newrow-weight": "1", "newrow-enabled": "on"}

    assert operator.post(page_of(pool), data).status_code == 302
    assert stored(pool) == [(B, 1, [], True)]


def test_the_fields_and_the_carriers_are_saved(operator: Client, pool):
    fields = {"name": "Sales", "strategy": "weighted", "sticky": "on", "sticky_ttl_days": 3}
    assert operator.post(page_of(pool), sent(pool, carrier_ids=[], **fields)).status_code == 302

    pool.refresh_from_db()
    assert (pool.name, pool.strategy, pool.sticky, pool.sticky_ttl_days, pool.geo_match) == (
        "Sales", "weighted", True, 3, False,
    )  # fmt: skip
    assert pool.version == 2
    assert pool.attachments.count() == 0
    assert sorted(last_event().changes) == [
        "carrier_ids", "name", "sticky", "sticky_ttl_days", "strategy",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"sender": "no sender at all"}, "1–11"),
        ({"sender": "38000"}, "short code"),
        ({"sender": "+33700000009", "weight": 101}, "less than or equal to 100"),
        ({"sender": "+33700000009", "weight": "x"}, "whole number"),
        ({"sender": "+33700000009", "countries": "XX"}, "ISO 3166"),
    ],
)
def test_a_fault_of_a_member_stands_in_its_row(operator: Client, pool, row, said):
    answer = operator.post(page_of(pool), sent(pool, row))

    assert answer.status_code == 200
    bad = answer.context["form"].rows[-1]
    assert said in str(bad.errors), bad.errors
    assert bad["sender"].value() == row["sender"]
    assert str(next(iter(bad.errors.values()))[0])[:20] in answer.text.replace("&#x27;", "'")
    assert len(stored(pool)) == 2


def test_a_sender_twice_is_told_of_the_second(operator: Client, pool):
    data = sent(pool)
    data["row"].append("newrow")
    data |= {"newrow-sender": A, "newrow-weight": "1", "newrow-enabled": "on"}

    form = operator.post(page_of(pool), data).context["form"]
    assert [bool(row.errors) for row in form.rows] == [False, False, True]


def test_nobody_writes_over_what_they_have_not_read(operator: Client, pool):
    SenderPool.objects.update(version=2)
    answer = operator.post(page_of(pool), sent(pool, {"sender": C}))
    assert "Somebody else changed" in answer.text
    assert len(stored(pool)) == 2


def test_carriers_of_others_are_no_choice(operator: Client, pool):
    answer = operator.post(page_of(pool), sent(pool, carrier_ids=["carr_" + "0" * 32]))
    assert answer.status_code == 200
    assert "carrier_ids" in answer.context["form"].errors
    assert pool.attachments.count() == 1


def test_a_pool_of_a_thousand_members_can_be_saved(operator: Client, pool):
    PoolMember.objects.bulk_create(
        PoolMember(pool=pool, sender=f"+3370001{n:04}", type="long_code", position=n + 2)
        for n in range(998)
    )
    text = operator.get(page_of(pool)).text
    assert text.count("data-sender") == 1000

    changed = {"sender": "+33700010997", "weight": 5}
    assert operator.post(page_of(pool), sent(pool, changed)).status_code == 302
    assert stored(pool)[-1] == ("+33700010997", 5, [], True)


def test_who_may_only_look_changes_nothing(sign_in, pool):
    client = sign_in("Read only")
    text = client.get(page_of(pool)).text
    assert ">Save<" not in text
    assert text.count("<fieldset disabled>") == 2
    assert client.post(page_of(pool), sent(pool, {"sender": C})).status_code == 403
    assert (last_event().action, last_event().outcome) == ("sender_pool.updated", "refused")
    assert len(stored(pool)) == 2


def test_one_more_row_is_a_row_of_its_own(operator: Client, db):
    rows = [operator.get("/admin/console/pools/member/").text for _ in range(2)]
    prefixes = {re.search(r'name="row" value="(\w+)"', row)[1] for row in rows}
    assert len(prefixes) == 2


class TestTrying:
    def test_what_the_next_message_would_get(self, operator, pool, carrier):
        PoolMember.objects.filter(sender=B).update(enabled=False)
        asked = {"destination": FRANCE, "carrier_id": "", "count": "3"}
        text = operator.get(try_of(pool), asked).text
        for said in (f"<strong>{A}</strong>", "chosen by strategy", carrier.name, "disabled"):
            assert said in text
        assert re.findall(r"(\d)\. (\S+)</span>", text) == [("1", A), ("2", A), ("3", A)]

    def test_it_changes_nothing(self, operator, pool):
        SenderPool.objects.update(sticky=True)
        asked = {"destination": FRANCE, "count": "1"}
        found = [re.findall(r"<strong>(.*?)<", operator.get(try_of(pool), asked).text)]
        for _ in range(3):
            found.append(re.findall(r"<strong>(.*?)<", operator.get(try_of(pool), asked).text))
        assert found == [[A]] * 4
        assert StickySender.objects.count() == 0

    @pytest.mark.parametrize(
        ("asked", "said"),
        [
            ({"destination": "12", "count": "1"}, "Destination:"),
            ({"destination": "", "count": "1"}, "Destination:"),
            ({"destination": FRANCE, "count": "1000"}, "Next messages:"),
            ({"destination": FRANCE, "count": "1", "carrier_id": "carr_1"}, "Through:"),
        ],
    )
    def test_a_fault_is_told(self, operator, pool, asked, said):
        text = operator.get(try_of(pool), asked).text
        assert said in text
        assert "data-preview" not in text

    def test_why_nobody_may_send(self, operator, pool):
        PoolMember.objects.update(countries=["US"])
        text = operator.get(try_of(pool), {"destination": FRANCE, "count": "1"}).text
        assert "NO_ELIGIBLE_SENDER" in text
        assert 'data-preview="none"' in text
