"""Gateways and runs for operators. The console of the operators comes with its own pages."""

from __future__ import annotations

from django import forms
from django.contrib import admin
from django.utils.html import format_html

from orbit.accounts.admin import ReadOnlyAdmin
from reconciler.models import Gateway, Placement, Run
from reconciler.plan import render


class GatewayForm(forms.ModelForm):
    """Secrets can be set here and are never shown; left empty, they stay."""

    http_url = forms.URLField(label="HTTP URL", assume_scheme="http")
    jcli_password = forms.CharField(
        required=False, widget=forms.PasswordInput, help_text="Empty: unchanged."
    )
    amqp_url = forms.CharField(
        required=False,
        widget=forms.PasswordInput,
        label="AMQP URL",
        help_text="amqp://user:password@host:port/vhost of its RabbitMQ. Empty: unchanged.",
    )

    class Meta:
        model = Gateway
        fields = [
            "name", "jcli_host", "jcli_port", "jcli_username", "jcli_password", "http_url",
            "amqp_url", "smpp_host", "smpp_port", "enabled",
        ]  # fmt: skip

    def clean_jcli_password(self) -> str:
        password = self.cleaned_data["jcli_password"] or self.instance.jcli_password
        if not password:
            raise forms.ValidationError("A new gateway needs the password of its console.")
        return password

    def clean_amqp_url(self) -> str:
        return self.cleaned_data["amqp_url"] or self.instance.amqp_url


@admin.register(Gateway)
class GatewayAdmin(admin.ModelAdmin):
    form = GatewayForm
    list_display = ["name", "state", "state_reason", "jasmin_version", "last_pass_at", "enabled"]
    readonly_fields = [
        "id", "state", "state_since", "state_reason", "conflicts", "jasmin_version", "epoch",
        "last_pass_at", "unpersisted",
    ]  # fmt: skip


@admin.register(Placement)
class PlacementAdmin(admin.ModelAdmin):
    list_display = ["organization", "gateway", "leaving"]
    list_select_related = ["organization", "gateway", "leaving"]
    list_filter = ["gateway"]


@admin.register(Run)
class RunAdmin(ReadOnlyAdmin):
    list_display = ["started_at", "gateway", "trigger", "state", "change_count", "met", "error"]
    list_filter = ["state", "gateway", "trigger"]
    list_select_related = ["gateway"]
    fields = [
        "id", "gateway", "organization_id", "trigger", "state", "started_at", "finished_at",
        "error", "persisted", "met", "plan",
    ]  # fmt: skip

    @admin.display(description="changes")
    def change_count(self, run: Run) -> int:
        return len(run.changes)

    @admin.display(description="times in a row", ordering="times")
    def met(self, run: Run) -> int:
        return run.times

    @admin.display(description="plan")
    def plan(self, run: Run) -> str:
        return format_html("<pre>{}</pre>", "\n".join(render(run.changes, run.warnings)))
