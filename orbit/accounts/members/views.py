"""/v1/settings/members: owners and admins who are signed in; API keys never."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.db.models import QuerySet

from orbit.accounts.members import services as members
from orbit.accounts.members.serializers import MemberRoleSerializer, OrganizationMemberSerializer
from orbit.accounts.models import Member, Role, User
from orbit.api.errors import not_found
from orbit.api.etags import check_if_match, etag
from orbit.api.pagination import paginate
from orbit.api.query_params import ListQuery
from orbit.api.schema import documented
from orbit.api.views import ApiView

_PATH = "/v1/settings/members"
_EXAMPLE = OrganizationMemberSerializer.represent(
    Member(
        user=User(pk=7, email="grace@example.com"),
        role=Role.DEVELOPER,
        created_at=datetime(2026, 3, 8, 12, tzinfo=UTC),
        accepted_at=None,
    )
)
_LONGEST = 18  # digits of an id that every database can hold


class _MemberView(ApiView):
    def members(self) -> QuerySet[Member]:
        members = Member.objects.filter(organization=self.caller.organization)
        return members.select_related("user", "organization").order_by("-pk")

    def locked(self, user_id: str) -> Member:
        """The member, locked until the transaction ends; raises 404, or 412 by If-Match."""
        if not (user_id.isascii() and user_id.isdigit() and len(user_id) <= _LONGEST):
            raise not_found()
        member = members.lock(self.caller.organization, user_id=int(user_id))
        if member is None:
            raise not_found()
        check_if_match(self.request, _tag(member))
        return member


class MemberListView(_MemberView):
    scopes = {"GET": "members:read", "POST": "members:write"}
    audited_refusals = {"POST": members.CREATED}
    query = {"GET": ListQuery}

    @documented(
        summary="List members",
        answer=OrganizationMemberSerializer,
        listed=True,
        errors=["INVALID_CURSOR"],
        example=_EXAMPLE,
    )
    def get(self, request: Any) -> Any:
        return paginate(self, self.members(), OrganizationMemberSerializer.represent)

    @documented(
        summary="Invite a member",
        description="They are mailed; a new person sets a password first, with the link in the "
        "mail. Who is a member elsewhere signs in here by naming the `organization_id`, and so "
        "agrees. Only owners invite owners. Not for API keys.",
        request=OrganizationMemberSerializer,
        answer=OrganizationMemberSerializer,
        status=201,
        errors=["MISSING_REQUIRED_FIELD", "INVALID_STATE", "QUOTA_EXCEEDED"],
        request_example={"email": "grace@example.com", "role": "developer"},
        example=_EXAMPLE,
    )
    def post(self, request: Any) -> Any:
        body = self.read(OrganizationMemberSerializer)
        member = members.invite(
            by=self.caller.actor,
            organization=self.caller.organization,
            email=body["email"],
            role=body["role"],
            own_role=self.caller.role,
        )
        data = OrganizationMemberSerializer.represent(member)
        return self.created(data, location=f"{_PATH}/{member.user_id}", etag=_tag(member))


class MemberDetailView(_MemberView):
    scopes = {"PATCH": "members:write", "DELETE": "members:write"}
    audited_refusals = {"PATCH": members.CHANGED, "DELETE": members.REMOVED}

    @documented(
        summary="Change a member's role",
        description="Only owners change owners, or make one; the last owner stays.",
        request=MemberRoleSerializer,
        answer=OrganizationMemberSerializer,
        errors=["NOT_FOUND", "PRECONDITION_FAILED", "MISSING_REQUIRED_FIELD", "INVALID_STATE"],
        request_example={"role": "admin"},
        example={**_EXAMPLE, "role": "admin"},
    )
    def patch(self, request: Any, user_id: str) -> Any:
        role = self.read(MemberRoleSerializer)["role"]
        member = self.locked(user_id)
        members.change_role(
            by=self.caller.actor, member=member, role=role, own_role=self.caller.role
        )
        return self.ok(OrganizationMemberSerializer.represent(member), etag=_tag(member))

    @documented(
        summary="Remove a member",
        description="Their sessions in the organisation and the keys that they made end at once.",
        status=204,
        errors=["NOT_FOUND", "PRECONDITION_FAILED", "INVALID_STATE"],
    )
    def delete(self, request: Any, user_id: str) -> Any:
        members.remove(by=self.caller.actor, member=self.locked(user_id), own_role=self.caller.role)
        return self.no_content()


def _tag(member: Member) -> str:
    return etag({"id": member.user_id, "role": member.role})
