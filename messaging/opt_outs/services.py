"""Changes that people make to the list: add, remove, import.

Every function runs in the caller's transaction and writes the change and its audit row together.
The audit contains no numbers.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from messaging.opt_outs import changes, importing, scopes
from messaging.opt_outs.importing import Imported, Row
from messaging.opt_outs.models import OptOut, Source
from messaging.pools.models import SenderPool
from messaging.pools.references import NO_SUCH_POOL
from orbit.accounts.actors import Actor
from orbit.accounts.audit import services as audit
from orbit.accounts.models import Organization
from orbit.accounts.quotas import services as quotas
from orbit.api.field_errors import refused_value

ADDED, REMOVED, IMPORTED = "opt_out.added", "opt_out.removed", "opt_out.imported"


def add(
    *,
    by: Actor,
    organization: Organization,
    fields: dict[str, Any],
    source: Source = Source.API,
    message_id: str = "",
) -> tuple[OptOut, bool]:
    """Put a number on the list; the entry, and whether it is new. `fields`: as validated by
    OptOutSerializer. Raises VALIDATION_ERROR on `scope`, QUOTA_EXCEEDED."""
    scope = fields.get("scope", scopes.ORGANIZATION)
    if scopes.is_pool(scope) and scope not in _own_pools(organization):
        raise refused_value("scope", scope, NO_SUCH_POOL, expected=scopes.EXPECTED)
    own = OptOut.objects.filter(organization=organization)
    same = own.filter(number=fields["number"], scope=scope)
    if there := same.first():
        return there, False
    quotas.require(organization, "opt_outs", own)
    row = OptOut(
        organization=organization,
        number=fields["number"],
        scope=scope,
        source=source,
        message_id=message_id,
        reason=fields.get("reason", ""),
    )
    if new := changes.add([row]):
        _record(by, organization, ADDED, row.pk, f"{scope}, {source}")
        return new[0], True
    return same.get(), False  # a concurrent request has added it


def remove(*, by: Actor, row: OptOut, reason: str = "", source: Source = Source.API) -> None:
    """Take an entry off the list: its number gets messages again."""
    if changes.remove([row], source=source):
        said = f"{row.scope}, {reason}" if reason else row.scope
        _record(by, row.organization, REMOVED, row.pk, said)


def import_rows(
    *, by: Actor, organization: Organization, found: Iterable[Row], dry_run: bool = False
) -> Imported:
    """Put the good rows on the list; the others are named. Raises QUOTA_EXCEEDED, and what reading
    the rows raises; nothing is written then."""
    read = importing.read(found, pools=_own_pools(organization))
    if dry_run:
        return importing.tried(organization, read)
    own = OptOut.objects.filter(organization=organization)
    quotas.require(organization, "opt_outs", own, adding=0)
    done = importing.write(organization, read)
    quotas.check(organization, "opt_outs", used=own.count())
    detail = f"{done.added} added, {done.already} already, {done.rejected_total} rejected"
    _record(by, organization, IMPORTED, organization.pk, detail)
    return done


def _own_pools(organization: Organization) -> set[str]:
    rows = SenderPool.objects.filter(organization=organization).order_by()
    return set(rows.values_list("pk", flat=True))


def _record(by: Actor, organization: Organization, action: str, target: str, detail: str) -> None:
    audit.record(by=by, organization=organization, action=action, target=target, detail=detail)
