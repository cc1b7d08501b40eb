"""The page of an organisation leads to all that it has."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from orbit.accounts.models import Organization
from orbit.console.links import address
from tests.factories import make_organization, make_user
from tests.orbit.console.scenery import build

pytestmark = pytest.mark.django_db


def links_of(text: str) -> list[str]:
    content = text.partition('id="content"')[2]
    return [each.replace("&amp;", "&") for each in re.findall(r'href="(/admin/[^"#]+)"', content)]


def test_each_number_is_what_the_list_behind_it_counts(operator):
    build(12)
    organization = Organization.objects.get(name="Delta Clinics")

    shown = operator.get(address(organization))

    tiles = [*shown.context["tiles"], *shown.context["outcomes"], shown.context["inbound"]]
    assert {"credentials", "in trouble", "carriers", "API key", "campaigns", "delivered"} <= {
        each.name for each in tiles
    }
    for tile in tiles:
        assert parse_qs(urlsplit(tile.url).query)["organization__id__exact"] == [organization.pk]
        found = operator.get(tile.url).context["cl"]
        assert (tile.name, found.result_count) == (tile.name, tile.count)


def test_it_leads_to_gateway_platform_bind_usage_audit_and_members(operator):
    build(8)
    organization = Organization.objects.get(name="Blue Bank")

    text = operator.get(address(organization)).text

    found = links_of(text)
    key = organization.pk
    assert address(organization.placement) in found
    assert address(organization.access) in found
    for path in (f"/admin/console/usage/?organization={key}",
                 f"/admin/accounts/auditevent/?q={key}",
                 f"/admin/console/conversations/?organization={key}",
                 f"/admin/console/routes/?organization={key}"):  # fmt: skip
        assert path in found
        assert operator.get(path).status_code == 200
    assert "Members" in text


def test_an_organisation_with_nothing_has_its_page_too(operator):
    shown = operator.get(address(make_organization("Empty")))
    assert shown.status_code == 200
    assert [each.count for each in shown.context["tiles"] if each.count] == []


def test_what_an_operator_may_not_see_is_neither_counted_nor_linked(db):
    build(8)
    person = make_user(is_staff=True)
    person.user_permissions.add(
        *Permission.objects.filter(codename__in=["view_organization", "view_carrier"])
    )
    client = Client()
    client.force_login(person)
    organization = Organization.objects.get(name="Blue Bank")

    shown = client.get(address(organization))

    assert [each.name for each in shown.context["tiles"]] == ["carriers"]
    for path in links_of(shown.text):
        assert client.get(path).status_code == 200, path
