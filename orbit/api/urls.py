"""Routes under /v1 that belong to accounts; a trailing slash is taken off before (middleware)."""

from __future__ import annotations

from django.urls import path

from orbit.api.endpoints.api_keys import KeyDetailView, KeyListView, KeyRotateView
from orbit.api.endpoints.audit_events import AuditEventsView
from orbit.api.endpoints.me import MeView
from orbit.api.endpoints.sessions import LoginView, LogoutView, RefreshView

urlpatterns = [
    path("auth/login", LoginView.as_view()),
    path("auth/refresh", RefreshView.as_view()),
    path("auth/logout", LogoutView.as_view()),
    path("me", MeView.as_view()),
    path("settings/api-keys", KeyListView.as_view()),
    path("settings/api-keys/<str:key_id>", KeyDetailView.as_view()),
    path("settings/api-keys/<str:key_id>/rotate", KeyRotateView.as_view()),
    path("audit-events", AuditEventsView.as_view()),
]
