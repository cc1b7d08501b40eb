"""The routes of opt-outs and of their settings."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import StreamingHttpResponse
from rest_framework.response import Response

from messaging.opt_outs import documentation, export, preferences, selectors, services
from messaging.opt_outs.gate import Send
from messaging.opt_outs.models import OptOut
from messaging.opt_outs.representation import (
    represent,
    represent_check,
    represent_import,
    represent_settings,
    settings_tag,
    tag,
)
from messaging.opt_outs.serializers import (
    CheckQuery,
    ImportQuery,
    OptOutQuery,
    OptOutSerializer,
    RemovalQuery,
)
from messaging.opt_outs.settings_serializers import OptOutSettingsSerializer
from orbit.api.etags import check_if_match
from orbit.api.pagination import paginate
from orbit.api.parsers.csv_rows import CsvParser, CsvRows
from orbit.api.views import ApiView

READ, WRITE = "opt_outs:read", "opt_outs:write"


class OptOutsView(ApiView):
    scopes = {"GET": READ, "POST": WRITE}
    query = {"GET": OptOutQuery}

    @documentation.listing
    def get(self, request: Any) -> Response:
        rows = selectors.matching(selectors.visible(self.caller.organization), self.params)
        return paginate(self, rows, represent)

    @documentation.create
    def post(self, request: Any) -> Response:
        caller = self.caller
        fields = self.read(OptOutSerializer)
        row, is_new = services.add(by=caller.actor, organization=caller.organization, fields=fields)
        if not is_new:
            return self.ok(represent(row), etag=tag(row))
        location = f"{request.path.rstrip('/')}/{row.id}"
        return self.created(represent(row), location=location, etag=tag(row))


class OptOutDetailView(ApiView):
    scopes = {"GET": READ, "DELETE": WRITE}
    query = {"DELETE": RemovalQuery}

    @documentation.get
    def get(self, request: Any, opt_out_id: str) -> Response:
        row = self._find(opt_out_id)
        return self.ok(represent(row), etag=tag(row))

    @documentation.delete
    def delete(self, request: Any, opt_out_id: str) -> Response:
        row = self._find(opt_out_id)
        check_if_match(request, tag(row))
        services.remove(by=self.caller.actor, row=row, reason=self.params.get("reason", ""))
        return self.no_content()

    def _find(self, opt_out_id: str) -> OptOut:
        return selectors.find(organization=self.caller.organization, opt_out_id=opt_out_id)


class CheckView(ApiView):
    scopes = {"GET": READ}
    query = {"GET": CheckQuery}

    @documentation.check
    def get(self, request: Any) -> Response:
        params = self.params
        send = Send(params["to"], params.get("sender", ""), params.get("sender_pool_id"))
        return self.ok(represent_check(selectors.in_the_way(self.caller.organization, send)))


class ImportView(ApiView):
    scopes = {"POST": WRITE}
    query = {"POST": ImportQuery}
    parser_classes = [CsvParser]
    max_body_bytes = settings.RECIPIENTS_MAX_BYTES

    @documentation.imports
    def post(self, request: Any) -> Response:
        body = request.data
        caller = self.caller
        done = services.import_rows(
            by=caller.actor,
            organization=caller.organization,
            # No parser is asked about a body of no bytes.
            found=body if isinstance(body, CsvRows) else (),
            dry_run=self.params["dry_run"],
        )
        return self.ok(represent_import(done))


class ExportView(ApiView):
    scopes = {"GET": READ}

    @documentation.export
    def get(self, request: Any) -> StreamingHttpResponse:
        lines = export.as_csv(self.caller.organization.pk)
        headers = {"Content-Disposition": 'attachment; filename="opt-outs.csv"'}
        return StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8", headers=headers)


class OptOutSettingsView(ApiView):
    scopes = {"GET": READ, "PATCH": WRITE}

    @documentation.get_settings
    def get(self, request: Any) -> Response:
        row = preferences.find(self.caller.organization)
        return self.ok(represent_settings(row), etag=settings_tag(row))

    @documentation.update_settings
    def patch(self, request: Any) -> Response:
        fields = self.read(OptOutSettingsSerializer, partial=True)
        row = preferences.lock(self.caller.organization)
        check_if_match(request, settings_tag(row))
        preferences.update(by=self.caller.actor, row=row, fields=fields)
        return self.ok(represent_settings(row), etag=settings_tag(row))
