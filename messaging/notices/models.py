from __future__ import annotations

from django.db import models
from django.db.models import Q

from messaging.notices.decisions import Kind
from orbit.accounts.models import Organization
from orbit.db.fields import EncryptedTextField
from orbit.ids import id_factory

_KINDS = [(each.value, each.value) for each in Kind]


class NoticeRecipient(models.Model):
    """Where notices are sent. `organization`: whose incidents; None: operators, who get all.

    `url` is Apprise's, and a secret: it holds passwords and tokens.
    """

    id = models.CharField(
        max_length=40, primary_key=True, default=id_factory("nrc"), editable=False
    )
    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, null=True, related_name="+"
    )
    name = models.CharField(max_length=64)
    url = EncryptedTextField()
    scheme = models.CharField(max_length=16)  # of the URL: all that is shown of it
    kinds = models.JSONField(default=list, blank=True)  # of incidents; empty: all
    after = models.PositiveIntegerField(default=0)  # seconds that an incident has to last before
    tested_at = models.DateTimeField(null=True)
    test_error = models.CharField(max_length=300, default="", blank=True)  # "": it was told
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.name} ({self.scheme})"


class NoticeSilence(models.Model):
    """A time in which no notices are sent: a silence that runs, or planned maintenance."""

    id = models.CharField(
        max_length=40, primary_key=True, default=id_factory("nsl"), editable=False
    )
    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, null=True, related_name="+"
    )
    kind = models.CharField(max_length=16, choices=_KINDS, blank=True, default="")  # "": all
    start = models.DateTimeField()
    end = models.DateTimeField(db_index=True)
    why = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.kind or 'everything'} until {self.end:%Y-%m-%d %H:%M} UTC"


class NoticeState(models.TextChoices):
    OPEN = "open"
    CLOSED = "closed"


class Notice(models.Model):
    """An incident, with all that its page and its notices say."""

    id = models.CharField(
        max_length=40, primary_key=True, default=id_factory("inc"), editable=False
    )
    key = models.CharField(max_length=400)  # names its cause (`decisions.Condition`)
    kind = models.CharField(max_length=16, choices=_KINDS)
    state = models.CharField(max_length=6, choices=NoticeState.choices, default=NoticeState.OPEN)
    what = models.CharField(max_length=300)
    why = models.TextField(default="", blank=True)
    advice = models.CharField(max_length=300, default="", blank=True)
    path = models.CharField(max_length=300, default="", blank=True)
    touches = models.JSONField(default=list)  # [organisation's id, name of what is touched]
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)
    missing_since = models.DateTimeField(null=True)
    told_at = models.DateTimeField(null=True)
    changes = models.JSONField(default=list)  # what people had changed in the hour before

    class Meta:
        verbose_name = "incident"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["key"], condition=Q(state="open"), name="one_open_notice_a_cause"
            )
        ]
        indexes = [
            models.Index(fields=["id"], condition=Q(state="open"), name="notice_open"),
            models.Index(fields=["until"], name="notice_age"),
        ]

    def __str__(self) -> str:
        return self.what

    @property
    def organization_ids(self) -> frozenset[str]:
        return frozenset(whose for whose, _ in self.touches if whose)


class Telling(models.TextChoices):
    OPENED = "opened"
    CLOSED = "closed"


class NoticeDeliveryState(models.TextChoices):
    PENDING = "pending"
    SENT = "sent"
    FAILED = "failed"  # given up


class NoticeDelivery(models.Model):
    """A notice on its way to one recipient. A worker that claims it moves `due_at` ahead: if the
    worker dies, it becomes due again."""

    notice = models.ForeignKey(Notice, on_delete=models.CASCADE, related_name="deliveries")
    recipient = models.ForeignKey(NoticeRecipient, on_delete=models.CASCADE, related_name="+")
    telling = models.CharField(max_length=6, choices=Telling.choices)
    state = models.CharField(
        max_length=7, choices=NoticeDeliveryState.choices, default=NoticeDeliveryState.PENDING
    )
    due_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=300, default="", blank=True)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["notice", "recipient", "telling"], name="notice_told_once"
            )
        ]
        indexes = [
            models.Index(
                fields=["due_at"], condition=Q(state="pending"), name="notice_delivery_due"
            )
        ]

    def __str__(self) -> str:
        return f"{self.telling}: {self.state}"


class NoticeRound(models.Model):
    """The one row that a round locks, so that of two rounds at once one decides."""

    decided_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"decided {self.decided_at}"
