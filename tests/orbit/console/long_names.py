"""Names as long as people make them: 30 to 60 characters, in whatever the scenery has built."""

from __future__ import annotations

from django.db.models import F, Value
from django.db.models.functions import Concat, Right

from messaging.campaigns.models import Campaign
from messaging.carriers.models import Carrier
from messaging.credentials.models import Credential
from messaging.notices.models import Notice
from messaging.pools.models import SenderPool
from messaging.webhooks.models import Webhook
from orbit.accounts.models import ApiKey, Organization
from reconciler.models import Gateway

_TAILS = {
    Organization: " Communications International Holdings",
    Credential: " wholesale transactional traffic, Frankfurt-Main",
    Carrier: " direct route premium with receipts (Marseille)",
    SenderPool: " of marketing and customer care",
    Campaign: " to customers of the loyalty programme",
    Gateway: "-gateway-eu-central-1-production",
    ApiKey: " of the billing department's nightly job",
}


def lengthen() -> None:
    for model, tail in _TAILS.items():
        model.objects.update(name=Concat(F("name"), Value(tail)))
    host = "smpp-transceiver-0042.messaging-gateway.telecom.example.net"
    Credential.objects.update(host=host, system_id=Right("id", 15))  # each an account of its own
    Webhook.objects.update(description="Orders, refunds and loyalty points of the shop in France")
    Notice.objects.update(what=Concat(F("what"), Value(": connection refused by the carrier")))
