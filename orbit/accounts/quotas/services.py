"""Quotas: how many of each thing an organisation may have, by setting or by an override.

Code that adds rows calls this first, in the same transaction. Concurrent callers wait for each
other, so a quota is never exceeded.
"""

from __future__ import annotations

from django.conf import settings
from django.db import connection
from django.db.models import QuerySet

from orbit.accounts.actors import Actor
from orbit.accounts.audit import services as audit
from orbit.accounts.organizations.models import Organization
from orbit.accounts.quotas.models import QuotaOverride
from orbit.api.errors import ApiError

# Name -> what people call it
QUOTAS = {
    "credentials": "credentials",
    "carriers": "carriers",
    "sender_pools": "sender pools",
    "pool_members": "senders in all pools",
    "members": "members",
    "campaigns": "campaigns that have not ended",
    "webhooks": "webhooks",
    "notice_recipients": "recipients of notices",
    "notice_silences": "silences of notices that run or are planned",
    "numbers": "numbers that receive",
    "opt_outs": "opt-outs",
    "api_keys": "API keys that are not revoked",
    "carrier_tests": "tests of carriers under way",
    "stored_bytes": "bytes of recipients",
}
_REMEDY = dict.fromkeys(QUOTAS, "Delete some that you no longer need")
_REMEDY["carrier_tests"] = "Wait until one has ended"
CHANGED = "organization.quota_changed"
_NAMESPACE = 0x6F71  # "oq": keeps these advisory locks apart from others


def limit_of(organization: Organization, name: str) -> int:
    override = QuotaOverride.objects.filter(organization=organization, name=name).first()
    return override.limit if override else getattr(settings, f"QUOTA_{name.upper()}")


def require(organization: Organization, name: str, rows: QuerySet, *, adding: int = 1) -> None:
    """Raise QUOTA_EXCEEDED if `adding` more than `rows` are too many.

    Other callers for the same quota wait until this transaction ends.
    """
    lock(organization, name)
    check(organization, name, used=rows.count(), adding=adding)


def lock(organization: Organization, name: str) -> None:
    """Wait until no other transaction counts for this quota; before `check` of what was added."""
    if connection.vendor == "postgresql":  # SQLite has one writer
        with connection.cursor() as cursor:
            statement = "SELECT pg_advisory_xact_lock(%s, hashtext(%s))"
            cursor.execute(statement, [_NAMESPACE, f"{organization.pk}:{name}"])


def check(organization: Organization, name: str, *, used: int, adding: int = 0) -> None:
    """Raise QUOTA_EXCEEDED if the organisation has, or would have, more than it may."""
    limit = limit_of(organization, name)
    if used + adding <= limit:
        return
    raise ApiError(
        "QUOTA_EXCEEDED",
        f"The organisation may have {limit:,} {QUOTAS[name]}, and has {used:,}. "
        f"{_REMEDY[name]}, or ask the operator of this site for more.",
        details={"quota": name, "limit": limit, "used": used},
    )


def override(*, by: Actor, organization: Organization, name: str, limit: int | None) -> None:
    """Give the organisation another limit; None: the setting's again."""
    if limit is None:
        QuotaOverride.objects.filter(organization=organization, name=name).delete()
    else:
        QuotaOverride.objects.update_or_create(
            organization=organization, name=name, defaults={"limit": limit}
        )
    audit.record(
        by=by,
        organization=organization,
        action=CHANGED,
        target=organization.pk,
        changes=[name],
        detail=f"{name}: {'the default' if limit is None else limit}",
    )
