"""The page of an organisation's opt-outs: add a number, import a file after a look at what it would
do, export."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_POST
from rest_framework.exceptions import ParseError

from messaging.opt_outs import export as exports
from messaging.opt_outs import services
from messaging.opt_outs.importing import Imported
from messaging.opt_outs.models import OptOut, Source
from orbit.accounts.audit import services as audit
from orbit.accounts.models import Organization
from orbit.api.errors import ApiError
from orbit.api.parsers.csv_rows import CsvRows
from orbit.console.opt_outs.forms import ImportForm, OptOutForm
from orbit.console.pages import get_or_404, render
from orbit.console.permissions import actor, perform, require_permission
from orbit.console.roles import OPERATE

MOST_COUNTED = 100_000
SHOWN = 200  # rejected rows
EXPORTED = "opt_out.exported"


@permission_required("messaging.view_optout", raise_exception=True)
def page(request: HttpRequest, organization_id: str) -> HttpResponse:
    return _page(request, _organization(organization_id), OptOutForm())


@require_POST
def add(request: HttpRequest, organization_id: str) -> HttpResponse:
    organization = _operated(request, organization_id, services.ADDED)
    form, by = OptOutForm(request.POST), actor(request)
    if not form.is_valid():
        return _page(request, organization, form)
    try:
        row, is_new = perform(
            lambda: services.add(
                by=by, organization=organization, fields=form.values, source=Source.CONSOLE
            )
        )
    except ApiError as error:
        form.refuse((error.details or {}).get("field"), error.message)
        return _page(request, organization, form)
    said = "gets nothing more" if is_new else "was on the list already"
    messages.success(request, f"{row.number} {said}.")
    return redirect("console:opt_outs_of", organization.pk)


@require_POST
def import_file(request: HttpRequest, organization_id: str) -> HttpResponse:
    """The fragment with what the file does; with `dry_run`, what it would do."""
    organization = _operated(request, organization_id, services.IMPORTED)
    form, dry_run = ImportForm(request.POST, request.FILES), "dry_run" in request.POST
    context: dict[str, Any] = {"shown": SHOWN}
    if not form.is_valid():
        context["fault"] = " ".join(form.errors.get("file", []))
    else:
        try:
            context["done"] = _imported(request, organization, form.cleaned_data["file"], dry_run)
        except ApiError as error:
            context["fault"] = error.message
        except ParseError as error:
            context["fault"] = str(error.detail)
    return TemplateResponse(request, "console/fragments/opt_outs_imported.html", context)


def export(request: HttpRequest, organization_id: str) -> StreamingHttpResponse:
    """Everybody's numbers as a whole: for operators who see those, and audited."""
    organization = _operated(request, organization_id, EXPORTED)
    about = {"organization": organization, "action": EXPORTED, "target": organization.pk}
    perform(lambda: audit.record(by=actor(request), **about))
    headers = {"Content-Disposition": 'attachment; filename="opt-outs.csv"'}
    lines = exports.as_csv(organization.pk)
    return StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8", headers=headers)


def _imported(
    request: HttpRequest, organization: Organization, file: Any, dry_run: bool
) -> Imported:
    by, found = actor(request), CsvRows(file, length=file.size)
    return perform(
        lambda: services.import_rows(by=by, organization=organization, found=found, dry_run=dry_run)
    )


def _page(request: HttpRequest, organization: Organization, form: OptOutForm) -> HttpResponse:
    rows = OptOut.objects.filter(organization=organization).order_by()
    context = {
        "organization": organization,
        "count": rows[:MOST_COUNTED].count(),
        "most_counted": MOST_COUNTED,
        "form": form,
        "import_form": ImportForm(),
    }
    title = f"Opt-outs of {organization.name}"
    return render(request, "console/opt_outs_of.html", title, **context)


def _organization(organization_id: str) -> Organization:
    return get_or_404(Organization.objects.all(), organization_id)


def _operated(request: HttpRequest, organization_id: str, action: str) -> Organization:
    organization = _organization(organization_id)
    require_permission(
        request, OPERATE, action=action, organization=organization, target=organization.pk
    )
    return organization
