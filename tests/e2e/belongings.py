"""One of everything that an organisation can have, and ids like theirs that never were."""

from __future__ import annotations

import itertools
from datetime import timedelta

from django.utils import timezone

from messaging.notices.models import NoticeRecipient, NoticeSilence
from orbit.accounts.models import Organization
from orbit.dev.simulator import SimulatorThread
from orbit.ids import new_id
from tests.e2e.api import Api
from tests.factories import make_api_key, make_member, make_user
from tests.fixtures.site import Site
from tests.messaging.messages.conftest import make_message

CARRIERS = "/v1/messaging/smpp/carriers"
POOLS = "/v1/messaging/sender-pools"
CAMPAIGNS = "/v1/campaigns"
WEBHOOKS = "/v1/webhooks"

_numbers = (f"+3363998{number:04}" for number in itertools.count(5000))
# Of people: so long that they are in no answer by chance.
_user_ids = itertools.count(7_000_001)


def everything_of(site: Site, owner: Organization, smsc: SimulatorThread) -> dict[str, str]:
    """Ids of one of everything that the organisation has, by the name of the path parameter."""
    member = make_member(owner, user=make_user(pk=next(_user_ids)))
    new_key = make_api_key(member=member)
    api = Api(site.base_url, new_key.secret)
    credential = api.add(port=smsc.port)
    api.rotate(credential["id"])
    carrier = {"name": "All", "credential_id": credential["id"], "countries": ["*"]}
    carrier_id = api.post(CARRIERS, carrier).data["id"]
    message = {"to": "+33612345678", "from": "ACME", "via": "direct"}
    test_id = api.post(f"{CARRIERS}/{carrier_id}/test", message).data["id"]
    own_number = {"number": "+33700000009", "credential_id": credential["id"]}
    number_id = api.post("/v1/numbers", own_number).data["id"]
    opted_out = {"number": next(_numbers)}
    opt_out_id = api.post("/v1/opt-outs", opted_out).data["id"]
    pool = {"name": "All", "carrier_ids": [carrier_id], "members": [{"sender": "ACME"}]}
    pool_id = api.post(POOLS, pool).data["id"]
    campaign = {"name": "All", "body": "Hello", "sender_pool_id": pool_id}
    campaign_id = api.post(CAMPAIGNS, campaign).data["id"]
    recipient = next(_numbers)
    api.post(f"{CAMPAIGNS}/{campaign_id}/recipients", {"recipients": [{"to": recipient}]})
    hook = {"url": "https://127.0.0.1:1/", "events": ["*"]}
    webhook_id = api.post(WEBHOOKS, hook).data["id"]
    delivery_id = api.post(f"{WEBHOOKS}/{webhook_id}/test").data["id"]
    message = make_message(owner, to=recipient, status="delivered", carrier_id=carrier_id)
    return {
        "credential_id": credential["id"],
        "key_id": new_key.key.pk,
        "user_id": str(member.user_id),
        "carrier_id": carrier_id,
        "test_id": test_id,
        "pool_id": pool_id,
        "number_id": number_id,
        "opt_out_id": opt_out_id,
        "campaign_id": campaign_id,
        "to": recipient,
        "number": recipient,
        "message_id": message.pk,
        "webhook_id": webhook_id,
        "delivery_id": delivery_id,
        **_told_of(owner),
    }


def _told_of(owner: Organization) -> dict[str, str]:
    recipient = NoticeRecipient.objects.create(
        organization=owner, name="Ops", url="jsons://127.0.0.1:1/", scheme="jsons"
    )
    now = timezone.now()
    silence = NoticeSilence.objects.create(
        organization=owner, start=now, end=now + timedelta(hours=1)
    )
    return {"recipient_id": recipient.pk, "silence_id": silence.pk}


def like(known: str) -> str:
    """An id of the same kind that never existed, or another number."""
    if known.startswith("+"):
        return next(_numbers)
    if known.isdigit():
        return str(int(known) + 1_000_000)
    return new_id(known.partition("_")[0])
