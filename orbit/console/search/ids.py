"""The page that an id leads to: of the row, or of what the row is a part of."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from django.contrib.admin.utils import quote
from django.db.models import Model
from django.urls import reverse

from messaging.campaigns.models import Campaign
from messaging.carrier_tests.models import CarrierTest
from messaging.carriers.models import Carrier
from messaging.credentials.models import Credential
from messaging.inbound.models import InboundMessage
from messaging.messages.models import Message
from messaging.notices.models import Notice, NoticeRecipient
from messaging.opt_outs.models import OptOut
from messaging.own_numbers.models import OwnNumber
from messaging.pools.models import PoolMember, SenderPool
from messaging.webhooks.models import Delivery, Webhook
from orbit.accounts.models import ApiKey, AuditEvent, Organization
from orbit.console.viewer import may_see
from reconciler.models import Gateway, Run

_MESSAGE_ID = re.compile(r"msg_[0-9a-f]{32}")
# By prefix, the models whose rows have a page; a message may be one of ours or of a phone.
_WITH_PAGES: Mapping[str, tuple[type[Model], ...]] = {
    "aud": (AuditEvent,),
    "carr": (Carrier,),
    "cmp": (Campaign,),
    "cred": (Credential,),
    "ctst": (CarrierTest,),
    "gw": (Gateway,),
    "inc": (Notice,),
    "key": (ApiKey,),
    "msg": (Message, InboundMessage),
    "num": (OwnNumber,),
    "opt": (OptOut,),
    "org": (Organization,),
    "pool": (SenderPool,),
    "run": (Run,),
    "wh": (Webhook,),
}


def page_of(key: str) -> str:
    """The page that this id (`orbit.ids.is_id`) leads to; "" where no row has it, or the operator
    may not see it."""
    prefix, mark, _ = key.partition("_")
    if not mark:
        return _of_gateway_key(key)
    for model in _WITH_PAGES.get(prefix, ()):
        if may_see(model) and _has(model, pk=key):
            return _page(model, key)
    part = _PARTS.get(prefix)
    return part(key) if part else ""


def _has(model: type[Model], **wanted: str) -> bool:
    rows = Credential.objects.live() if model is Credential else model._default_manager.all()
    return rows.filter(**wanted).exists()


def _page(model: type[Model], key: str) -> str:
    meta = model._meta
    return reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[quote(key)])


def _of_gateway_key(key: str) -> str:
    """Of the credential or organisation that has this name in Jasmin."""
    for model in (Credential, Organization):
        if may_see(model) and _has(model, gateway_key=key):
            return _page(model, model._default_manager.values_list("pk").get(gateway_key=key)[0])
    return ""


def _of_member(key: str) -> str:
    """A member of a sender pool leads to the pool."""
    found = PoolMember.objects.filter(pk=key).values_list("pool", flat=True).first()
    return _page(SenderPool, found) if found and may_see(SenderPool) else ""


def _of_event(key: str) -> str:
    """An event leads to its first delivery."""
    rows = Delivery.objects.filter(event=key).order_by("pk").values_list("pk", flat=True)
    found = rows.first()
    return _of_delivery(found) if found else ""


def _of_delivery(key: str) -> str:
    """A delivery leads to its webhook, at the place where it is the newest that is shown; one to an
    address that a message named leads to the message."""
    row = Delivery.objects.select_related("event").defer("response_body").filter(pk=key).first()
    if row is None:
        return ""
    if row.webhook_id:
        if not may_see(Webhook):
            return ""
        return f"{_page(Webhook, row.webhook_id)}?before={key}0"  # sorts right behind it
    message_id = _MESSAGE_ID.search(row.event.body)
    return page_of(message_id[0]) if message_id else ""


def _of_recipient(key: str) -> str:
    """Who is told of incidents stands on one page with all others."""
    is_there = may_see(NoticeRecipient) and _has(NoticeRecipient, pk=key)
    return reverse("console:recipients_of_notices") if is_there else ""


_PARTS: Mapping[str, Callable[[str], str]] = {
    "dlv": _of_delivery,
    "evt": _of_event,
    "mem": _of_member,
    "nrc": _of_recipient,
}
