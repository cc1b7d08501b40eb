from __future__ import annotations

import secrets

from django.db import models
from django.db.models import Q

from messaging.carriers.models import Carrier
from messaging.numbers import SenderType
from messaging.pools.engine.values import Strategy
from orbit.accounts.models import Organization
from orbit.db.sealed_fields import DigestField
from orbit.ids import id_factory


def new_seed() -> int:
    """Seed of the strategy `random`: 63 bits fit a BIGINT."""
    return secrets.randbits(63)


class SenderPool(models.Model):
    """Senders (`members`) that take turns by a strategy."""

    id = models.CharField(
        max_length=40, primary_key=True, default=id_factory("pool"), editable=False
    )
    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="sender_pools"
    )
    name = models.CharField(max_length=64)
    strategy = models.CharField(
        max_length=20,
        choices=[(each.value, each.value) for each in Strategy],
        default=Strategy.ROUND_ROBIN,
    )
    sticky = models.BooleanField(default=False)
    sticky_ttl_days = models.PositiveSmallIntegerField(default=15)
    geo_match = models.BooleanField(default=False)
    seed = models.BigIntegerField(default=new_seed, editable=False)
    version = models.PositiveIntegerField(default=1)  # grows with every write, also of members
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(strategy__in=[each.value for each in Strategy]),
                name="sender_pool_strategy_known",
            ),
            models.CheckConstraint(
                condition=Q(sticky_ttl_days__gte=1, sticky_ttl_days__lte=365),
                name="sender_pool_sticky_ttl_in_range",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.id})"


class PoolCarrier(models.Model):
    """A carrier that a pool is attached to."""

    pool = models.ForeignKey(SenderPool, on_delete=models.CASCADE, related_name="attachments")
    carrier = models.ForeignKey(Carrier, on_delete=models.RESTRICT, related_name="pools")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["pool", "carrier"], name="carrier_once_a_sender_pool")
        ]

    def __str__(self) -> str:
        return f"{self.pool_id} at {self.carrier_id}"


class PoolMember(models.Model):
    """A sender of a pool. `countries`: ISO 3166-1 alpha-2; empty: any."""

    id = models.CharField(
        max_length=40, primary_key=True, default=id_factory("mem"), editable=False
    )
    pool = models.ForeignKey(SenderPool, on_delete=models.CASCADE, related_name="members")
    sender = models.CharField(max_length=16)
    type = models.CharField(
        max_length=12, choices=[(each.value, each.value) for each in SenderType]
    )
    weight = models.PositiveSmallIntegerField(default=1)
    countries = models.JSONField(default=list, blank=True)
    enabled = models.BooleanField(default=True)
    position = models.PositiveSmallIntegerField()  # in the list, from 0

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["pool", "sender"], name="sender_once_a_pool"),
            models.CheckConstraint(
                condition=Q(type__in=[each.value for each in SenderType]),
                name="pool_member_type_known",
            ),
            models.CheckConstraint(
                condition=Q(weight__gte=1, weight__lte=100), name="pool_member_weight_in_range"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sender} ({self.id})"


class StickySender(models.Model):
    """The member that a destination keeps until `expires_at`.

    The database has no foreign keys here: a member may be removed while a message that uses it is
    being sent, and that message's transaction must not fail at its end. A mapping to a member that
    is gone is ignored, and expires.
    """

    pool = models.ForeignKey(
        SenderPool, on_delete=models.CASCADE, db_constraint=False, related_name="sticky_senders"
    )
    member = models.ForeignKey(
        PoolMember, on_delete=models.CASCADE, db_constraint=False, related_name="sticky_senders"
    )
    destination = DigestField(max_length=32)  # E.164 with +
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["pool", "destination"], name="one_sticky_sender_a_destination"
            )
        ]

    def __str__(self) -> str:
        return f"{self.member_id} in {self.pool_id} until {self.expires_at:%Y-%m-%d}"
