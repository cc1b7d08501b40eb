"""Routes of accounts under /v1; the middleware has taken off a trailing slash."""

from __future__ import annotations

from django.urls import path

from orbit.accounts.api_keys.operator_views import OperatorKeyDetailView, OperatorKeyListView
from orbit.accounts.api_keys.views import KeyDetailView, KeyListView, KeyRotateView
from orbit.accounts.audit.views import AuditEventsView
from orbit.accounts.me import MeView
from orbit.accounts.members.views import MemberDetailView, MemberListView
from orbit.accounts.organizations.views import AllowedAddressesView
from orbit.accounts.sessions.views import LoginView, LogoutView, RefreshView

urlpatterns = [
    path("auth/login", LoginView.as_view()),
    path("auth/refresh", RefreshView.as_view()),
    path("auth/logout", LogoutView.as_view()),
    path("me", MeView.as_view()),
    path("settings/api-keys", KeyListView.as_view()),
    path("settings/api-keys/<str:key_id>", KeyDetailView.as_view()),
    path("settings/api-keys/<str:key_id>/rotate", KeyRotateView.as_view()),
    path("settings/allowed-addresses", AllowedAddressesView.as_view()),
    path("settings/operator-keys", OperatorKeyListView.as_view()),
    path("settings/operator-keys/<str:key_id>", OperatorKeyDetailView.as_view()),
    path("settings/members", MemberListView.as_view()),
    path("settings/members/<str:user_id>", MemberDetailView.as_view()),
    path("audit-events", AuditEventsView.as_view()),
]
