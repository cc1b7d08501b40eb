"""Read and change organisations' settings for texts like STOP."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from messaging import optimistic_locking
from messaging.opt_outs import words
from messaging.opt_outs.models import OptOutSettings
from messaging.pools.models import SenderPool
from messaging.pools.references import NO_SUCH_POOL
from orbit.accounts.actors import Actor
from orbit.accounts.audit import services as audit
from orbit.accounts.models import Organization
from orbit.api.field_errors import refused_value

CHANGED = "opt_out_settings.updated"
_MERGED = ("replies", "keywords")  # what a PATCH leaves out of them stays


def of(organization_ids: Collection[str]) -> dict[str, OptOutSettings]:
    """The settings of each of these organisations, with the defaults where none are stored."""
    found = {pk: OptOutSettings(organization_id=pk) for pk in organization_ids}
    rows = OptOutSettings.objects.filter(organization__in=organization_ids)
    return found | {row.organization_id: row for row in rows}


def find(organization: Organization) -> OptOutSettings:
    return of([organization.pk])[organization.pk]


def lock(organization: Organization) -> OptOutSettings:
    """The row, locked until the transaction ends; made if there is none."""
    OptOutSettings.objects.get_or_create(organization=organization)
    return OptOutSettings.objects.select_for_update().get(organization=organization)


def update(*, by: Actor, row: OptOutSettings, fields: Mapping[str, Any]) -> None:
    """Write what differs, and an audit row. `row` comes from `lock`; `fields`: as validated by
    OptOutSettingsSerializer. Raises VALIDATION_ERROR on a pool, INVALID_STATE."""
    wanted = dict(fields)
    for name in _MERGED:
        if name in wanted:
            merged = {**getattr(row, name), **wanted[name]}
            wanted[name] = {kind: each for kind, each in merged.items() if each}
    if "languages" in wanted:
        wanted["languages"] = list(dict.fromkeys(wanted["languages"]))
    _check_pools(row.organization_id, wanted.get("pools", {}))
    changed = optimistic_locking.changes_of(row, wanted)
    if changed:
        optimistic_locking.compare_and_set(row, changed, among=OptOutSettings.objects.all())
    audit.record(
        by=by,
        organization=row.organization,
        action=CHANGED,
        target=row.organization_id,
        changes=tuple(changed),
    )


def reply(settings: OptOutSettings, kind: str, word: words.Word, country: str | None) -> str:
    """The organisation's answer to this word, for a number of this country."""
    language = words.reply_language(word, country, settings.languages)
    own = settings.replies_by_language.get(language, {}).get(kind)
    return own or settings.replies.get(kind) or words.reply(kind, language)


def _check_pools(organization_id: str, pools: Mapping[str, Any]) -> None:
    own = SenderPool.objects.filter(organization=organization_id, pk__in=pools)
    known = set(own.values_list("pk", flat=True))
    for place, pool_id in enumerate(pools):
        if pool_id not in known:
            field = f"pools[{place}].sender_pool_id"
            raise refused_value(field, pool_id, NO_SUCH_POOL, expected="one of your sender pools")
