"""How much each gateway has, and which of them takes an organisation (`GATEWAY_PLACEMENT`)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from django.conf import settings
from django.db.models import Count, QuerySet, Sum
from django.db.models.functions import Coalesce

from messaging.credentials.models import Credential
from reconciler.models import Gateway, GatewayMode, GatewayState

# Messages/s that count for a credential without a limit: the most that one can have.
UNLIMITED = 1_000
CONNECTORS, THROUGHPUT = "connectors", "throughput"
Measure = Literal["connectors", "throughput"]


@dataclass(frozen=True)
class Weight:
    """What an organisation asks of its gateway. `throughput`: messages/s of all its credentials."""

    connectors: int = 0
    throughput: int = 0


@dataclass
class Load:
    """What the organisations of a gateway ask of it, those that are on their way to it too."""

    gateway: Gateway
    connectors: int = 0
    throughput: int = 0

    def add(self, weight: Weight) -> None:
        self.connectors += weight.connectors
        self.throughput += weight.throughput

    def remove(self, weight: Weight) -> None:
        self.add(Weight(-weight.connectors, -weight.throughput))

    @property
    def is_fit(self) -> bool:
        """Whether it can take organisations now."""
        return is_active(self.gateway) and self.gateway.state != GatewayState.DOWN

    def has_room(self, weight: Weight) -> bool:
        most = settings.GATEWAY_MOST_CONNECTORS
        return not most or self.connectors + weight.connectors <= most


def measured(of: Load | Weight) -> int:
    """The load as `GATEWAY_PLACEMENT` measures it."""
    return of.throughput if settings.GATEWAY_PLACEMENT == THROUGHPUT else of.connectors


def is_active(gateway: Gateway) -> bool:
    return gateway.enabled and gateway.mode == GatewayMode.ACTIVE


def read() -> list[Load]:
    """The loads of all gateways, by name."""
    rows = _sums(Credential.objects.live(), "organization__placement__gateway")
    gateways = Gateway.objects.defer("jcli_password", "amqp_url").order_by("name")
    return [Load(each, *rows.get(each.pk, (0, 0))) for each in gateways]


def weights(organization_ids: Iterable[str]) -> dict[str, Weight]:
    """Of these organisations, by id."""
    ids = list(organization_ids)
    rows = _sums(Credential.objects.live().filter(organization__in=ids), "organization")
    return {pk: Weight(*rows.get(pk, (0, 0))) for pk in ids}


def _sums(credentials: QuerySet[Credential], by: str) -> dict[str | None, tuple[int, int]]:
    """Connectors and messages/s of these, grouped."""
    rows = credentials.order_by().values_list(by)
    rows = rows.annotate(connectors=Count("pk"), rate=Sum(Coalesce("throughput", UNLIMITED)))
    return {key: (connectors, rate) for key, connectors, rate in rows}


def least(loads: Iterable[Load], *, region: str = "") -> Gateway | None:
    """The gateway of a new organisation: one that is up and has room, if there is one."""
    active = [each for each in loads if is_active(each.gateway) and _serves(each, region)]
    best = [each for each in active if each.is_fit and each.has_room(Weight(1))]
    found = _smallest(best or [each for each in active if each.is_fit] or active)
    return found.gateway if found else None


def room_for(weight: Weight, loads: Iterable[Load], *, region: str, but: str) -> Load | None:
    """The gateway with the smallest load that can take an organisation now; `but`: the id of the
    one that it leaves."""
    return _smallest(
        each
        for each in loads
        if each.is_fit
        and each.gateway.pk != but
        and _serves(each, region)
        and each.has_room(weight)
    )


def _serves(load: Load, region: str) -> bool:
    return not region or load.gateway.region == region


def _smallest(loads: Iterable[Load]) -> Load | None:
    return min(loads, key=lambda each: (measured(each), each.gateway.name), default=None)
