"""/v1/settings/allowed-addresses: from where the organisation's API keys may be used."""

from __future__ import annotations

from typing import Any

from orbit.accounts.models import ApiKey, Organization
from orbit.accounts.organizations import allowed_addresses
from orbit.accounts.organizations.serializers import AllowedAddressesSerializer
from orbit.api.client_ip import client_address
from orbit.api.errors import ApiError
from orbit.api.etags import check_if_match, etag
from orbit.api.schema import documented
from orbit.api.views import ApiView

_EXAMPLE = {"allowed_ips": ["198.51.100.0/24", "2001:db8:1::/48"]}


class AllowedAddressesView(ApiView):
    scopes = {"GET": "api_keys:read", "PATCH": "api_keys:write"}

    @documented(
        summary="Get the addresses from which API keys may be used",
        answer=AllowedAddressesSerializer,
        example=_EXAMPLE,
    )
    def get(self, request: Any) -> Any:
        organization = self.caller.organization
        return self.ok(_represent(organization), etag=_tag(organization))

    @documented(
        summary="Change the addresses from which API keys may be used",
        description="They hold for every key of the organisation, beside the key's own; an empty "
        "list lets them be used from anywhere. People who sign in are not held to them. A key has "
        "to keep its own address in the list, and takes in no further ones. Owners and admins "
        "alone may change it.",
        request=AllowedAddressesSerializer,
        answer=AllowedAddressesSerializer,
        errors=["PRECONDITION_FAILED", "INSUFFICIENT_PERMISSIONS"],
        request_example=_EXAMPLE,
        example=_EXAMPLE,
    )
    def patch(self, request: Any) -> Any:
        fields = self.read(AllowedAddressesSerializer)
        if not self.caller.reaches_all_keys:
            raise ApiError(
                "INSUFFICIENT_PERMISSIONS",
                "Owners and admins alone say from where keys may be used.",
                details={"required": "owner or admin"},
            )
        organizations = Organization.objects.select_for_update()
        organization = organizations.get(pk=self.caller.organization.pk)
        check_if_match(request, _tag(organization))
        allowed_addresses.update(
            by=self.caller.actor,
            organization=organization,
            fields=fields,
            kept=client_address(request) if isinstance(request.auth, ApiKey) else None,
        )
        return self.ok(_represent(organization), etag=_tag(organization))


def _represent(organization: Organization) -> dict[str, Any]:
    return AllowedAddressesSerializer.represent(organization)


def _tag(organization: Organization) -> str:
    return etag({"id": organization.pk, **AllowedAddressesSerializer.written(organization)})
