"""Routes under /v1; a trailing slash is taken off before (middleware)."""

from __future__ import annotations

from django.urls import path

from messaging.opt_outs.views import (
    CheckView,
    ExportView,
    ImportView,
    OptOutDetailView,
    OptOutSettingsView,
    OptOutsView,
)

urlpatterns = [
    path("opt-outs", OptOutsView.as_view()),
    path("opt-outs/check", CheckView.as_view()),
    path("opt-outs/export", ExportView.as_view()),
    path("opt-outs/import", ImportView.as_view()),
    path("opt-outs/<str:opt_out_id>", OptOutDetailView.as_view()),
    path("settings/opt-out", OptOutSettingsView.as_view()),
]
