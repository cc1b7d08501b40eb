"""/v1/auth: login, refresh, logout."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings

from orbit.accounts.actors import Actor
from orbit.accounts.audit import services as audit
from orbit.accounts.authentication import CHALLENGE, actor_of_request
from orbit.accounts.members import services as members
from orbit.accounts.members.selectors import audited_organizations, membership, memberships
from orbit.accounts.models import Member, Organization, User
from orbit.accounts.organizations.serializers import OrganizationSerializer
from orbit.accounts.second_factor import services as second_factor
from orbit.accounts.sessions import login_limits
from orbit.accounts.sessions import services as sessions
from orbit.accounts.sessions.serializers import LoginSerializer, RefreshSerializer, TokensSerializer
from orbit.accounts.users.passwords import is_right
from orbit.api.errors import ApiError
from orbit.api.schema import documented
from orbit.api.views import ApiView

_NO_STORE = {"Cache-Control": "no-store"}
_SET_UP_FIRST = "Set up a second factor first: in the console."


class PublicView(ApiView):
    """A route without authentication."""

    authentication_classes: list = []
    permission_classes: list = []
    idempotent = False


@dataclass(frozen=True)
class Attempt:
    """A checked login body, and the person with this password; None refuses the login."""

    body: dict[str, Any]
    user: User | None


class LoginView(PublicView):
    def prepare(self, request: Any, **kwargs: Any) -> Attempt:
        body = self.read(LoginSerializer)
        user = User.objects.find(body["email"])
        login_limits.count(request, email=body["email"], user=user)
        return Attempt(body, user if is_right(user, body["password"]) else None)

    @documented(
        summary="Sign in",
        request=LoginSerializer,
        answer=TokensSerializer,
        description="`organization_id` is needed only by members of several organisations.",
        errors=["INSUFFICIENT_PERMISSIONS", "MISSING_REQUIRED_FIELD"],
    )
    def post(self, request: Any) -> Any:
        attempt: Attempt = self.prepared
        if attempt.user is None:
            self._refuse(attempt.body)
        organization, member = self._choose(attempt.user, attempt.body.get("organization_id"))
        actor = _actor(request, attempt.user)
        self._check_second_factor(actor, attempt)
        if member is not None:
            members.accept(by=actor, member=member)
        tokens = sessions.start(by=actor, user=attempt.user, organization=organization)
        return self.ok(_tokens(tokens, member), headers=_NO_STORE)

    def _check_second_factor(self, actor: Actor, attempt: Attempt) -> None:
        user, code = attempt.user, attempt.body.get("code")
        if not second_factor.is_set_up(user):
            if not _has_to_set_up(user):
                return
            message = _SET_UP_FIRST
        elif code is None:
            second_factor.not_sent(by=actor, user=user)
            message = (
                "Send the code of your second factor as well (`code`): of the app, or a recovery "
                "code. Passkeys work in the console alone."
            )
        elif second_factor.check(by=actor, user=user, code=code):
            return
        else:
            message = "The code of the second factor is wrong, or was used before."
        raise ApiError("UNAUTHORIZED", message, headers=CHALLENGE, commits=True)

    def _refuse(self, body: dict[str, Any]) -> None:
        actor = actor_of_request(self.request, type="user", id="", name=body["email"])
        for organization in audited_organizations(body["email"], body.get("organization_id")):
            audit.record(
                by=actor,
                organization=organization,
                action="session.login_failed",
                target=body["email"],
                outcome="refused",
            )
        raise ApiError(
            "UNAUTHORIZED",
            "The e-mail address or the password is wrong.",
            headers=CHALLENGE,
            commits=True,
        )

    def _choose(self, user: User, wanted: str | None) -> tuple[Organization | None, Member | None]:
        known = memberships(user)
        if wanted is not None:
            meant = [member for member in known if member.organization_id == wanted]
        else:  # an invitation counts where nothing else does
            agreed = [member for member in known if member.accepted_at]
            meant = agreed or ([] if user.is_staff else known)
        if len(meant) == 1:
            return meant[0].organization, meant[0]
        if not meant and wanted is None:
            if user.is_staff:
                return None, None
            raise ApiError("INSUFFICIENT_PERMISSIONS", "You are a member of no organisation.")
        own = [OrganizationSerializer.represent(member.organization) for member in known]
        message = "Is none of yours." if wanted else "Say which of your organisations you mean."
        raise ApiError(
            "VALIDATION_ERROR" if wanted else "MISSING_REQUIRED_FIELD",
            message,
            field="organization_id",
            details={"expected": "the id of one of your organisations", "organizations": own},
        )


class RefreshView(PublicView):
    @documented(
        summary="Get the next access token",
        description="Each refresh token is good once; a second use of it ends the session.",
        request=RefreshSerializer,
        answer=TokensSerializer,
    )
    def post(self, request: Any) -> Any:
        secret = self.read(RefreshSerializer)["refresh_token"]
        try:
            tokens = sessions.refresh(secret)
        except sessions.TokenReused as reused:
            self._audit_reuse(secret)
            raise ApiError("UNAUTHORIZED", str(reused), headers=CHALLENGE, commits=True) from None
        except sessions.TokenRejected as rejected:
            raise ApiError("UNAUTHORIZED", str(rejected), headers=CHALLENGE) from None
        session = tokens.session
        member = membership(session.user, session.organization)
        if member is None and (session.organization or not session.user.is_staff):
            raise ApiError(
                "UNAUTHORIZED", "You are no longer a member of the organisation.", headers=CHALLENGE
            )
        if _has_to_set_up(session.user):
            raise ApiError("UNAUTHORIZED", _SET_UP_FIRST, headers=CHALLENGE)
        return self.ok(_tokens(tokens, member), headers=_NO_STORE)

    def _audit_reuse(self, secret: str) -> None:
        session = sessions.session_of_refresh_token(secret)
        audit.record(
            by=_actor(self.request, session.user),
            organization=session.organization,
            action="session.refresh_reused",
            target=session.user.email,
            outcome="refused",
            detail="The session has ended.",
        )


class LogoutView(PublicView):
    @documented(summary="Sign out", request=RefreshSerializer, status=204)
    def post(self, request: Any) -> Any:
        secret = self.read(RefreshSerializer)["refresh_token"]
        session = sessions.session_of_refresh_token(secret)
        if session is None:
            raise ApiError("UNAUTHORIZED", "The refresh token is not valid.", headers=CHALLENGE)
        sessions.end(by=_actor(request, session.user), session=session)
        return self.no_content()


def _has_to_set_up(user: User) -> bool:
    required = user.is_staff and settings.SECOND_FACTOR_REQUIRED
    return required and not second_factor.is_set_up(user)


def _actor(request: Any, user: User) -> Actor:
    return actor_of_request(request, type="user", id=str(user.pk), name=user.email)


def _tokens(tokens: sessions.Tokens, member: Member | None) -> dict[str, Any]:
    return TokensSerializer.represent(tokens) | {"role": member.role if member else None}
