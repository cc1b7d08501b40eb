"""Every page of the admin and of the documentation, wide and narrow, empty and full: nothing of a
list is cut, however long names are."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from django.contrib.admin.utils import quote
from playwright.sync_api import Page

from messaging.access.models import Access
from messaging.campaigns.models import Campaign
from messaging.carrier_tests.models import CarrierTest
from messaging.carriers.models import Carrier
from messaging.credentials.models import Credential
from messaging.inbound.models import InboundMessage
from messaging.messages.models import Message
from messaging.notices.models import Notice
from messaging.opt_outs.models import OptOut
from messaging.own_numbers.models import OwnNumber
from messaging.pools.models import SenderPool
from messaging.receipts.models import StrayReceipt
from messaging.webhooks.models import Webhook
from orbit.accounts.models import ApiKey, AuditEvent, Member, Organization, User
from reconciler.models import BindChange, Gateway, Placement, Run
from tests.orbit.console.long_names import lengthen
from tests.orbit.console.scenery import build

pytestmark = pytest.mark.stack

LISTED = [
    Credential, Carrier, CarrierTest, SenderPool, Access, BindChange, Run, Gateway, Placement,
    Organization, Member, ApiKey, AuditEvent, User, Message, Campaign, Webhook,
    InboundMessage, OwnNumber, OptOut, Notice, StrayReceipt,
]  # fmt: skip
WIDE, NARROW = 1280, 400
CARD = 150  # pixels: a row of a list on a phone, with names of 60 characters
BUTTONS = ("edit", "rotate", "reveal")
DOCS = ("/", "/docs", "/docs/errors", "/docs/errors/NOT_FOUND")


def paths() -> Iterator[str]:
    yield from (
        "/admin/",
        "/admin/console/reconcile/",
        "/admin/console/chains/",
        "/admin/console/rates/",
        "/admin/console/conversations/",
        "/admin/console/waiting/",
        "/admin/console/notices/",
        "/admin/console/fleet/?plan=1",
        "/admin/password_change/",
        "/admin/console/sessions/",
        "/admin/console/approvals/",
        "/admin/console/second-factor/set-up/",
        "/admin/console/second-factor/set-up/app/",
    )
    yield "/admin/accounts/user/add/"
    organization = Organization.objects.first()
    if organization is None:
        yield from DOCS  # whose pages are the same whatever there is
    asked = f"?organization={organization.pk}&destination=%2B33612345678" if organization else ""
    yield f"/admin/console/routes/{asked}"
    for model in LISTED:
        folder = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
        yield folder
        if row := model.objects.last():
            yield f"{folder}{quote(row.pk)}/change/"
    if carrier := Carrier.objects.first():
        yield f"/admin/console/carriers/{carrier.pk}/edit/"
    if text := InboundMessage.objects.last():
        yield f"/admin/console/conversations/{text.pk}/"
    if organization:
        yield f"/admin/console/organizations/{organization.pk}/opt-outs/"
        yield f"/admin/console/usage/?organization={organization.pk}"
    if campaign := Campaign.objects.first():
        yield f"/admin/console/campaigns/{campaign.pk}/recipients/"
        yield f"/admin/console/campaigns/{campaign.pk}/cancel/"
    if access := Access.objects.first():
        yield from (f"/admin/console/accesses/{access.pk}/{each}/" for each in ("edit", "rotate"))
    if credential := Credential.objects.first():
        yield from (f"/admin/console/credentials/{credential.pk}/{each}/" for each in BUTTONS)


LISTS = re.compile(
    r"/admin/(?!console/)\w+/\w+/|/admin/console/(conversations|waiting|notices|sessions|approvals"
    r"|chains|rates|reconcile|fleet|usage|campaigns/\w+/recipients)/(\?.*)?"
)
# What of a page cannot be seen: it scrolls sideways. Of a list: a column stands beside its room;
# a cell hides some of its text; a row leads nowhere, or is higher than a card.
UNSEEN = """([card, isList]) => {
    const found = new Set(), root = document.documentElement;
    if (root.scrollWidth > root.clientWidth) found.add("the page is too wide");
    if (!isList) return [...found];
    for (const table of document.querySelectorAll("#result_list, .oc-table")) {
        const room = table.parentElement.getBoundingClientRect().right + 1;
        for (const cell of table.querySelectorAll("th, td")) {
            if (!cell.offsetParent) continue;
            const place = `${cell.className.match(/field-\\w+/)?.[0]} ${cell.innerText}`;
            if (cell.getBoundingClientRect().right > room) found.add(`beside: ${place}`);
            if (cell.scrollWidth > cell.clientWidth + 1) found.add(`cut: ${place}`);
        }
    }
    for (const row of document.querySelectorAll("#result_list tr.data-row")) {
        if (!row.querySelector("a")) found.add(`leads nowhere: ${row.innerText}`);
        if (innerWidth < 1024 && row.offsetHeight > card)
            found.add(`${row.offsetHeight} pixels: ${row.innerText}`);
    }
    return [...found].slice(0, 3);
}"""


def unseen(page: Page, path: str = "", own: int = NARROW) -> list[str]:
    """In both widths, its own last: a page that was opened wide is also looked at when narrow."""
    found, is_list = [], LISTS.fullmatch(path) is not None
    for width in sorted((WIDE, NARROW), key=lambda width: width == own):
        page.set_viewport_size({"width": width, "height": 900})
        found += [f"{width}: {each}" for each in page.evaluate(UNSEEN, [CARD, is_list])]
    return found


@pytest.mark.parametrize(("rows", "width"), [(0, WIDE), (120, NARROW)])
@pytest.mark.slow("every page of the console in a browser, in two widths")
def test_it_opens_without_a_fault(site, sign_in, rows, width):
    build(rows)
    lengthen()
    page = sign_in(width=width)
    found = {}
    for path in list(paths()):
        answer = page.goto(path)
        page.wait_for_load_state("load")
        is_it = page.url == f"{site.base_url}{path}"  # and not the sign-in
        found[path] = (answer.status, is_it, unseen(page, path, width))
    assert {path: each for path, each in found.items() if each != (200, True, [])} == {}
