"""Limits of an organisation: the setting's, or its own."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from orbit.accounts.models import ApiKey, AuditEvent
from orbit.accounts.quotas import services as quotas
from orbit.api.errors import ApiError
from tests.factories import make_api_key, make_organization

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


def keys(organization):
    return ApiKey.objects.filter(organization=organization)


def test_up_to_the_limit_and_not_one_more(settings):
    settings.QUOTA_API_KEYS = 2
    organization = make_organization()
    make_api_key(organization)

    quotas.require(organization, "api_keys", keys(organization))
    make_api_key(organization)

    with pytest.raises(ApiError) as caught:
        quotas.require(organization, "api_keys", keys(organization))
    assert (caught.value.code, caught.value.status) == ("QUOTA_EXCEEDED", 409)
    assert caught.value.details == {"quota": "api_keys", "limit": 2, "used": 2}


def test_another_organisation_has_its_own(settings):
    settings.QUOTA_API_KEYS = 1
    make_api_key(make_organization())

    make_api_key(make_organization())


def test_one_organisation_may_have_another_limit(settings, capsys):
    settings.QUOTA_API_KEYS = 1
    organization = make_organization()

    call_command("quota", organization.pk, "api_keys", "2")

    assert capsys.readouterr().out == "api_keys 2\n"
    assert quotas.limit_of(organization, "api_keys") == 2
    assert quotas.limit_of(make_organization(), "api_keys") == 1
    (row,) = AuditEvent.objects.filter(action=quotas.CHANGED)
    assert (row.organization_id, row.detail) == (organization.pk, "api_keys: 2")

    call_command("quota", organization.pk, "api_keys", "default")
    assert quotas.limit_of(organization, "api_keys") == 1


def test_the_command_shows_all(capsys):
    call_command("quota", make_organization().pk)

    shown = [line.split()[0] for line in capsys.readouterr().out.splitlines()]
    assert shown == list(quotas.QUOTAS)


@pytest.mark.parametrize("limit", ["-1", "many", "１２", "9" * 16, None])
def test_what_is_no_limit_is_refused(limit):
    organization = make_organization()

    with pytest.raises(CommandError):
        call_command("quota", organization.pk, "api_keys", *filter(None, [limit]))
    with pytest.raises(CommandError):
        call_command("quota", "org_gone")


def test_a_lower_limit_takes_nothing_away(settings):
    organization = make_organization()
    make_api_key(organization), make_api_key(organization)
    settings.QUOTA_API_KEYS = 1

    with pytest.raises(ApiError), transaction.atomic():
        make_api_key(organization)

    assert keys(organization).count() == 2


def test_a_revoked_key_makes_room(settings):
    settings.QUOTA_API_KEYS = 1
    organization = make_organization()
    made = make_api_key(organization).key
    ApiKey.objects.filter(pk=made.pk).update(revoked_at=made.created_at)

    make_api_key(organization)
