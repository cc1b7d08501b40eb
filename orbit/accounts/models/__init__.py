from __future__ import annotations

from orbit.accounts.api_keys.models import ApiKey
from orbit.accounts.audit.models import AuditEvent, AuditHead
from orbit.accounts.organizations.models import Member, Organization, Role
from orbit.accounts.sessions.models import RefreshToken, Session
from orbit.accounts.users.models import User

__all__ = [
    "ApiKey",
    "AuditEvent",
    "AuditHead",
    "Member",
    "Organization",
    "RefreshToken",
    "Role",
    "Session",
    "User",
]
