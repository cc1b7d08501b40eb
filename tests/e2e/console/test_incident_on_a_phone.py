"""The page of an incident, as somebody opens it at night from the notice."""

from __future__ import annotations

import pytest
from django.utils import timezone

from messaging.notices.models import Notice
from tests.factories import make_organization

pytestmark = pytest.mark.stack

HEIGHT = 800


def test_it_says_all_without_scrolling(site, sign_in):
    organization = make_organization()
    notice = Notice.objects.create(
        key="bind:smpp.example.net:2775",
        kind="bind",
        what="Binds to smpp.example.net:2775 are down",
        why="ESME_RINVPASWD: the carrier refuses the password",
        advice="Compare what is set with what the carrier says, then press Push.",
        path="/admin/messaging/credential/?q=smpp.example.net",
        touches=[[organization.pk, f"Orange FR {each}"] for each in range(40)],
        since=timezone.now(),
    )
    page = sign_in(width=400, height=HEIGHT)

    page.goto(f"/admin/messaging/notice/{notice.pk}/change/")

    for said in (notice.why, "Orange FR 0", "32 more", notice.advice, "Go there"):
        box = page.get_by_text(said).first.bounding_box()
        assert box and box["y"] + box["height"] <= HEIGHT, (said, box)
