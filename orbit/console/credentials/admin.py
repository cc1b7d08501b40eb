"""Credentials: the list, worst first, and the page of one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db.models import Case, Q, QuerySet, Value, When
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from unfold.decorators import display

from messaging.carrier_tests.models import CarrierTest
from messaging.carriers.models import Carrier
from messaging.carriers.ranking import route_positions
from messaging.carriers.selectors import candidates
from messaging.credentials.models import BindState, Credential, SyncState
from messaging.credentials.selectors import SECRETS
from messaging.credentials.serializers import CredentialSerializer
from orbit.accounts.models import AuditEvent, Organization
from orbit.api.answers import written_names
from orbit.console.bind_history import recent_changes
from orbit.console.cells import page_link, roomy, said, spare, two
from orbit.console.credentials.fields import backup_lines, certificates, tlv_lines
from orbit.console.long_lists import OrganisationFilter
from orbit.console.pages import PageAdmin, get_or_404, render
from orbit.console.templatetags.console import state
from reconciler.models import ConnectorRecord, Placement

ROWS = 10  # of tests and of audit rows
# One that is bound and has an error lacks some of its binds.
IN_TROUBLE = (
    Q(status__sync_state=SyncState.ERROR)
    | Q(enabled=True, status__bind_state=BindState.UNBOUND)
    | Q(enabled=True, status__bind_state=BindState.BOUND, status__bind_error__gt="")
)
WORST_FIRST = Case(
    When(status__sync_state=SyncState.ERROR, then=Value(0)),
    When(status__bind_state=BindState.UNBOUND, then=Value(1)),
    When(status__bind_state=BindState.BOUND, then=Value(3)),
    When(status__bind_state=BindState.DISABLED, then=Value(4)),
    default=Value(2),
)


class TroubleFilter(admin.SimpleListFilter):
    title = "trouble"
    parameter_name = "trouble"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        return [("yes", "In trouble")]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(IN_TROUBLE) if self.value() == "yes" else queryset


@admin.register(Credential)
class CredentialAdmin(PageAdmin):
    list_display = [
        "named", "bind", "sync", "why", "address",
    ]  # fmt: skip
    list_display_links = None
    list_filter = [
        TroubleFilter, "status__bind_state", "status__sync_state", "enabled", "tls", "bind_type",
        ("organization", OrganisationFilter),
    ]  # fmt: skip
    list_filter_submit = True
    list_select_related = ["organization", "status"]
    list_per_page = 50
    search_fields = ["id", "name", "host", "system_id", "gateway_key", "organization__name"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Credential]:
        # No page can show what is not loaded.
        return Credential.objects.live().defer(*SECRETS)

    def get_ordering(self, request: HttpRequest) -> list[Any]:
        return [WORST_FIRST.asc(), "-id"]

    @display(description="credential, organisation", ordering="name")
    def named(self, credential: Credential) -> SafeString:
        return two(page_link(credential, credential.name), spare(self.organisation(credential)))

    @display(description="bind", ordering="status__bind_state")
    def bind(self, credential: Credential) -> SafeString:
        up, wanted = credential.observed.bound, credential.sessions_wanted
        is_counted = credential.enabled and wanted > 1
        return two(
            state(status_of(credential, "bind_state")), f"{up} of {wanted} up" if is_counted else ""
        )

    @display(description="in Jasmin", ordering="status__sync_state")
    def sync(self, credential: Credential) -> SafeString:
        return state(status_of(credential, "sync_state"))

    @display(description="why")
    def why(self, credential: Credential) -> SafeString:
        return said(status_of(credential, "sync_error") or status_of(credential, "bind_error"))

    @display(description="host and port, system_id", ordering="host")
    def address(self, credential: Credential) -> SafeString:
        return roomy(f"{credential.host}:{credential.port}", credential.system_id)

    def page(self, request: HttpRequest, key: str) -> HttpResponse:
        """The page of one credential; its buttons are in `views`."""
        credential = find_credential(key)
        facts = page_context(credential)
        return render(request, "console/credential.html", credential.name, credential, **facts)


def find_credential(credential_id: str) -> Credential:
    """The live credential with its organisation and status, without secrets. Raises Http404."""
    rows = Credential.objects.live().select_related("organization", "status", "connector_record")
    return get_or_404(rows.defer(*SECRETS), credential_id)


def status_of(credential: Credential, column: str) -> str:
    """A column of its status; the unknown state if no pass has looked at it yet."""
    status = getattr(credential, "status", None)
    if status is not None:
        return getattr(status, column)
    return {"bind_state": BindState.UNKNOWN, "sync_state": SyncState.PENDING}.get(column, "")


def live_context(credential: Credential) -> dict[str, Any]:
    """Context of the fragment that refreshes itself."""
    placement = Placement.objects.select_related("gateway", "leaving").filter(
        organization=credential.organization_id
    )
    return {
        "credential": credential,
        "bind": status_of(credential, "bind_state"),
        "sync": status_of(credential, "sync_state"),
        "record": ConnectorRecord.objects.filter(credential=credential).first(),
        "placement": placement.first(),
        "sessions": _sessions(credential),
    }


def _sessions(credential: Credential) -> list[dict[str, Any]]:
    """Its binds, where there is more to see than that the only one is up."""
    sessions = credential.observed.sessions
    if credential.sessions_wanted == 1 and not credential.backups and len(sessions) < 2:
        return []
    own = (credential.host, credential.port)
    return [each | {"is_backup": (each["host"], each["port"]) != own} for each in sessions]


def page_context(credential: Credential) -> dict[str, Any]:
    """Context of the whole page: all about one credential but its secrets."""
    organization = credential.organization
    return {
        **live_context(credential),
        **recent_changes(credential),
        "settings": [
            (name, _setting(name, getattr(credential, name)))
            for name in written_names(CredentialSerializer)
        ],
        "carriers": _carriers(organization, credential),
        "tests": CarrierTest.objects.filter(credential=credential)
        .select_related("carrier")
        .defer("pdus", "steps")[:ROWS],
        "events": AuditEvent.objects.filter(organization_id=organization.pk, target=credential.pk)[
            :ROWS
        ],
    }


def _setting(name: str, value: Any) -> str:
    if name in ("tls_ca", "tls_certificate"):
        return certificates(value)
    if name == "backups":
        return ", ".join(backup_lines(value).splitlines()) or "–"
    return tlv_lines(value) or "–" if name == "tlvs" else _readable(value)


def _readable(value: Any) -> str:
    """A setting as people read it."""
    match value:
        case None | "":
            return "–"
        case bool():
            return "yes" if value else "no"
        case dict():
            return ", ".join(f"{key} {_readable(each)}" for key, each in value.items())
        case list():
            return "/".join(map(str, value))
    return str(value)


def _carriers(organization: Organization, credential: Credential) -> list[dict[str, Any]]:
    places = route_positions(candidates(Carrier.objects.filter(organization=organization)))
    return [
        {"carrier": carrier, "places": places.get(carrier.pk, [])}
        for carrier in Carrier.objects.filter(credential=credential)
    ]
