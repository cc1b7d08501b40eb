from __future__ import annotations

from decimal import Decimal

from django.db import models
from django.db.models import Q

from messaging.credentials.models import Credential
from orbit.accounts.models import Organization
from orbit.ids import id_factory


class Carrier(models.Model):
    """A credential with routing metadata. `countries`: ISO 3166-1 alpha-2, or `["*"]`."""

    id = models.CharField(
        max_length=40, primary_key=True, default=id_factory("carr"), editable=False
    )
    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="carriers"
    )
    credential = models.ForeignKey(Credential, on_delete=models.RESTRICT, related_name="carriers")
    name = models.CharField(max_length=64)
    countries = models.JSONField()
    quality = models.PositiveSmallIntegerField(default=50)  # 0-100, higher is better
    fallback_order = models.PositiveSmallIntegerField(default=1)  # 1-100, lower is tried first
    billing_rate = models.DecimalField(max_digits=12, decimal_places=5, default=Decimal(0))
    currency = models.CharField(max_length=3, default="USD")  # ISO 4217
    enabled = models.BooleanField(default=True)
    version = models.PositiveIntegerField(default=1)  # grows with every write
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(quality__lte=100), name="carrier_quality_in_range"),
            models.CheckConstraint(
                condition=Q(fallback_order__gte=1, fallback_order__lte=100),
                name="carrier_fallback_order_in_range",
            ),
            models.CheckConstraint(
                condition=Q(billing_rate__gte=0), name="carrier_billing_rate_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.id})"


class TestStatus(models.TextChoices):
    QUEUED = "queued"
    RUNNING = "running"
    SUBMITTED = "submitted"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    NO_RECEIPT = "no_receipt"
    FAILED = "failed"


class TestVia(models.TextChoices):
    DIRECT = "direct"
    GATEWAY = "gateway"


class CarrierTest(models.Model):
    """One message sent to see what a carrier does with it.

    - `steps`: `[{step, ok, ms, detail}]`; `pdus`: `[{direction, command, sequence, status,
      fields, hex}]` with the password blanked in both.
    - `cause`, `error`, `hint`: why it failed in one word and in a sentence, and what to do.
    - `force`: make a second bind where the carrier allows one.
    - `lease_until`: past it, nobody is working on the test any more.
    - `finished_at`: `submitted` alone does not say whether a receipt is awaited still.
    """

    __test__ = False  # no test class of pytest's

    id = models.CharField(
        max_length=40, primary_key=True, default=id_factory("ctst"), editable=False
    )
    carrier = models.ForeignKey(Carrier, on_delete=models.CASCADE, related_name="tests")
    credential = models.ForeignKey(
        Credential, on_delete=models.CASCADE, related_name="carrier_tests"
    )
    via = models.CharField(max_length=8, choices=TestVia.choices)
    force = models.BooleanField(default=False)
    to = models.CharField(max_length=16)
    sender = models.CharField(max_length=16)
    body = models.TextField()
    status = models.CharField(max_length=12, choices=TestStatus.choices, default=TestStatus.QUEUED)
    steps = models.JSONField(default=list)
    smpp_status = models.JSONField(null=True)
    cause = models.CharField(max_length=32, blank=True, default="")
    error = models.TextField(blank=True, default="")
    hint = models.TextField(blank=True, default="")
    message_id = models.CharField(max_length=65, blank=True, default="")
    encoding = models.CharField(max_length=6, blank=True, default="")  # gsm7, ucs2, latin1, ascii
    segments = models.PositiveSmallIntegerField(default=0)
    pdus = models.JSONField(default=list)
    # Whether the bind that it went out by had checked the carrier's certificate.
    tls_verified = models.BooleanField(default=False)
    # Unguessable part of the address at which the gateway reports this message's receipts.
    dlr_token = models.CharField(max_length=32, blank=True, default="", db_index=True)
    lease_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            # One test at a time per credential: a second bind could kick or starve the first.
            models.UniqueConstraint(
                fields=["credential"],
                condition=Q(finished_at=None),
                name="one_test_a_credential_at_a_time",
            )
        ]

    def __str__(self) -> str:
        return f"{self.id} ({self.status})"
