from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from messaging.messages.models import UNSENT
from messaging.pools.models import SenderPool
from orbit.accounts.models import Organization
from orbit.db.sealed_fields import (
    NumberKey,
    SealedJSONField,
    SealedNumberField,
    SealedTextField,
)
from orbit.ids import id_factory


class CampaignStatus(models.TextChoices):
    DRAFT = "draft"  # can be changed
    SCHEDULED = "scheduled"  # begins by itself at `scheduled_at`
    SENDING = "sending"
    PAUSED = "paused"
    COMPLETED = "completed"  # every message has left or has ended
    CANCELLED = "cancelled"


UNFINISHED = (
    CampaignStatus.DRAFT,
    CampaignStatus.SCHEDULED,
    CampaignStatus.SENDING,
    CampaignStatus.PAUSED,
)
FINISHED = (CampaignStatus.COMPLETED, CampaignStatus.CANCELLED)


class Campaign(models.Model):
    """One text to many numbers.

    - `recipients_total`: how many there are; `fed`: how many of them, the first by position, have
      their message. Both change only under the row's lock, together with the rows that they count.
    - `recipients_bytes`: size of the numbers and variables, before sealing.
    - `common_variables`: names that every recipient has; None without recipients.
    - `running_since`: when it last began to send; `paced_at`: until when its messages so far have
      used up the throughput (`pace`).
    - `forgotten`: how many of its messages retention has deleted, by status.
    """

    id = models.CharField(
        max_length=40, primary_key=True, default=id_factory("cmp"), editable=False
    )
    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="campaigns", db_index=False
    )
    name = models.CharField(max_length=64)
    body = SealedTextField()
    # A finished campaign outlives its pool; before that `messaging.pools.dependents` keeps the pool
    # from being deleted.
    sender_pool = models.ForeignKey(
        SenderPool,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    scheduled_at = models.DateTimeField(null=True)
    throughput = models.PositiveSmallIntegerField(null=True)  # messages/s
    status = models.CharField(
        max_length=10, choices=CampaignStatus.choices, default=CampaignStatus.DRAFT
    )
    recipients_total = models.PositiveIntegerField(default=0)
    recipients_bytes = models.PositiveBigIntegerField(default=0)
    fed = models.PositiveIntegerField(default=0)
    common_variables = models.JSONField(null=True)
    running_since = models.DateTimeField(null=True)
    paced_at = models.DateTimeField(null=True)
    forgotten = models.JSONField(default=dict)
    version = models.PositiveIntegerField(default=1)  # raised by every change that people make
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["organization", "-id"], name="campaign_list"),
            models.Index(
                fields=["sender_pool"],
                condition=Q(status__in=UNFINISHED),
                name="campaign_of_pool",
            ),
            models.Index(
                fields=["status"], condition=Q(status__in=UNFINISHED), name="campaign_at_work"
            ),
            models.Index(fields=["finished_at"], name="campaign_age"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=CampaignStatus.values), name="campaign_status_known"
            ),
            models.CheckConstraint(
                condition=Q(throughput=None) | Q(throughput__gte=1, throughput__lte=1000),
                name="campaign_throughput_in_range",
            ),
            models.CheckConstraint(
                condition=Q(fed__lte=F("recipients_total")), name="campaign_feeds_its_recipients"
            ),
            models.CheckConstraint(
                condition=Q(finished_at=None, status__in=UNFINISHED)
                | Q(finished_at__isnull=False, status__in=FINISHED),
                name="campaign_finished_has_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.id})"


class Recipient(models.Model):
    """A number that the text goes to. `position`: from 0, without gaps; `line`: of the upload
    that it came with, from 1."""

    campaign = models.ForeignKey(
        Campaign, on_delete=models.CASCADE, related_name="recipients", db_index=False
    )
    position = models.PositiveIntegerField()
    line = models.PositiveIntegerField()
    to = SealedNumberField(max_length=96)
    variables = SealedJSONField(default=dict)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["campaign", "position"], name="recipient_position"),
            models.UniqueConstraint(F("campaign"), NumberKey("to"), name="recipient_once_a_number"),
        ]

    def __str__(self) -> str:
        return f"{self.position} of {self.campaign_id}"


class CampaignCount(models.Model):
    """How many messages of a campaign have a status: the sum of `count` over its rows.

    Triggers of the messages' table (`count_triggers`) add a row for each statement that changes
    statuses, which waits for no lock. `counts` sums them up (`is_sum`). Messages that the retention
    deletes stay counted.
    """

    campaign = models.ForeignKey(
        Campaign,
        on_delete=models.CASCADE,
        related_name="+",
        db_index=False,
        # No foreign key: its check would lock the campaign's row, which its feeder holds.
        db_constraint=False,
    )
    status = models.CharField(max_length=20)  # of a message
    count = models.IntegerField()
    is_sum = models.BooleanField(default=False)

    class Meta:
        indexes = [
            models.Index(fields=["campaign"], name="campaign_counts"),
            models.Index(
                fields=["campaign"], condition=Q(is_sum=False), name="campaign_counts_new"
            ),
            models.Index(
                fields=["campaign"], condition=Q(status__in=UNSENT), name="campaign_counts_unsent"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.count:+} {self.status} of {self.campaign_id}"
