"""Routes under /v1 that belong to webhooks; a trailing slash is taken off before (middleware)."""

from __future__ import annotations

from django.urls import path

from messaging.webhooks.views import (
    DeliveriesView,
    OwnSecretView,
    RedeliverView,
    RotateOwnSecretView,
    RotateSecretView,
    WebhookDetailView,
    WebhooksView,
    WebhookTestView,
)

urlpatterns = [
    path("webhooks", WebhooksView.as_view()),
    path("webhooks/<str:webhook_id>", WebhookDetailView.as_view()),
    path("webhooks/<str:webhook_id>/test", WebhookTestView.as_view()),
    path("webhooks/<str:webhook_id>/deliveries", DeliveriesView.as_view()),
    path(
        "webhooks/<str:webhook_id>/deliveries/<str:delivery_id>/redeliver", RedeliverView.as_view()
    ),
    path("webhooks/<str:webhook_id>/rotate-secret", RotateSecretView.as_view()),
    path("settings/webhook-secret", OwnSecretView.as_view()),
    path("settings/webhook-secret/rotate", RotateOwnSecretView.as_view()),
]
