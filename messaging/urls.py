"""Routes under /v1/messaging; a trailing slash is taken off before (middleware)."""

from __future__ import annotations

from django.urls import path

from messaging.access.views import AccessRevealView, AccessRotateView, AccessView
from messaging.carrier_tests.views import TestDetailView, TestsView, TestView
from messaging.carriers.views import CarrierDetailView, CarriersView
from messaging.credentials.views import (
    CredentialDetailView,
    CredentialsView,
    RevealView,
    RotateView,
)
from messaging.pools.views import SenderPoolDetailView, SenderPoolsView
from messaging.quality.views import QualityView
from messaging.routing.views import PreviewView, RoutesView

urlpatterns = [
    path("smpp/credentials", CredentialsView.as_view()),
    path("smpp/credentials/<str:credential_id>", CredentialDetailView.as_view()),
    path("smpp/credentials/<str:credential_id>/reveal", RevealView.as_view()),
    path("smpp/credentials/<str:credential_id>/rotate", RotateView.as_view()),
    path("smpp/carriers", CarriersView.as_view()),
    path("smpp/carriers/<str:carrier_id>", CarrierDetailView.as_view()),
    path("smpp/carriers/<str:carrier_id>/quality", QualityView.as_view()),
    path("smpp/carriers/<str:carrier_id>/test", TestView.as_view()),
    path("smpp/carriers/<str:carrier_id>/tests", TestsView.as_view()),
    path("smpp/carriers/<str:carrier_id>/tests/<str:test_id>", TestDetailView.as_view()),
    path("smpp/routes", RoutesView.as_view()),
    path("smpp/access", AccessView.as_view()),
    path("smpp/access/reveal", AccessRevealView.as_view()),
    path("smpp/access/rotate", AccessRotateView.as_view()),
    path("sender-pools", SenderPoolsView.as_view()),
    path("sender-pools/<str:pool_id>", SenderPoolDetailView.as_view()),
    path("sender-pools/<str:pool_id>/preview", PreviewView.as_view()),
]
