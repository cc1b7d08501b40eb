"""Routes under /v1; a trailing slash is taken off before (middleware)."""

from __future__ import annotations

from django.urls import path

from messaging.campaigns.views import (
    CampaignDetailView,
    CampaignMessagesView,
    CampaignsView,
    CancelView,
    PauseView,
    RecipientsView,
    RecipientView,
    ResumeView,
    StartView,
)

urlpatterns = [
    path("campaigns", CampaignsView.as_view()),
    path("campaigns/<str:campaign_id>", CampaignDetailView.as_view()),
    path("campaigns/<str:campaign_id>/recipients", RecipientsView.as_view()),
    path("campaigns/<str:campaign_id>/recipients/<str:to>", RecipientView.as_view()),
    path("campaigns/<str:campaign_id>/messages", CampaignMessagesView.as_view()),
    path("campaigns/<str:campaign_id>/start", StartView.as_view()),
    path("campaigns/<str:campaign_id>/pause", PauseView.as_view()),
    path("campaigns/<str:campaign_id>/resume", ResumeView.as_view()),
    path("campaigns/<str:campaign_id>/cancel", CancelView.as_view()),
]
