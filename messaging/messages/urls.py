"""Routes under /v1; a trailing slash is taken off before (middleware)."""

from __future__ import annotations

from django.urls import path

from messaging.messages.views import MessageDetailView, MessagesView, SmsBatchView, SmsView

urlpatterns = [
    path("messages", MessagesView.as_view()),
    path("messages/sms", SmsView.as_view()),
    path("messages/sms/batch", SmsBatchView.as_view()),
    path("messages/<str:message_id>", MessageDetailView.as_view()),
]
