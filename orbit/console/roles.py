"""The roles of operators, as Django groups with their permissions.

They are updated after each migration, so that they cover new tables. Permissions that were added
to a group by hand stay. Superusers need no role, and only they manage people.
"""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.contrib.auth.models import Group, Permission
from django.db.models import Q

READ_ONLY, OPERATOR, ADMIN = "Read only", "Operator", "Admin"
OPERATE, ADMINISTER = "console.operate", "console.administer"

_LOOKING = Q(
    content_type__app_label__in=["accounts", "messaging", "reconciler"],
    codename__startswith="view_",
)
_GATEWAYS = Q(
    content_type__app_label="reconciler", content_type__model__in=["gateway", "placement"]
)
_OPERATE = Q(content_type__app_label="console", codename="operate")
_ADMINISTER = Q(content_type__app_label="console", codename="administer")

PERMISSIONS = {
    READ_ONLY: _LOOKING,
    OPERATOR: _LOOKING | _OPERATE,
    ADMIN: _LOOKING | _OPERATE | _ADMINISTER | _GATEWAYS,
}
_LAST_APP = "console"  # by then its permissions, and those of the apps before it, exist


def make_groups(sender: AppConfig, using: str = "default", **kwargs: Any) -> None:
    """Handle post_migrate: make each group, with at least the permissions of its role."""
    if sender.label != _LAST_APP:
        return
    for name, permissions in PERMISSIONS.items():
        group, _ = Group.objects.using(using).get_or_create(name=name)
        group.permissions.add(*Permission.objects.using(using).filter(permissions))
