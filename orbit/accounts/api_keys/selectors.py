"""The descendants of a key: keys that it created, directly or through others."""

from __future__ import annotations

from orbit.accounts.models import ApiKey


def living_descendants(key: ApiKey, *, lock: bool = False) -> list[ApiKey]:
    """Unrevoked keys that this key created, directly or through others; oldest first.

    Descendants of a revoked key are found too. `lock`: each key is locked before its children are
    read, so that none can create another meanwhile.
    """
    found: dict[str, ApiKey] = {}
    generation = [key.pk]
    while generation:
        if lock:
            rows = ApiKey.objects.select_for_update().filter(pk__in=generation).order_by("pk")
            list(rows.values_list("pk"))
        children = ApiKey.objects.filter(parent__in=generation).order_by("pk")
        fresh = [child for child in children if child.pk not in found]
        found |= {child.pk: child for child in fresh}
        generation = [child.pk for child in fresh]
    return [child for child in sorted(found.values(), key=lambda each: each.pk) if child.is_living]


def operator_keys() -> list[ApiKey]:
    """The keys for the operators' routes that are not revoked, newest first."""
    return list(ApiKey.objects.filter(is_operator=True, revoked_at=None))
