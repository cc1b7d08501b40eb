from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone

from messaging.credentials.models import Credential
from messaging.weak_references import weak_reference
from orbit.accounts.models import Organization
from orbit.db.sealed_fields import SealedJSONField, SealedTextField

LONGEST_ID = 255  # characters; SMPP 3.4 has 64, some carriers write more


class Part(models.Model):
    """One submit_sm that a gateway wrote to a carrier, with its answer and its receipt.

    - `owner`: the message (`msg_…`) or test send (`ctst_…`), `attempt` of it (1 for a test).
      `number` counts from 0, `of` parts.
    - `account`: of the carrier, within which its message ids count; the binds of one account share
      it, on whichever gateway they are.
    - `status`: of the submit_sm_resp (0: accepted); None: the answer was lost.
    - `carrier_id`: as the carrier wrote it in its answer; `id_key`: what equal spellings share.
    - `state` (`protocol.receipt.State`), `word`, `error`: of its receipt, "" while there is none.
    """

    owner = models.CharField(max_length=40)
    attempt = models.PositiveSmallIntegerField()
    number = models.PositiveSmallIntegerField()
    of = models.PositiveSmallIntegerField()
    credential = weak_reference(Credential)
    account = models.CharField(max_length=64)
    status = models.PositiveBigIntegerField(null=True)
    carrier_id = models.CharField(max_length=LONGEST_ID, blank=True, default="")
    id_key = models.CharField(max_length=LONGEST_ID, blank=True, default="")
    state = models.CharField(max_length=16, blank=True, default="")
    word = models.CharField(max_length=64, blank=True, default="")
    error = models.CharField(max_length=64, blank=True, default="")
    answered_at = models.DateTimeField()
    reported_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["owner", "attempt", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "attempt", "number"], name="one_row_a_part_of_an_attempt"
            )
        ]
        indexes = [
            models.Index(  # the latest first: a carrier may give all its messages one id
                fields=["id_key", "account", "id"], condition=~Q(id_key=""), name="part_by_key"
            ),
            models.Index(fields=["answered_at"], name="part_age"),
        ]

    def __str__(self) -> str:
        return f"part {self.number + 1} of {self.of} of {self.owner}"


class StrayKind(models.TextChoices):
    UNMATCHED = "unmatched", "matches no message"
    UNKNOWN_FORM = "unknown_form", "its form is not known"
    EARLY = "early", "reads like a receipt: its message is looked for"
    FAULT = "fault", "a record of the gateway that could not be read"


class StrayReceipt(models.Model):
    """A receipt that matched no message, kept for a week.

    - `ids`, `word`, `error`, `numbers`: as `protocol.receipt.Receipt` has them; `text`: what the
      carrier wrote, as far as it can be read; `raw`: the octets of the PDU in hexadecimal.
    - `near`: its near match, and what to do about it; "" if there is none.
    - `session`, `log`, `number`: as of `inbound.models.InboundPdu`.
    """

    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, null=True, db_index=False, related_name="+"
    )
    credential = weak_reference(Credential)
    account = models.CharField(max_length=64)
    kind = models.CharField(max_length=16, choices=StrayKind.choices)
    ids = models.JSONField(default=list)
    word = models.CharField(max_length=64, blank=True, default="")
    error = models.CharField(max_length=64, blank=True, default="")
    numbers = SealedJSONField(default=list)
    text = SealedTextField(blank=True, default="")
    near = SealedTextField(blank=True, default="")
    raw = SealedTextField()
    session = models.CharField(max_length=64, blank=True)
    log = models.CharField(max_length=64)
    number = models.PositiveBigIntegerField()
    received_at = models.DateTimeField()
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["credential", "-id"], name="stray_of_a_credential"),
            models.Index(fields=["kind", "id"], name="stray_of_a_kind"),
            models.Index(fields=["id"], condition=~Q(kind="early"), name="stray_listed"),
            models.Index(fields=["created_at"], name="stray_age"),
        ]

    def __str__(self) -> str:
        return f"receipt {self.ids[0] if self.ids else self.pk} ({self.kind})"


class StrayKey(models.Model):
    """A key by which a stray receipt is found once its part is answered."""

    receipt = models.ForeignKey(StrayReceipt, on_delete=models.CASCADE, related_name="keys")
    account = models.CharField(max_length=64)
    key = models.CharField(max_length=LONGEST_ID)

    class Meta:
        indexes = [models.Index(fields=["key", "account", "id"], name="stray_by_key")]

    def __str__(self) -> str:
        return self.key
