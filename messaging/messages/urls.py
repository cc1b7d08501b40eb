"""Routes under /v1; a trailing slash is taken off before (middleware). Those that read messages are
`messaging.inbound.urls`: they read both directions."""

from __future__ import annotations

from django.urls import path

from messaging.messages.views import FeedbackView, SmsBatchView, SmsView

urlpatterns = [
    path("messages/sms", SmsView.as_view()),
    path("messages/sms/batch", SmsBatchView.as_view()),
    path("messages/<str:message_id>/feedback", FeedbackView.as_view()),
]
