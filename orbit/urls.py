"""Every route of the site."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path, re_path

from orbit.accounts.users.views import PasswordSetView, PasswordView
from orbit.api import docs
from orbit.api.unknown_path import UnknownPathView
from orbit.operations.views import healthz, metrics, readyz
from reconciler.receiver import dlr_callback

# Without a slash at the end; the middleware takes an optional one off (`orbit.api.middleware`).
handler500 = "orbit.operations.views.server_error"
urlpatterns = [
    path("v1/", include("messaging.messages.urls")),  # first: most requests are for these
    path("v1/", include("messaging.inbound.urls")),
    path("", docs.landing),
    path("favicon.ico", docs.favicon),
    path("admin/console/", include("orbit.console.urls")),
    path("admin/", admin.site.urls),
    path("password/set", PasswordSetView.as_view(), name="password_set"),
    path("password/<uidb64>/<token>", PasswordView.as_view(), name="password"),
    path("healthz", healthz),
    path("readyz", readyz),
    path("metrics", metrics),
    path("openapi.json", docs.openapi, name="openapi"),
    path("docs", docs.SwaggerView.as_view()),
    path("docs/errors", docs.errors),
    path("docs/errors/<str:code>", docs.error),
    path("dlr/<str:token>", dlr_callback.report),
    path("v1/", include("orbit.accounts.urls")),
    path("v1/", include("messaging.campaigns.urls")),
    path("v1/", include("messaging.own_numbers.urls")),
    path("v1/", include("messaging.opt_out_texts.urls")),
    path("v1/", include("messaging.opt_outs.urls")),
    path("v1/", include("messaging.webhooks.urls")),
    path("v1/", include("messaging.notices.urls")),
    path("v1/", include("messaging.people.urls")),
    path("v1/", include("messaging.usage.urls")),
    path("v1/messaging/", include("messaging.urls")),
    path("v1/messaging/smpp/", include("reconciler.urls")),
    re_path(r"^v1(/.*)?$", UnknownPathView.as_view()),
]
