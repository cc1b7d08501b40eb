"""Forms of a carrier: what an operator changes of it, and a test send."""

from __future__ import annotations

import re
from typing import Any

from unfold.widgets import UnfoldAdminTextareaWidget

from messaging.carrier_tests.models import TestVia
from messaging.carrier_tests.serializers import DEFAULT_BODY, CarrierTestSerializer
from messaging.carriers.models import Carrier
from messaging.carriers.serializers import CarrierSerializer
from messaging.credentials.models import BindType, Credential
from messaging.money import as_text
from orbit.console.forms import ChangeForm, SerializedForm, choice, number, switch, text


class CarrierForm(ChangeForm):
    """What an operator changes of a carrier."""

    serializer = CarrierSerializer

    name = text("Name", required=True)
    credential_id = choice("Credential", (), "Those of the organisation that can send.")
    countries = text("Countries", "Such as FR, BE; or * alone for any country.", required=True)
    quality = number("Quality", "0–100, higher is better.")
    fallback_order = number("Fallback order", "1–100, lower is tried first.")
    billing_rate = text("Rate", "Price of a segment: 0.0325", required=True, strip=True)
    currency = text("Currency", "ISO 4217: USD", required=True, strip=True)
    enabled = switch("Enabled", "Off: in no route.")

    def __init__(self, carrier: Carrier, data: Any = None) -> None:
        initial = {name: getattr(carrier, name) for name in self.base_fields}
        initial["countries"] = ", ".join(carrier.countries)
        initial["billing_rate"] = as_text(carrier.billing_rate)
        super().__init__(data, initial=initial)
        own = Credential.objects.live().filter(organization=carrier.organization_id)
        sending = own.exclude(bind_type=BindType.RECEIVER).order_by("name")
        rows = sending.values_list("pk", "name", "system_id", "host")
        self.fields["credential_id"].choices = [
            (pk, f"{name} ({system_id}@{host})") for pk, name, system_id, host in rows
        ]

    def body(self, cleaned: dict[str, Any]) -> dict[str, Any]:
        changed = super().body(cleaned)
        if "countries" in changed:
            changed["countries"] = re.findall(r"[^\s,]+", changed["countries"])
        return changed


class CarrierTestForm(SerializedForm):
    """A test send."""

    serializer = CarrierTestSerializer

    to = text("To", "E.164: +33612345678", required=True)
    sender = text("From", "E.164, a short code, or a name; empty: chosen from the sender pools.")
    text = text("Text", initial=DEFAULT_BODY, widget=UnfoldAdminTextareaWidget(attrs={"rows": 2}))
    via = choice(
        "Via",
        [("", "gateway while it is bound, else direct"), *TestVia.choices],
        "Direct binds on its own and shows every PDU.",
        required=False,
    )
    force = switch("Bind even beside the only one", "It may disturb live traffic.")

    def body(self, cleaned: dict[str, Any]) -> dict[str, Any]:
        given = {"to": cleaned["to"], "from": cleaned["sender"], "body": cleaned["text"]}
        given |= {"via": cleaned["via"], "force": cleaned["force"]}
        return {name: value for name, value in given.items() if value != ""}

    def refuse(self, name: str | None, faults: Any) -> None:
        super().refuse({"from": "sender", "body": "text"}.get(name, name), faults)
