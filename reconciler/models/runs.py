from __future__ import annotations

from django.db import models

from orbit.ids import id_factory
from reconciler.models.gateways import Gateway

ID_PREFIX = "run"


class RunState(models.TextChoices):
    RUNNING = "running"
    APPLIED = "applied"
    FAILED = "failed"  # some step, or the whole pass; see `error` and `changes`
    UNSAFE = "unsafe"  # refused; nothing was changed
    DIED = "died"  # its process ended in the middle; the next pass found it so


class Run(models.Model):
    """A pass that found something to do, or failed. A pass that finds nothing leaves no row.

    - `changes`: `[{kind, key, action, reason, fields, drops_bind, outcome, error}]`, no secrets;
      of `change_count` the first `RUN_CHANGES_KEPT`, and those that failed. `drop_count`: how many
      of all end a live bind.
    - `times`: how often in a row the same failure came.
    """

    id = models.CharField(
        max_length=40, primary_key=True, default=id_factory(ID_PREFIX), editable=False
    )
    gateway = models.ForeignKey(Gateway, on_delete=models.CASCADE, related_name="runs")
    organization_id = models.CharField(max_length=40, blank=True, default="")  # "" = all
    trigger = models.CharField(max_length=16)  # beat, push, moves, command, api, admin
    state = models.CharField(max_length=8, choices=RunState.choices, default=RunState.RUNNING)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    changes = models.JSONField(default=list)
    change_count = models.PositiveIntegerField(default=0)
    drop_count = models.PositiveIntegerField(default=0)
    warnings = models.JSONField(default=list)
    error = models.TextField(blank=True, default="")
    persisted = models.BooleanField(default=False)
    times = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["-id"]
        verbose_name, verbose_name_plural = "pass", "passes"
        indexes = [
            models.Index(fields=["gateway", "-id"]),
            models.Index(fields=["state", "id"], name="run_of_a_state"),
            models.Index(fields=["trigger", "id"], name="run_of_a_trigger"),
            models.Index(
                fields=["organization_id", "id"],
                condition=~models.Q(organization_id=""),
                name="run_of_organization",
            ),
            models.Index(
                "gateway", condition=models.Q(state="running"), name="reconciler_run_running"
            ),
        ]

    @property
    def left_out(self) -> int:
        """How many of its changes are not kept."""
        return max(0, self.change_count - len(self.changes))

    def __str__(self) -> str:
        return f"{self.id} ({self.state})"
