"""What people read is spelled in one way."""

from __future__ import annotations

import re

from django.contrib.admin.utils import quote

from messaging.access.models import Access
from messaging.carriers.models import Carrier
from messaging.credentials.models import Credential
from messaging.inbound.models import InboundMessage
from messaging.opt_outs.models import OptOut
from messaging.own_numbers.models import OwnNumber
from messaging.pools.models import SenderPool
from orbit.accounts.models import ApiKey, AuditEvent, Member, Organization
from reconciler.models import BindChange, Placement
from tests.factories import make_member
from tests.orbit.console.scenery import build

PAGES = (
    "/admin/", "/admin/console/conversations/", "/admin/console/waiting/", "/admin/console/chains/",
    "/admin/console/rates/", "/admin/console/routes/",
)  # fmt: skip
MODELS = (
    Access, ApiKey, AuditEvent, BindChange, Carrier, Credential, Member, Organization, Placement,
    SenderPool, InboundMessage, OwnNumber, OptOut,
)  # fmt: skip
_UNSEEN = re.compile(r"<(script|style|head)\b.*?</\1>|<[^>]*>", re.DOTALL)


def test_an_organisation_is_one_everywhere(operator):
    build(8)
    make_member(Organization.objects.first())
    paths = list(PAGES)
    for model in MODELS:
        folder = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
        paths += [folder, f"{folder}{quote(model.objects.all()[0].pk)}/change/"]

    found = {}
    for path in paths:
        answer = operator.get(path)
        assert answer.status_code == 200, path
        seen = _UNSEEN.sub("\n", answer.text)
        # Names of actions, such as organization.moved, are those of the API.
        found[path] = re.findall(r".{0,30}organization(?!\.).{0,30}", seen, re.IGNORECASE)
    assert {path: words for path, words in found.items() if words} == {}
