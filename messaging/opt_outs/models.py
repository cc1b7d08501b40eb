from __future__ import annotations

from django.db import models
from django.db.models import F
from django.utils import timezone

from messaging.opt_outs import scopes
from orbit.accounts.models import Organization
from orbit.db.sealed_fields import NumberKey, SealedNumberField
from orbit.ids import id_factory

ID_PREFIX = "opt"
MAX_REASON = 200  # characters


class Source(models.TextChoices):
    """How a number got on the list."""

    KEYWORD = "keyword"  # a text of the person
    API = "api"
    IMPORT = "import"
    CONSOLE = "console"
    CARRIER = "carrier"  # the carrier refused: the person had opted out there


class Kind(models.TextChoices):
    """What a text asks for."""

    STOP = "stop"
    START = "start"
    HELP = "help"


class OptOut(models.Model):
    """A number that gets nothing from `scope` (see `scopes`).

    `message_id`: the text that asked for it, with source `keyword`. How often the list has changed
    is counted in the organisation's row (`opt_outs`), by `changes` alone.
    """

    id = models.CharField(
        max_length=40, primary_key=True, default=id_factory(ID_PREFIX), editable=False
    )
    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, db_index=False, related_name="+"
    )
    number = SealedNumberField(max_length=96)  # E.164 with +
    scope = models.CharField(max_length=scopes.MAX_LENGTH)
    source = models.CharField(max_length=8, choices=Source.choices)
    message_id = models.CharField(max_length=40, blank=True, default="")
    reason = models.CharField(max_length=MAX_REASON, blank=True, default="")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-id"]
        verbose_name = "opt-out"
        constraints = [
            # The gate looks numbers up by its index.
            models.UniqueConstraint(
                F("organization"), NumberKey("number"), F("scope"), name="opt_out_once"
            )
        ]
        indexes = [
            models.Index(fields=["organization", "id"], name="opt_out_by_organization"),
            models.Index(fields=["source", "organization", "id"], name="opt_out_by_source"),
            models.Index(fields=["organization", "scope", "id"], name="opt_out_by_scope"),
            # The console and erasure ask for a number in all lists.
            models.Index(NumberKey("number"), F("id"), name="opt_out_by_number"),
        ]

    def __str__(self) -> str:
        return self.id


class Confirmation(models.Model):
    """A message that confirms STOP, START or HELP, and so passes the gate. Its time limits how
    often a phone gets one."""

    message_id = models.CharField(max_length=40, primary_key=True)
    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, db_index=False, related_name="+"
    )
    number = SealedNumberField(max_length=96)
    sender = models.CharField(max_length=16)
    kind = models.CharField(max_length=5, choices=Kind.choices)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-message_id"]
        indexes = [
            models.Index(
                NumberKey("number"), F("organization"), F("created_at"), name="opt_out_confirmed"
            ),
            models.Index(fields=["created_at"], name="opt_out_confirmed_at"),
        ]

    def __str__(self) -> str:
        return self.message_id


class OptOutSettings(models.Model):
    """An organisation's settings for texts like STOP; without a row the defaults apply.

    - `enabled`: whether texts are read at all. The gate applies in any case.
    - `scope`: what STOP ends: `organization`, `pool` or `sender`.
    - `languages`: whose words count (`words.LANGUAGES`); []: those of the person's country.
    - `replies`: by kind, for all languages; `replies_by_language`: by language and kind, used
      first. Without one the standard text in the person's language is sent (`words.reply`).
    - `keywords`: words of the organisation's own by kind; `pools`: the same by pool id, for texts
      to the pool's members.
    """

    organization = models.OneToOneField(
        Organization, on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    enabled = models.BooleanField(default=True)
    scope = models.CharField(max_length=12, default=scopes.ORGANIZATION)
    languages = models.JSONField(default=list, blank=True)
    replies = models.JSONField(default=dict, blank=True)
    replies_by_language = models.JSONField(default=dict, blank=True)
    keywords = models.JSONField(default=dict, blank=True)
    pools = models.JSONField(default=dict, blank=True)
    version = models.PositiveIntegerField(default=1)  # grows with every write
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = "opt-out settings"

    def __str__(self) -> str:
        return f"opt-outs of {self.organization_id}"
