from __future__ import annotations

from django.db import models

from reconciler.models.gateways import Gateway


class GatewayLog(models.Model):
    """How far the log of a gateway was read.

    - `log`: its id; another id is the log of a new store.
    - `offset`: records up to it are applied, in the transaction that wrote it.
    - `read_at`: when the gateway last answered; `unread_at`: the time of its oldest record that was
      not fetched, None for none.
    - `error`: why the log can't be read now, in words; `failed_since`: since when.
    """

    gateway = models.OneToOneField(
        Gateway, on_delete=models.CASCADE, primary_key=True, related_name="log"
    )
    log = models.CharField(max_length=64, blank=True, default="")
    offset = models.PositiveBigIntegerField(default=0)
    read_at = models.DateTimeField(null=True)
    unread_at = models.DateTimeField(null=True)
    error = models.TextField(blank=True, default="")
    failed_since = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"log of {self.gateway_id} up to {self.offset}"
