"""The page of an incident, as somebody opens it at night from the notice."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from messaging.notices.models import Notice
from tests.factories import make_organization

pytestmark = pytest.mark.stack

WIDTH, HEIGHT = 400, 800


def test_it_says_what_since_when_why_whom_and_what_to_do_without_scrolling(site, sign_in):
    organization = make_organization()
    since = timezone.now() - timedelta(minutes=7)
    notice = Notice.objects.create(
        key="bind:smpp2.carrier.example.net:2775",
        kind="bind",
        what="Binds to smpp2.carrier.example.net:2775 are down",
        why="ESME_RINVPASWD: the carrier refuses the password; ESME_RBINDFAIL: it gives no reason; "
        "no answer within 10 s",
        advice="Compare what is set with what the carrier says, then press Push.",
        path="/admin/messaging/credential/?q=smpp2.carrier.example.net",
        touches=[[organization.pk, f"Orange France {each}"] for each in range(40)],
        since=since,
        changes=[{"at": "03:00:00", "action": "x", "target": "y", "actor": "z"}] * 10,
    )
    page = sign_in(width=WIDTH, height=HEIGHT)

    page.goto(f"/admin/messaging/notice/{notice.pk}/change/")

    card = page.locator(".oc-page")
    what, when = notice.what, f"{since:%H:%M}"
    whom = ("Orange France 0", "32 more")
    for said in (what, when, notice.why, *whom, notice.advice, "Go there"):
        boxes = [each.bounding_box() for each in card.get_by_text(said).all()]
        assert any(box and box["y"] + box["height"] <= HEIGHT for box in boxes), (said, boxes)
    assert page.evaluate("document.documentElement.scrollWidth") <= WIDTH
