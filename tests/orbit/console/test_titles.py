"""Titles of pages are the names of what they show, as they are written."""

from __future__ import annotations

import re

import pytest
from django.contrib.admin.utils import quote

from messaging.access.models import Access
from orbit.accounts.models import AuditEvent
from reconciler.models import BindChange, Gateway, Placement
from tests.orbit.console.scenery import build


def titles(text: str) -> tuple[str, str]:
    """Of the window, and of the page."""
    window = re.search(r"<title>([^<|]*)", text)[1].strip()
    heading = re.search(r"<h1.*?</h1>", text, re.DOTALL)[0]
    *_, last = re.findall(r'class="oc-title[^"]*">([^<]*)<', heading)
    return window, last


@pytest.mark.parametrize(
    ("path", "title"),
    [
        ("messaging/access", "Platform binds"),
        ("reconciler/placement", "Organisations on gateways"),
        ("messaging/credential", "Credentials"),
        ("accounts/auditevent", "Audit events"),
        ("reconciler/run", "Passes"),
    ],
)
def test_a_list_has_the_name_of_what_it_lists(operator, path, title):
    assert titles(operator.get(f"/admin/{path}/").text) == (title, title)


def test_a_page_has_the_name_of_its_object(administrator, credential):
    credential.name = "t13"
    credential.save()
    page = f"/admin/messaging/credential/{quote(credential.pk)}/change/"
    assert titles(administrator.get(page).text) == ("t13", "t13")

    edit = f"/admin/console/credentials/{credential.pk}/edit/"
    assert titles(administrator.get(edit).text) == ("t13: change", "t13: change")


@pytest.mark.parametrize("model", [Access, AuditEvent, BindChange, Gateway, Placement])
def test_no_title_is_what_django_does(administrator, model):
    build(1)
    row = model.objects.first()
    page = f"/admin/{model._meta.app_label}/{model._meta.model_name}/{quote(row.pk)}/change/"
    window, heading = titles(administrator.get(page).text)
    assert window == heading
    assert not window.startswith(("View", "Change", "Select"))
