from __future__ import annotations

from django.db import models
from django.db.models import Q

from messaging.carriers.models import Carrier
from messaging.credentials.models import Credential
from orbit.db.sealed_fields import SealedJSONField, SealedNumberField, SealedTextField
from orbit.ids import id_factory


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
    - `lease_until`: after it no worker has the test.
    - `finished_at`: None also while a `submitted` test awaits its receipt.
    """

    __test__ = False  # not a test class of pytest

    id = models.CharField(
        max_length=40, primary_key=True, default=id_factory("ctst"), editable=False
    )
    carrier = models.ForeignKey(Carrier, on_delete=models.CASCADE, related_name="tests")
    credential = models.ForeignKey(
        Credential, on_delete=models.CASCADE, related_name="carrier_tests"
    )
    via = models.CharField(max_length=8, choices=TestVia.choices)
    caller = models.CharField(max_length=100, default="", editable=False)  # see `bind_limits`
    force = models.BooleanField(default=False)
    to = SealedNumberField(max_length=96)
    sender = models.CharField(max_length=16)
    body = SealedTextField()
    status = models.CharField(max_length=12, choices=TestStatus.choices, default=TestStatus.QUEUED)
    steps = SealedJSONField(default=list)
    smpp_status = models.JSONField(null=True)
    cause = models.CharField(max_length=32, blank=True, default="")
    error = models.TextField(blank=True, default="")
    hint = models.TextField(blank=True, default="")
    message_id = models.CharField(max_length=65, blank=True, default="")
    encoding = models.CharField(max_length=6, blank=True, default="")  # gsm7, ucs2, latin1, ascii
    segments = models.PositiveSmallIntegerField(default=0)
    pdus = SealedJSONField(default=list)
    # Whether the bind that sent it had checked the carrier's certificate.
    tls_verified = models.BooleanField(default=False)
    # Secret part of the URL at which the gateway reports this message's receipts.
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
