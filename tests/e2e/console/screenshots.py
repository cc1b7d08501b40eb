"""`make screenshots`: the pictures of the console, into docs/images.

No test: pytest runs it by its path, for the servers and the browser that it has.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.admin.utils import quote
from django.utils import timezone
from playwright.sync_api import Page

from messaging.campaigns.models import Campaign
from messaging.carrier_tests.models import CarrierTest
from messaging.credentials.models import Credential
from messaging.messages.models import Message
from messaging.pools.models import SenderPool
from orbit.operations.models import Heartbeat
from reconciler.models import Gateway, Run
from tests.orbit.console.scenery import build

pytestmark = pytest.mark.stack

IMAGES = Path(__file__).resolve().parents[3] / "docs" / "images"


def drops(run: Run) -> tuple[int, int]:
    return len(run.changes), sum(change["drops_bind"] for change in run.changes)


def page_of(row) -> str:
    return f"/admin/{row._meta.app_label}/{row._meta.model_name}/{quote(row.pk)}/change/"


def all_live() -> None:
    """The scenery has processes that have just said so, and looked at its gateways."""
    queues = [queue.name for queue in settings.CELERY_TASK_QUEUES]
    for name, takes in {"worker": queues, "receiver": [], "beat": []}.items():
        values = {"queues": takes, "at": timezone.now()}
        Heartbeat.objects.update_or_create(name=f"{name}@sms1", defaults=values)
    Heartbeat.objects.exclude(name__endswith="@sms1").delete()
    Gateway.objects.update(looked_at=timezone.now())


def try_a_destination(page: Page) -> None:
    page.fill("[name=destination]", "+33612345678")
    page.get_by_role("button", name="Try").click()
    page.locator("#preview dl").wait_for()


def test_pictures(site, sign_in, shared_cache) -> None:
    site.rest()  # else its looks find that the scenery's gateways are not there
    build(30)
    refused = Credential.objects.filter(status__bind_error__startswith="Invalid password").last()
    tested = CarrierTest.objects.filter(status="delivered").first()
    campaign = Campaign.objects.get(status="sending")
    Message.objects.update(campaign=campaign)
    Campaign.objects.filter(pk=campaign.pk).update(fed=300, recipients_total=480, throughput=20)
    pictures = {
        "home": ("/admin/", "light", 1640),
        "credential": (page_of(refused), "light", 860),
        "pool": (page_of(SenderPool.objects.last()), "light", 860),
        "pass": (page_of(max(Run.objects.all(), key=drops)), "dark", 620),
        "campaign": (page_of(campaign), "light", 720),
        "message": (page_of(Message.objects.filter(status="undelivered").last()), "dark", 900),
        "test": (page_of(tested), "dark", 860),
    }
    IMAGES.mkdir(exist_ok=True)
    for scheme in ("light", "dark"):
        page = sign_in(color_scheme=scheme, width=1280)
        for name, (path, wanted, height) in pictures.items():
            if wanted == scheme:
                all_live()
                page.set_viewport_size({"width": 1280, "height": height})
                page.goto(path)
                if name == "pool":
                    try_a_destination(page)
                # Not "networkidle": pages ask again and again.
                page.wait_for_load_state("load")
                page.screenshot(path=IMAGES / f"{name}.png")
