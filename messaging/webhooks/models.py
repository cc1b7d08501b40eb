from __future__ import annotations

import re

from django.db import models
from django.db.models import Q

from messaging.webhooks.signing import new_secret
from orbit.accounts.models import Organization
from orbit.db import sealing
from orbit.db.fields import EncryptedTextField
from orbit.db.sealed_fields import SealedTextField
from orbit.ids import id_factory

MAX_URL = 2048  # characters
MAX_LANE = 400  # an id and an origin: the longest host name has 253


class EventType(models.TextChoices):
    """The types of events that webhooks subscribe to."""

    MESSAGE_SENT = "message.sent"
    MESSAGE_DELIVERED = "message.delivered"
    MESSAGE_FAILED = "message.failed"
    MESSAGE_UNDELIVERED = "message.undelivered"
    MESSAGE_RECEIVED = "message.received"
    CONTACT_OPTED_OUT = "contact.opted_out"
    CONTACT_OPTED_IN = "contact.opted_in"
    CREDENTIAL_BOUND = "smpp.credential.bound"
    CREDENTIAL_UNBOUND = "smpp.credential.unbound"
    CREDENTIAL_SYNC_FAILED = "smpp.credential.sync_failed"
    CARRIER_DEGRADED = "carrier.degraded"
    CARRIER_RESTORED = "carrier.restored"
    CAMPAIGN_STARTED = "campaign.started"
    CAMPAIGN_COMPLETED = "campaign.completed"
    CAMPAIGN_PAUSED = "campaign.paused"


ALL_EVENTS = "*"
TEST_EVENT = "webhook.test"  # goes to the webhook that is tested, whatever it asks for


_FINDABLE = re.compile(r'"(msg_[0-9a-f]{32}|\+[0-9]{5,15})"')


def findable(body: str) -> list[str]:
    """The findable part of a sealed body: the ids of messages in it, and digests of its numbers."""
    found = dict.fromkeys(_FINDABLE.findall(body))
    return [sealing.digest(each) if each.startswith("+") else each for each in found]


class SigningKey(models.Model):
    """A secret that signs, and during a grace period the one before it."""

    secret = EncryptedTextField(default=new_secret)
    secret_set_at = models.DateTimeField()
    previous_secret = EncryptedTextField(null=True)
    previous_until = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)  # grows with every write of people
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        abstract = True


class Webhook(SigningKey):
    """An address that events are posted to, with its last success and failure."""

    id = models.CharField(max_length=40, primary_key=True, default=id_factory("wh"), editable=False)
    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="webhooks"
    )
    url = models.CharField(max_length=MAX_URL)
    events = models.JSONField()  # types, or ["*"]
    description = models.CharField(max_length=255, default="", blank=True)
    active = models.BooleanField(default=True)
    # Observed; a delivery writes them without a new version.
    last_success_at = models.DateTimeField(null=True)
    last_failure_at = models.DateTimeField(null=True)
    last_failure = models.TextField(default="", blank=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.id


class WebhookSecret(SigningKey):
    """The organisation's own secret: it signs what goes to a message's `webhook_url`."""

    organization = models.OneToOneField(
        Organization, on_delete=models.CASCADE, primary_key=True, related_name="webhook_secret"
    )

    def __str__(self) -> str:
        return f"webhook secret of {self.organization_id}"


class Event(models.Model):
    """Something that happened. Every delivery posts `body`, byte for byte."""

    id = models.CharField(
        max_length=40, primary_key=True, default=id_factory("evt"), editable=False
    )
    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, db_index=False, related_name="+"
    )
    type = models.CharField(max_length=40)
    body = SealedTextField(findable=findable)
    created_at = models.DateTimeField(db_index=True)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["organization", "type", "id"], name="event_of_a_type")]

    def __str__(self) -> str:
        return f"{self.type} ({self.id})"


class DeliveryStatus(models.TextChoices):
    PENDING = "pending"  # waits for its first or next attempt, or is being attempted
    DELIVERED = "delivered"
    DEAD = "dead"  # given up


class Delivery(models.Model):
    """An event on its way to one address.

    A worker may claim a pending one when `due_at` is past; the claim moves `due_at` into the
    future, so that it is due again by itself if the worker dies. The deliveries of a deleted
    webhook stay until the retention deletes them: there may be millions.
    """

    id = models.CharField(
        max_length=40, primary_key=True, default=id_factory("dlv"), editable=False
    )
    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="deliveries")
    webhook = models.ForeignKey(  # null: the address is the one that a message named
        Webhook,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        null=True,
        related_name="deliveries",
    )
    url = models.CharField(max_length=MAX_URL)
    lane = models.CharField(max_length=MAX_LANE)  # its queue: see host_queues.lane_of
    status = models.CharField(
        max_length=9, choices=DeliveryStatus.choices, default=DeliveryStatus.PENDING
    )
    due_at = models.DateTimeField()
    claim = models.CharField(max_length=32, default="", blank=True)  # of its worker
    attempts = models.PositiveSmallIntegerField(default=0)
    attempted_at = models.DateTimeField(null=True)
    error = models.TextField(default="", blank=True)  # of the last attempt
    response_status = models.PositiveSmallIntegerField(null=True)
    response_body = SealedTextField(default="", blank=True)  # its beginning
    response_ms = models.PositiveIntegerField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "deliveries"
        indexes = [
            models.Index(
                fields=["lane", "due_at"], condition=Q(status="pending"), name="delivery_waiting"
            ),
            models.Index(fields=["webhook", "id"], name="delivery_of_webhook"),
            models.Index(  # the few among them that are looked for
                fields=["webhook", "status", "id"],
                condition=~Q(status="delivered"),
                name="delivery_not_delivered",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.id} ({self.status})"
