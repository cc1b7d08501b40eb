"""Queries whose SQL is made once."""

from __future__ import annotations

import pytest

from orbit.accounts.models import ApiKey, Organization
from orbit.db.prepared_queries import Prepared
from tests.factories import make_api_key, make_organization

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


def test_it_answers_as_the_query_would():
    key = make_api_key(allowed_ips=["10.0.0.0/8"]).key
    make_api_key()
    prepared = Prepared(
        lambda name: ApiKey.objects.filter(organization=name).values_list(
            "id", "scopes", "allowed_ips", "created_at", "is_operator", "organization__name"
        )
    )
    same = prepared._build(key.organization_id)
    for _ in range(2):
        assert list(prepared.rows(key.organization_id)) == list(same)
    assert prepared.first(key.organization_id) == same.first()


@pytest.mark.parametrize(
    "value", ["", "%", "%s", "\\", "' OR 1 = 1 --", "parameter 0 of a prepared query"]
)
def test_a_value_is_a_value(value):
    make_organization()
    prepared = Prepared(lambda name: Organization.objects.filter(name=name).values_list("name"))
    assert prepared.first(value) is None
    Organization.objects.update(name=value)
    assert prepared.first(value) == (value,)


def test_what_is_no_parameter_stays_as_it_was():
    organization = make_organization()
    prepared = Prepared(
        lambda one, two: (
            Organization.objects.filter(id=one, name=two).exclude(name="x").values_list("id")
        ),
        parameters=2,
    )
    assert prepared.first(organization.id, organization.name) == (organization.id,)
    assert prepared.first(organization.name, organization.id) is None


def test_a_wrong_number_of_values_is_refused():
    prepared = Prepared(lambda name: Organization.objects.filter(name=name).values_list("name"))
    with pytest.raises(ValueError):
        prepared.rows("a", "b")
