"""Routes under /v1; a trailing slash is taken off before (middleware)."""

from __future__ import annotations

from django.urls import path

from messaging.inbound.views import MessageDetailView, MessagesView

urlpatterns = [
    path("messages", MessagesView.as_view()),
    path("messages/<str:message_id>", MessageDetailView.as_view()),
]
