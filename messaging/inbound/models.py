"""Inbound texts: what phones sent, and the PDUs that it came in."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.functional import cached_property

from messaging.credentials.models import Credential
from messaging.own_numbers.models import OwnNumber
from messaging.weak_references import weak_reference
from orbit.accounts.models import Organization
from orbit.db.sealed_fields import (
    DigestField,
    NumberKey,
    SealedJSONField,
    SealedNumberField,
    SealedTextField,
)
from orbit.ids import id_factory

ID_PREFIX = "msg"
RECEIVED = "received"  # the one status of a text


class AccessState(models.TextChoices):
    """What became of a PDU whose number routes to the access bind."""

    WAITING = "waiting"
    DELIVERED = "delivered"  # the platform has answered that it took it
    REFUSED = "refused"  # the platform has answered that it never will
    EXPIRED = "expired"  # it waited too long, or too many waited


class InboundMessage(models.Model):
    """A text of a phone, complete or as far as its parts arrived.

    - `sender` and `receiver`: in E.164 where they can be read so, else as they came.
    - `charset`: a `Charset` of `messaging.smpp.protocol.data_coding`.
    - `complete`: False if parts did not arrive in time; `body` has `…` in their places.
    - `keyword`: the number's, as people wrote it.
    - `in_reply_to`: id of our message that it answers; `answer_id`: id of our message that answered
      it; `answer_error`: why an answer that was due could not be sent.
    """

    id = models.CharField(
        max_length=40, primary_key=True, default=id_factory(ID_PREFIX), editable=False
    )
    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, db_index=False, related_name="+"
    )
    credential = weak_reference(Credential)
    number = weak_reference(OwnNumber)
    sender = SealedNumberField(max_length=160, blank=True)
    receiver = models.CharField(max_length=64, blank=True)
    from_is_e164 = models.BooleanField()
    body = SealedTextField(blank=True)
    charset = models.CharField(max_length=12)
    segments = models.PositiveSmallIntegerField()
    complete = models.BooleanField()
    keyword = models.CharField(max_length=64, blank=True, default="")
    in_reply_to = models.CharField(max_length=40, blank=True, default="")
    answer_id = models.CharField(max_length=40, blank=True, default="")
    answer_error = models.TextField(blank=True, default="")
    received_at = models.DateTimeField()
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["organization", "id"], name="inbound_by_organization"),
            models.Index(NumberKey("sender"), F("organization"), F("id"), name="inbound_by_sender"),
            models.Index(fields=["receiver", "organization", "id"], name="inbound_by_receiver"),
            models.Index(
                fields=["number", "id"],
                condition=Q(number__isnull=False),
                name="inbound_by_number",
            ),
            models.Index(  # counts recent answers
                NumberKey("sender"),
                F("organization"),
                F("id"),
                condition=~Q(answer_id=""),
                name="inbound_answered",
            ),
            # For the console's filters, each with only the rows that have the value.
            models.Index(fields=["id"], condition=Q(complete=False), name="inbound_in_part"),
            models.Index(
                fields=["id"], condition=Q(number__isnull=True), name="inbound_without_number"
            ),
            models.Index(fields=["id"], condition=~Q(answer_id=""), name="inbound_with_an_answer"),
            models.Index(
                fields=["id"], condition=~Q(answer_error=""), name="inbound_answer_failed"
            ),
        ]

    def __str__(self) -> str:
        return self.id

    @cached_property
    def pdus(self) -> list[InboundPdu]:
        """The PDUs that it arrived in, in the order of its parts."""
        return list(InboundPdu.objects.filter(message=self.pk).order_by("part", "id"))


class InboundPdu(models.Model):
    """A deliver_sm or data_sm that is no receipt, as it came: a phone's text, or a part of one.

    - `credential`: that it came by; `account` of the carrier.
    - `octets`: short_message, or message_payload, in hexadecimal; `fields` and `tlvs` are all
      others, `raw` is the whole PDU.
    - `digest`: SHA-256 of all octets behind the header, `session`: of the bind that it came on.
      `copies`: when the carrier delivered it again, `[{at, session, log, number}]`.
    - `log` and `number`: its record in the gateway's log.
    - `message`: the text; None while its parts are waited for, of what no organisation has any
      more, and of PDUs that are older than that table.
    - `access_state`: see there, "" where its number does not route to the access bind;
      `access_due_at`: when it is handed over to the gateway, or again; None once it is settled.
    - Of a part: its number (from 1) `of` how many, and `join_key`, which other parts of its text
      have too; of a text in one PDU 1, 1 and "". `due_at`: when a part that waits is looked at
      again, `expires_at`: when it is told without the others.
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
    message = weak_reference(InboundMessage)
    part = models.PositiveSmallIntegerField(default=1, db_default=1)
    of = models.PositiveSmallIntegerField(default=1, db_default=1)
    join_key = DigestField(max_length=64, blank=True, default="", db_default="")
    due_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    access_state = models.CharField(
        max_length=9, choices=AccessState.choices, blank=True, default="", db_default=""
    )
    access_due_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["log", "number"], name="one_row_an_inbound_record")
        ]
        indexes = [
            models.Index(fields=["account", "digest"], name="inbound_again"),
            models.Index(fields=["received_at"], name="inbound_age"),
            models.Index(
                fields=["message"],
                condition=Q(message__isnull=False),
                name="inbound_pdus_of_message",
            ),
            models.Index(fields=["join_key"], condition=Q(of__gt=1), name="inbound_parts_of_text"),
            models.Index(
                fields=["due_at"], condition=Q(due_at__isnull=False), name="inbound_part_waits"
            ),
            models.Index(
                fields=["organization", "id"],
                condition=Q(access_due_at__isnull=False),
                name="inbound_for_platform",
            ),
        ]

    def __str__(self) -> str:
        return f"from {self.source} to {self.destination}"
