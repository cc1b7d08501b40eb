"""Routes under /v1/messaging/smpp that only operators see."""

from __future__ import annotations

from django.urls import path

from reconciler.views import GatewaysView, ReconcileView, RunDetailView, RunsView

urlpatterns = [
    path("gateways", GatewaysView.as_view()),
    path("reconcile-runs", RunsView.as_view()),
    path("reconcile-runs/<str:run_id>", RunDetailView.as_view()),
    path("reconcile", ReconcileView.as_view()),
]
