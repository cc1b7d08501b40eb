"""Routes under /v1/messaging; a trailing slash is taken off before (middleware)."""

from __future__ import annotations

from django.urls import path

from messaging.credentials.views import (
    CredentialDetailView,
    CredentialsView,
    RevealView,
    RotateView,
)

urlpatterns = [
    path("smpp/credentials", CredentialsView.as_view()),
    path("smpp/credentials/<str:credential_id>", CredentialDetailView.as_view()),
    path("smpp/credentials/<str:credential_id>/reveal", RevealView.as_view()),
    path("smpp/credentials/<str:credential_id>/rotate", RotateView.as_view()),
]
