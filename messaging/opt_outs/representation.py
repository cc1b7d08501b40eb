"""How opt-outs and their settings are answered."""

from __future__ import annotations

from messaging.opt_outs.models import OptOut, OptOutSettings
from messaging.opt_outs.serializers import ImportedSerializer, OptOutSerializer
from messaging.opt_outs.settings_serializers import OptOutSettingsSerializer
from orbit.api.etags import etag

represent = OptOutSerializer.represent
represent_import = ImportedSerializer.represent
represent_settings = OptOutSettingsSerializer.represent


def tag(row: OptOut) -> str:
    return etag({"id": row.id, **OptOutSerializer.written(row)})


def settings_tag(row: OptOutSettings) -> str:
    """ETag over what people wrote."""
    return etag({"id": row.organization_id, **OptOutSettingsSerializer.written(row)})


def represent_check(row: OptOut | None) -> dict[str, object]:
    return {"allowed": row is None, "opt_out": represent(row) if row else None}
