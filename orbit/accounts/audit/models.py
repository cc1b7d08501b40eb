from __future__ import annotations

from django.db import models

from orbit.ids import id_factory

SYSTEM_CHAIN = "system"


class AppendOnly(Exception):
    """Code tried to change or delete an audit row."""


class AppendOnlyQuerySet(models.QuerySet):
    def update(self, **values):
        raise AppendOnly("audit rows are never changed")

    def delete(self):
        raise AppendOnly("audit rows are never deleted")


class AuditEvent(models.Model):
    """One row of a chain; written by `orbit.accounts.audit.services` alone.

    Plain columns instead of foreign keys: an event outlives the rows that it names. Triggers (see
    the migration) refuse UPDATE and DELETE also of clients that go past Django.
    """

    class Outcome(models.TextChoices):
        OK = "ok"
        REFUSED = "refused"
        FAILED = "failed"

    id = models.CharField(
        max_length=40, primary_key=True, default=id_factory("aud"), editable=False
    )
    chain = models.CharField(max_length=40)  # the organisation's id, or "system"
    seq = models.PositiveBigIntegerField()  # 1, 2, 3 … without a gap in each chain
    organization_id = models.CharField(max_length=40, null=True)
    at = models.DateTimeField()
    actor_type = models.CharField(max_length=16)
    actor_id = models.CharField(max_length=64, blank=True)
    actor_name = models.CharField(max_length=254, blank=True)
    address = models.CharField(max_length=45, blank=True)
    user_agent = models.CharField(max_length=256, blank=True)
    request_id = models.CharField(max_length=40, blank=True)
    action = models.CharField(max_length=64)
    target = models.CharField(max_length=254, blank=True)
    changes = models.JSONField(default=list)  # names of fields, never values
    outcome = models.CharField(max_length=8, choices=Outcome.choices)
    detail = models.CharField(max_length=500, blank=True)
    mac = models.CharField(max_length=64)  # hex HMAC-SHA256 of this row and of the one before

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["chain", "seq"], name="one_audit_row_a_position")
        ]
        indexes = [
            models.Index(fields=["organization_id", "-id"], name="audit_of_organization"),
            models.Index(fields=["action", "organization_id", "id"], name="audit_by_action"),
            models.Index(fields=["target", "organization_id", "id"], name="audit_by_target"),
            models.Index(fields=["actor_id", "organization_id", "id"], name="audit_by_actor"),
            models.Index(
                fields=["actor_name", "organization_id", "id"], name="audit_by_actor_name"
            ),
            models.Index(fields=["actor_type", "id"], name="audit_by_actor_type"),
            models.Index(fields=["id"], condition=~models.Q(outcome="ok"), name="audit_refused"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.target} by {self.actor_name}"

    def save(self, *args, **kwargs) -> None:
        if not self._state.adding:
            raise AppendOnly("audit rows are never changed")
        super().save(*args, **kwargs)

    def delete(self, *args, **kwargs):
        raise AppendOnly("audit rows are never deleted")


class AuditHead(models.Model):
    """The last row of a chain: its lock while the next one is written, and proof against a cut."""

    chain = models.CharField(max_length=40, primary_key=True)
    seq = models.PositiveBigIntegerField(default=0)
    mac = models.CharField(max_length=64, default="", blank=True)

    def __str__(self) -> str:
        return f"{self.chain}:{self.seq}:{self.mac}"


class AuditStreamPosition(models.Model):
    """How far the rows of a chain were streamed (`stream`)."""

    chain = models.CharField(max_length=40, primary_key=True)
    seq = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.chain}:{self.seq}"
