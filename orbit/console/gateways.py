"""Gateways: the list and the form of one. Its secrets can be set and are never shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import display
from unfold.widgets import UnfoldAdminPasswordWidget, UnfoldAdminURLInputWidget

from orbit.accounts.admin import ListAdmin
from orbit.accounts.audit import services as audit
from orbit.console.cells import counted, page_link, roomy, said, two
from orbit.console.permissions import actor
from orbit.console.templatetags.console import ago, state
from orbit.console.viewer import may_see
from reconciler.models import Gateway, GatewayMode, Placement


class GatewayForm(forms.ModelForm):
    """A secret that is left empty stays as it is, and is sent nowhere else: another host takes
    the password typed anew."""

    http_url = forms.URLField(
        label="HTTP URL", assume_scheme="http", widget=UnfoldAdminURLInputWidget
    )
    jcli_password = forms.CharField(
        required=False, widget=UnfoldAdminPasswordWidget, help_text="Empty: unchanged."
    )
    amqp_url = forms.CharField(
        required=False,
        widget=UnfoldAdminPasswordWidget,
        label="AMQP URL",
        help_text="amqp://user:password@host:port/vhost, of a stock Jasmin. Empty: unchanged.",
    )

    class Meta:
        model = Gateway
        fields = [
            "name", "jcli_host", "jcli_port", "jcli_username", "jcli_password", "http_url",
            "amqp_url", "smpp_host", "smpp_port", "region", "enabled",
        ]  # fmt: skip

    def clean_jcli_password(self) -> str:
        password = self.cleaned_data["jcli_password"] or self.instance.jcli_password
        if not password:
            raise forms.ValidationError("A new gateway needs the password of its console.")
        return password

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        is_new = self.instance._state.adding  # its id is made before it is saved
        if not is_new and not self._password_is_typed:
            for name in self._moved(cleaned):
                self.add_error(name, "Another host needs the password of the console as well.")
        return cleaned

    def _moved(self, cleaned: Mapping[str, Any]) -> list[str]:
        """Fields that send the console's password, or those of credentials, to another host."""
        hosts = {"jcli_host": str, "http_url": lambda url: urlsplit(url).hostname}
        return [
            name
            for name, host in hosts.items()
            if name in cleaned and host(cleaned[name]) != host(self.initial[name])
        ]

    @property
    def _password_is_typed(self) -> bool:
        return bool(self.data.get(self.add_prefix("jcli_password")))

    def clean_amqp_url(self) -> str:
        return self.cleaned_data["amqp_url"] or self.instance.amqp_url


@admin.register(Gateway)
class GatewayAdmin(ListAdmin):
    form = GatewayForm
    actions = None
    list_display = [
        "named", "reached", "why", "organizations", "last_pass", "versions",
    ]  # fmt: skip
    list_display_links = None
    list_filter = ["state", "mode", "enabled"]
    search_fields = ["name", "id"]
    readonly_fields = [
        "id", "mode", "mode_since", "mode_reason", "closed", "state", "state_since", "state_reason",
        "conflicts", "jasmin_version", "launcher_version", "capabilities", "epoch", "last_pass_at",
        "unpersisted",
    ]  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[Gateway]:
        return super().get_queryset(request).annotate(here=Count("placements"))

    def get_fields(self, request: HttpRequest, obj: Gateway | None = None) -> list[str]:
        """Leave out the secrets for operators who may not change the gateway."""
        fields = list(super().get_fields(request, obj))
        may_set = self.has_change_permission(request, obj) or obj is None
        return [name for name in fields if may_set or name not in ("jcli_password", "amqp_url")]

    def save_model(self, request: HttpRequest, obj: Gateway, form: Any, change: bool) -> None:
        before = Gateway.objects.filter(pk=obj.pk).first() or Gateway()
        # `form.changed_data` would name the secrets each time, as the form never shows them.
        changes = [name for name in form.fields if getattr(before, name) != getattr(obj, name)]
        super().save_model(request, obj, form, change)
        audit.record(
            by=actor(request),
            organization=None,
            action="gateway.updated" if change else "gateway.created",
            target=obj.name,
            changes=changes,
        )

    def has_delete_permission(self, request: HttpRequest, obj: Gateway | None = None) -> bool:
        """Never: a gateway has a history. It is switched off instead."""
        return False

    @display(description="gateway, region", ordering="name")
    def named(self, gateway: Gateway) -> SafeString:
        return two(page_link(gateway, gateway.name), gateway.region)

    @display(description="state, mode", ordering="state")
    def reached(self, gateway: Gateway) -> SafeString:
        mode = "" if gateway.mode == GatewayMode.ACTIVE else state(gateway.mode)
        return two(state(gateway.state), mode if gateway.enabled else "switched off")

    @display(description="why")
    def why(self, gateway: Gateway) -> SafeString:
        return said(gateway.state_reason)

    @display(description="organisations", ordering="here")
    def organizations(self, gateway: Gateway) -> SafeString | str:
        said = counted(gateway.here, "organisation")
        if not may_see(Placement):
            return said
        listed = reverse("admin:reconciler_placement_changelist")
        return format_html('<a href="{}?gateway__id__exact={}">{}</a>', listed, gateway.pk, said)

    @display(description="last pass", ordering="last_pass_at")
    def last_pass(self, gateway: Gateway) -> SafeString:
        return roomy(ago(gateway.last_pass_at))

    @display(description="Jasmin, launcher")
    def versions(self, gateway: Gateway) -> SafeString:
        launcher = f"launcher {gateway.launcher_version}" if gateway.launcher_version else ""
        return roomy(gateway.jasmin_version or "–", launcher)
