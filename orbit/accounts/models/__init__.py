from __future__ import annotations

from orbit.accounts.models.api_keys import ApiKey
from orbit.accounts.models.audit import AuditEvent, AuditHead
from orbit.accounts.models.organizations import Member, Organization, Role
from orbit.accounts.models.sessions import RefreshToken, Session
from orbit.accounts.models.users import User

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
