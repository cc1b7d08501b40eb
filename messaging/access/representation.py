"""How the access is answered. Never its password."""

from __future__ import annotations

from messaging.access.models import Access
from messaging.access.serializers import AccessSerializer
from messaging.gateway import smpp_address
from orbit.api.etags import etag


def represent(access: Access) -> dict:
    """The access as the API answers it; `host` and `port` are null until the gateway has told."""
    host, port = smpp_address(access.organization_id) or (None, None)
    return AccessSerializer.represent(access) | {"host": host, "port": port}


def tag(access: Access) -> str:
    """ETag over what people wrote: observed state leaves it alone, a new password does not."""
    written = {**AccessSerializer.written(access), "password_set_at": access.password_set_at}
    return etag({"id": access.organization_id, **written})
