from __future__ import annotations

from orbit.accounts.models.organizations import Member, Organization, Role
from orbit.accounts.models.users import User

__all__ = ["Member", "Organization", "Role", "User"]
