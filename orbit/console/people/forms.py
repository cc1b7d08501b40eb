"""Forms of organisations, their members and API keys."""

from __future__ import annotations

from orbit.accounts.api_keys.serializers import KeyLimitsSerializer
from orbit.accounts.members.serializers import OrganizationMemberSerializer
from orbit.accounts.organizations.serializers import AllowedAddressesSerializer
from orbit.console.forms import SerializedForm


class InviteForm(SerializedForm):
    serializer = OrganizationMemberSerializer


class AllowedAddressesForm(SerializedForm):
    serializer = AllowedAddressesSerializer
    partial = True


class KeyLimitsForm(SerializedForm):
    serializer = KeyLimitsSerializer
    partial = True
