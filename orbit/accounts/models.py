"""The models of each noun, as Django looks for them."""

from __future__ import annotations

from orbit.accounts.api_keys.models import ApiKey
from orbit.accounts.audit.models import AuditEvent, AuditHead, AuditStreamPosition
from orbit.accounts.members.models import Member, Role
from orbit.accounts.organizations.models import Organization
from orbit.accounts.quotas.models import QuotaOverride
from orbit.accounts.second_factor.models import Authenticator, Passkey, RecoveryCode
from orbit.accounts.sessions.models import BrowserSession, LoginAddress, RefreshToken, Session
from orbit.accounts.users.models import User

__all__ = [
    "ApiKey",
    "AuditEvent",
    "AuditHead",
    "AuditStreamPosition",
    "Authenticator",
    "BrowserSession",
    "LoginAddress",
    "Member",
    "Organization",
    "Passkey",
    "QuotaOverride",
    "RecoveryCode",
    "RefreshToken",
    "Role",
    "Session",
    "User",
]
