"""Forms of a carrier: what an operator changes of it, and a test send."""

from __future__ import annotations

from typing import Any

from messaging.carrier_tests.serializers import CarrierTestSerializer
from messaging.carriers.models import Carrier
from messaging.carriers.serializers import CarrierSerializer
from messaging.credentials.models import BindType, Credential
from orbit.console.forms import ChangeForm, SerializedForm


class CarrierForm(ChangeForm):
    """What an operator changes of a carrier."""

    serializer = CarrierSerializer

    def __init__(self, carrier: Carrier, data: Any = None) -> None:
        super().__init__(carrier, data)
        own = Credential.objects.live().filter(organization=carrier.organization_id)
        sending = own.exclude(bind_type=BindType.RECEIVER).order_by("name")
        rows = sending.values_list("pk", "name", "system_id", "host")
        self.fields["credential_id"].choices = [
            (pk, f"{name} ({system_id}@{host})") for pk, name, system_id, host in rows
        ]


class CarrierTestForm(SerializedForm):
    """A test send."""

    serializer = CarrierTestSerializer
