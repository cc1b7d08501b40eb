"""What is open comes first on home, and on the page of an organisation that it touches."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone

from messaging.notices.models import Notice
from orbit.console.links import address
from orbit.console.notices.open_notices import SHOWN
from tests.factories import make_organization, make_user

pytestmark = pytest.mark.django_db


def make_notice(number: int = 0, **fields) -> Notice:
    since = timezone.now() - timedelta(minutes=12)
    usual = {"key": f"bind:{number}", "kind": "bind", "what": f"Binds to host{number} are down",
             "why": "ESME_RINVPASWD", "since": since}  # fmt: skip
    return Notice.objects.create(**usual | fields)


def test_open_incidents_are_the_first_thing_with_what_since_when_and_the_way_there(operator):
    notice = make_notice()
    text = operator.get("/admin/").text
    content = text.partition('id="content"')[2]
    first = content.partition("oc-card")[2].partition("</section>")[0]
    assert f'<a href="{address(notice)}">{notice.what}</a>' in first
    assert "12 min" in first and notice.why in first


def test_without_any_there_is_nothing(operator):
    make_notice(state="closed", until=timezone.now())
    text = operator.get("/admin/").text
    assert "Open incidents" not in text
    assert "Open incidents" not in operator.get("/admin/console/home/incidents/").text


def test_of_many_the_newest_are_shown_and_the_others_counted(operator):
    for number in range(SHOWN + 3):
        make_notice(number)
    context = operator.get("/admin/console/home/incidents/").context
    assert len(context["open_notices"]) == SHOWN
    assert context["more_open"] == 3
    listed = operator.get("/admin/messaging/notice/?state__exact=open").context["cl"]
    assert listed.result_count == SHOWN + 3


def test_an_organisation_has_those_that_touch_it(operator):
    ours, other = make_organization("Ours"), make_organization("Other")
    notice = make_notice(touches=[[ours.pk, "Orange FR"]])
    assert notice.what in operator.get(address(ours)).text
    assert notice.what not in operator.get(address(other)).text


def test_who_may_not_see_incidents_sees_none(db):
    notice = make_notice()
    person = make_user(is_staff=True)
    person.user_permissions.add(Permission.objects.get(codename="view_gateway"))
    client = Client()
    client.force_login(person)
    assert notice.what not in client.get("/admin/").text
    assert client.get("/admin/console/home/incidents/").status_code == 403
