"""Rotations: of a webhook, and of the organisation's own secret."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.factories import make_organization
from tests.messaging.at_once import at_once, statuses
from tests.messaging.callers import data, refusal
from tests.messaging.webhooks.conftest import OwnSecret, audit_rows, stored


def test_a_rotation_shows_the_new_secret_once(api):
    hook = api.add()
    path = f"/{hook['id']}"
    answer = api.post(f"{path}/rotate-secret", {"grace_hours": 72})

    new = data(answer)
    assert answer["Cache-Control"] == "no-store"
    assert new["signing_secret"] not in (hook["signing_secret"], None)
    assert new["secret"]["previous_until"] > new["secret"]["set_at"]
    assert "signing_secret" not in data(api.get(path))
    until = stored(hook["id"]).previous_until - timezone.now()
    assert timedelta(hours=71.9) < until <= timedelta(hours=72)
    row = audit_rows()[-1]
    assert (row.action, row.changes) == ("webhook.secret_rotated", ["secret"])
    assert row.detail == "grace_hours: 72"


@pytest.mark.parametrize("hours", [-1, 73, "24", None, 1.5, True])
def test_a_grace_is_from_0_to_72_hours(api, organization, hours):
    path = f"/{api.add()['id']}/rotate-secret"
    for answer in (
        api.post(path, {"grace_hours": hours}),
        OwnSecret(organization).post("/rotate", {"grace_hours": hours}),
    ):
        error = refusal(answer, 422, "VALIDATION_ERROR")
        assert error["details"]["field"] == "grace_hours"


def test_no_grace_leaves_nothing_of_the_old_secret(api):
    hook = api.add()
    api.post(f"/{hook['id']}/rotate-secret")
    api.post(f"/{hook['id']}/rotate-secret", {"grace_hours": 0})
    assert stored(hook["id"]).previous_secret is None
    assert data(api.get(f"/{hook['id']}"))["secret"]["previous_until"] is None


def test_the_organisation_s_secret_is_made_by_its_first_rotation(api, organization):
    own = OwnSecret(organization)
    nothing = own.get()
    assert data(nothing) == {"set_at": None, "previous_until": None}
    answer = own.post("/rotate")

    assert answer["Cache-Control"] == "no-store"
    first = data(answer)
    assert first["signing_secret"].startswith("whsec_")
    assert first["set_at"] and first["previous_until"] is None
    assert data(own.get()) == {"set_at": first["set_at"], "previous_until": None}
    assert own.get()["ETag"] == answer["ETag"] != nothing["ETag"]
    refusal(own.post("/rotate", If_Match=nothing["ETag"]), 412, "PRECONDITION_FAILED")
    second = data(own.post("/rotate", If_Match=answer["ETag"]))
    assert second["signing_secret"] != first["signing_secret"]
    assert second["previous_until"]
    assert [row.action for row in audit_rows()] == ["webhook_secret.rotated"] * 2


@pytest.mark.django_db(transaction=True)
def test_a_first_secret_is_made_by_one_of_many():
    own = OwnSecret(make_organization())
    answers = at_once(4, lambda _: own.post("/rotate"))
    assert set(statuses(answers)) <= {200, 409}
