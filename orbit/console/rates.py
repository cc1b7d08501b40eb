"""Rates of carriers as CSV: export, and import after a preview of the changes.

The preview's form carries the changed lines with the version of each carrier. When the operator
confirms, these lines are read and checked again, and all of them are written or none.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from unfold.widgets import UnfoldAdminFileFieldWidget

from messaging.carriers import services
from messaging.carriers.models import Carrier
from messaging.carriers.selectors import lock
from messaging.carriers.serializers import CarrierSerializer
from messaging.money import as_text
from messaging.optimistic_locking import changed_meanwhile, changes_of
from orbit.api.errors import ApiError
from orbit.console.pages import render
from orbit.console.permissions import actor, perform, require_permission
from orbit.console.roles import OPERATE
from orbit.spreadsheet_text import harmless

COLUMNS = ("id", "organization", "name", "billing_rate", "currency")
WRITTEN = ("billing_rate", "currency")
LARGEST = 1024 * 1024  # bytes of a file
MOST = 10_000  # lines


@dataclass(frozen=True)
class Line:
    """A line of a file: its `changed` values by name, or its `fault`."""

    number: int
    carrier: Carrier | None = None
    changed: dict[str, Any] | None = None
    fault: str = ""

    @property
    def now(self) -> str:
        return f"{as_text(self.carrier.billing_rate)} {self.carrier.currency}"


class FileForm(forms.Form):
    file = forms.FileField(
        label="CSV file",
        help_text="Columns id, billing_rate, currency.",
        widget=UnfoldAdminFileFieldWidget,  # unfold's script fails on any other
    )

    def clean_file(self) -> str:
        file = self.cleaned_data["file"]
        if file.size > LARGEST:
            raise forms.ValidationError("A file may have 1 MB at most.")
        try:
            return file.read().decode("utf-8-sig")
        except UnicodeDecodeError:
            raise forms.ValidationError("The file is no text in UTF-8.") from None


@permission_required("messaging.view_carrier", raise_exception=True)
def export(request: HttpRequest) -> HttpResponse:
    rows = Carrier.objects.order_by("organization__name", "name").values_list(
        "pk", "organization__name", "name", "billing_rate", "currency"
    )
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for key, organization, name, rate, currency in rows:
        writer.writerow([key, harmless(organization), harmless(name), as_text(rate), currency])
    headers = {"Content-Disposition": 'attachment; filename="rates.csv"'}
    return HttpResponse(out.getvalue(), content_type="text/csv; charset=utf-8", headers=headers)


def page(request: HttpRequest) -> HttpResponse:
    """The form; a POST of a file shows the preview, a POST of `confirmed` lines writes them."""
    require_permission(request, OPERATE, action=services.UPDATED, organization=None, target="rates")
    if "confirmed" in request.POST:
        return _confirm(request, request.POST["confirmed"])
    form = FileForm(request.POST or None, request.FILES or None)
    context: dict[str, Any] = {"form": form}
    if request.method == "POST" and form.is_valid():
        lines = list(read(form.cleaned_data["file"]))
        context |= {
            "previewed": True,
            "changes": [line for line in lines if line.changed],
            "faults": [line for line in lines if line.fault],
            "same": sum(1 for line in lines if line.changed == {}),
            "confirmed": _again(lines),
        }
    return render(request, "console/rates.html", "Rates", **context)


def read(text: str) -> Iterator[Line]:
    """Each line of a file with a header. Columns other than id, version and rates are ignored."""
    rows = csv.DictReader(io.StringIO(text))
    try:
        columns = set(rows.fieldnames or ())
        given = list(enumerate(rows, start=2))
    except csv.Error as error:
        yield Line(1, fault=f"This is no CSV: {error}.")
        return
    if not {"id", "billing_rate"} <= columns:
        yield Line(1, fault="The first line has to name the columns: id, billing_rate, currency.")
        return
    if len(given) > MOST:
        yield Line(MOST, fault=f"A file may have {MOST} lines at most.")
        return
    known = Carrier.objects.in_bulk([(row["id"] or "").replace("\0", "") for _, row in given])
    seen: set[str] = set()
    for number, row in given:
        carrier = known.get(row["id"])
        if carrier is None:
            yield Line(number, fault=f"There is no carrier {row['id']!r}.")
        elif carrier.pk in seen:
            yield Line(number, carrier, fault="An earlier line is about this carrier already.")
        else:
            seen.add(carrier.pk)
            yield _judged(number, carrier, row)


def _judged(number: int, carrier: Carrier, row: dict[str, str]) -> Line:
    if row.get("version") not in (None, "", str(carrier.version)):
        return Line(number, carrier, fault=changed_meanwhile(carrier).message)
    body = {name: row[name].strip() for name in WRITTEN if row.get(name)}
    judged = CarrierSerializer(data=body, partial=True)
    if not judged.is_valid():
        said = "; ".join(f"{name}: {faults[0]}" for name, faults in judged.errors.items())
        return Line(number, carrier, fault=said)
    return Line(number, carrier, changed=changes_of(carrier, judged.validated_data))


def _again(lines: Iterable[Line]) -> str:
    """The lines that change something, as CSV, each with the version of its carrier."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(("id", "version", *WRITTEN))
    for line in lines:
        if line.changed:
            values = [line.changed.get(name, "") for name in WRITTEN]
            writer.writerow([line.carrier.pk, line.carrier.version, *values])
    return out.getvalue()


def _confirm(request: HttpRequest, text: str) -> HttpResponse:
    lines = list(read(text))
    fault = next((line.fault for line in lines if line.fault), "")
    if not fault:
        try:
            perform(lambda: _write(request, lines))
        except ApiError as error:
            fault = error.message
    if fault:
        messages.error(request, f"Nothing was changed. {fault}")
    else:
        messages.success(request, f"{len(lines)} carriers have new rates.")
    return redirect("console:rates")


def _write(request: HttpRequest, lines: Iterable[Line]) -> None:
    """Raises ApiError."""
    for line in lines:
        carrier = lock(organization=line.carrier.organization, carrier_id=line.carrier.pk)
        if carrier.version != line.carrier.version:
            raise changed_meanwhile(carrier)
        services.update(by=actor(request), carrier=carrier, fields=line.changed or {})
