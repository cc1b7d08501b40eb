"""The form that invites a member."""

from __future__ import annotations

from orbit.accounts.members.serializers import OrganizationMemberSerializer
from orbit.console.forms import SerializedForm


class InviteForm(SerializedForm):
    serializer = OrganizationMemberSerializer
