from __future__ import annotations

from django.db import models

from messaging.credentials.models import Credential
from messaging.weak_references import weak_reference
from orbit.accounts.models import Organization
from orbit.db.sealed_fields import (
    DigestField,
    SealedJSONField,
    SealedNumberField,
    SealedTextField,
)


class InboundPdu(models.Model):
    """A deliver_sm or data_sm that is no receipt, as it came: a phone's text, or a part of one.

    - `credential`: that it came by; `account` of the carrier.
    - `octets`: short_message, or message_payload, in hexadecimal; `fields` and `tlvs` are all
      others, `raw` is the whole PDU.
    - `digest`: SHA-256 of all octets behind the header, `session`: of the bind that it came on.
      `copies`: when the carrier delivered it again, `[{at, session, log, number}]`.
    - `log` and `number`: its record in the gateway's log.
    """

    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, null=True, db_index=False, related_name="+"
    )
    credential = weak_reference(Credential)
    account = models.CharField(max_length=64)
    source = SealedNumberField(max_length=160, blank=True)
    destination = models.CharField(max_length=64, blank=True)
    esm_class = models.PositiveSmallIntegerField()
    data_coding = models.PositiveSmallIntegerField()
    octets = SealedTextField(blank=True)
    fields = SealedJSONField()
    tlvs = SealedJSONField()
    raw = SealedTextField()
    digest = DigestField(max_length=64)
    session = models.CharField(max_length=64, blank=True)
    copies = models.JSONField(default=list)
    log = models.CharField(max_length=64)
    number = models.PositiveBigIntegerField()
    received_at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["log", "number"], name="one_row_an_inbound_record")
        ]
        indexes = [
            models.Index(fields=["account", "digest"], name="inbound_again"),
            models.Index(fields=["received_at"], name="inbound_age"),
        ]

    def __str__(self) -> str:
        return f"from {self.source} to {self.destination}"
