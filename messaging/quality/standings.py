"""Store standings (`decisions.Standing`) as rows."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

from messaging.carriers.demotions import Level
from messaging.quality import models
from messaging.quality.decisions import Standing
from messaging.quality.selectors import Place


def of(carrier_ids: Collection[str]) -> dict[Place, Standing]:
    rows = models.CarrierStanding.objects.filter(carrier__in=carrier_ids).order_by()
    return {(row.carrier_id, row.country): _value(row) for row in rows}


def write(
    carrier_id: str,
    country: str,
    standing: Standing,
    *,
    at: datetime,
    evidence: dict[str, Any] | None,
) -> None:
    """Write the standing, or delete the row of a blank one. `evidence`: of a change of level, else
    None."""
    rows = models.CarrierStanding.objects.filter(carrier=carrier_id, country=country)
    if standing.is_blank:
        rows.delete()
        return
    values: dict[str, Any] = {
        "level": standing.level.value,
        "since": standing.since or at,
        "pause": standing.pause,
        "paused_at": standing.paused_at,
        "probing_since": standing.probing_since,
        "moves": [each.timestamp() for each in standing.moves],
    }
    if evidence is not None:
        values["evidence"] = evidence
    if not rows.update(**values):
        models.CarrierStanding.objects.create(carrier_id=carrier_id, country=country, **values)


def _value(row: models.CarrierStanding) -> Standing:
    return Standing(
        level=Level(row.level),
        since=row.since,
        pause=row.pause,
        paused_at=row.paused_at,
        probing_since=row.probing_since,
        moves=tuple(datetime.fromtimestamp(each, UTC) for each in row.moves),
    )
