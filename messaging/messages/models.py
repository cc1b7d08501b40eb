from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from messaging.carriers.models import Carrier
from messaging.credentials.models import Credential
from messaging.messages.dispatch_groups import GroupKeyField
from messaging.pools.models import SenderPool
from messaging.weak_references import weak_reference
from orbit.accounts.models import Organization
from orbit.db.sealed_fields import (
    NumberKey,
    SealedJSONField,
    SealedNumberField,
    SealedTextField,
)
from orbit.ids import id_factory

ID_PREFIX = "msg"


class MessageStatus(models.TextChoices):
    QUEUED = "queued"  # waits for its first attempt
    SENDING = "sending"  # claimed for a gateway at least once; no carrier is known to have it
    SENT = "sent"  # the carrier has taken it
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    EXPIRED = "expired"
    FAILED = "failed"  # certainly not with a carrier
    SUBMITTED_NO_RECEIPT = "submitted_no_receipt"


UNFINISHED = (MessageStatus.QUEUED, MessageStatus.SENDING, MessageStatus.SENT)
# Waiting or claimed. A message that was `sending` once does not become `queued` again.
UNSENT = (MessageStatus.QUEUED, MessageStatus.SENDING)


class Message(models.Model):
    """One SMS.

    - `wanted_*`: what the request named; `carrier`, `sender_pool`, `sender`, `credential`: what the
      last attempt took, final once the gateway has it.
    - `campaign`: it has no other message to the same number. A campaign that has messages can't be
      deleted.
    - `events`: `[{status, at, detail}]`, oldest first.
    - `country` (ISO 3166-1 alpha-2) of `to`; empty if it has none.
    - `attempt` counts the attempts that a gateway took, or may have taken; each has a token of its
      own. `claimed_at`: when the running one began; None while the message waits for the next one,
      at `next_attempt_at` or later. `group_key`: see `dispatch_groups`.
    - `leased_until`: until when a worker may be handing the claimed message over.
    - `lane`: the journal of the gateway that the attempt was made for. It takes the attempt once,
      however often it comes, and tells of it in its log; "" for a stock Jasmin.
    - `carrier_message_id`: the carrier's own id for it, from its answer or its receipt.
    - `refusals`: how often in a row the carrier has refused it for now; `passed_over`: ids of the
      carriers, with commas, that have done so too often: the others are tried before them.
    - `settle_at`: some of its parts are delivered; if no receipt of the others comes until then,
      so is the message.
    - `taken_at`: when the gateway answered that it has it. `is_final`: the carrier has refused it
      for now, and is tried again with the same sender and price.
    """

    id = models.CharField(
        max_length=40, primary_key=True, default=id_factory(ID_PREFIX), editable=False
    )
    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="messages", db_index=False
    )
    campaign = models.ForeignKey(
        "Campaign", on_delete=models.RESTRICT, null=True, db_index=False, related_name="messages"
    )
    to = SealedNumberField(max_length=96)
    country = models.CharField(max_length=2, blank=True, default="")
    sender = models.CharField(max_length=16, blank=True, default="")
    body = SealedTextField()
    encoding = models.CharField(max_length=6)  # gsm7, ucs2, latin1, ascii
    segments = models.PositiveSmallIntegerField()
    status = models.CharField(
        max_length=20, choices=MessageStatus.choices, default=MessageStatus.QUEUED
    )
    wanted_sender = models.CharField(max_length=16, blank=True, default="")
    wanted_pool = weak_reference(SenderPool)
    wanted_carrier = weak_reference(Carrier)
    carrier = weak_reference(Carrier)
    sender_pool = weak_reference(SenderPool)
    credential = weak_reference(Credential)
    price_amount = models.DecimalField(max_digits=14, decimal_places=5, null=True)
    price_currency = models.CharField(max_length=3, blank=True, default="")
    error_code = models.CharField(max_length=40, blank=True, default="")
    error_message = models.TextField(blank=True, default="")
    metadata = SealedJSONField(default=dict)
    tlvs = models.JSONField(default=list)  # [{tag, type, value}]; over the credential's own
    webhook_url = models.CharField(max_length=2048, blank=True, default="")
    events = models.JSONField(default=list)
    is_final = models.BooleanField(default=False)
    attempt = models.PositiveSmallIntegerField(default=0)
    lane = models.CharField(max_length=64, blank=True, default="")
    refusals = models.PositiveSmallIntegerField(default=0)
    passed_over = models.TextField(blank=True, default="")
    settle_at = models.DateTimeField(null=True)
    carrier_message_id = models.CharField(max_length=64, blank=True, default="")
    group_key = GroupKeyField(max_length=32, blank=True, default="", db_default="", editable=False)
    next_attempt_at = models.DateTimeField(default=timezone.now)
    claimed_at = models.DateTimeField(null=True)
    leased_until = models.DateTimeField(null=True)
    taken_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(auto_now=True)
    sent_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        indexes = [
            # A message changes its status three times, and each change writes every index that has
            # the row. So there is no index for a single sweep that can use another one. Indexes
            # ascend by id, in the order of inserts: PostgreSQL then leaves full pages behind, in
            # descending order half-full ones.
            models.Index(fields=["organization", "id"], name="message_by_organization"),
            models.Index(fields=["status", "organization", "id"], name="message_by_status"),
            models.Index(NumberKey("to"), F("organization"), F("id"), name="message_to_a_number"),
            models.Index(Coalesce("carrier", "wanted_carrier"), F("id"), name="message_by_carrier"),
            models.Index(
                fields=["organization", "group_key", "next_attempt_at", "id"],
                condition=Q(status__in=UNSENT, claimed_at=None),
                name="message_waits",
            ),
            models.Index(  # overdue messages
                fields=["created_at"],
                condition=Q(status__in=UNSENT, claimed_at=None),
                name="message_waits_since",
            ),
            models.Index(
                fields=["credential", "claimed_at"],
                condition=Q(status=MessageStatus.SENDING, claimed_at__isnull=False),
                name="message_in_gateway",
            ),
            models.Index(
                fields=["sent_at"],
                condition=Q(status=MessageStatus.SENT),
                name="message_awaits_receipt",
            ),
            models.Index(
                fields=["settle_at"],
                condition=Q(settle_at__isnull=False),
                name="message_partly_reported",
            ),
            models.Index(  # the list of a campaign
                fields=["campaign", "-id", "status"],
                condition=Q(campaign__isnull=False),
                name="message_of_campaign",
            ),
            models.Index(  # how many of a campaign were not sent, since people had opted out
                fields=["campaign"],
                condition=Q(campaign__isnull=False, error_code="OPTED_OUT"),
                name="message_opted_out",
            ),
            models.Index(  # how many of a campaign wait, by country, and which
                fields=["campaign", "country"],
                condition=Q(campaign__isnull=False, status__in=UNSENT, claimed_at=None),
                name="message_campaign_waits",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                F("campaign"),
                NumberKey("to"),
                condition=Q(campaign__isnull=False),
                name="message_once_a_number",
            ),
            models.CheckConstraint(
                condition=Q(status__in=MessageStatus.values), name="message_status_known"
            ),
            models.CheckConstraint(
                condition=Q(finished_at=None, status__in=UNFINISHED)
                | (Q(finished_at__isnull=False) & ~Q(status__in=UNFINISHED)),
                name="message_finished_has_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.id} ({self.status})"


class MessageFeedback(models.Model):
    """Whether a message was `converted`, as its sender says (`POST …/feedback`)."""

    message_id = models.CharField(max_length=40, primary_key=True)
    converted = models.BooleanField()
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["created_at"], name="feedback_age")]
