"""Fields of forms for values that are no single word: PEM, TLVs and hosts a line each, lists."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from messaging.credentials import pem

_NUMBER = re.compile(r"-?[0-9]{1,20}")  # `isdigit` takes ², which is none


class _Unshown(UnfoldAdminTextareaWidget):
    """What was typed is in no page, not even beside its own fault."""

    def format_value(self, value: Any) -> str:
        return ""


class Pem(forms.CharField):
    """Blank is null. Browsers write lines with CR LF: that alone is no change."""

    def __init__(self, label: str, help_text: str, *, is_secret: bool = False) -> None:
        widget = _Unshown if is_secret else UnfoldAdminTextareaWidget
        attributes = {"rows": 4, "spellcheck": "false", "autocomplete": "off"}
        super().__init__(
            label=label,
            help_text=help_text,
            required=False,
            strip=False,
            empty_value=None,
            widget=widget(attrs=attributes),
        )

    def to_python(self, value: Any) -> str | None:
        text = super().to_python(value)
        return None if text is None else text.replace("\r\n", "\n")


class TlvLines(forms.CharField):
    """`0x1400 cstring 1101234560000012345`, a line for each; the serializer judges them."""

    def __init__(self, label: str, help_text: str) -> None:
        widget = UnfoldAdminTextareaWidget(attrs={"rows": 3, "spellcheck": "false"})
        super().__init__(label=label, help_text=help_text, required=False, widget=widget)

    def prepare_value(self, value: Any) -> Any:
        return tlv_lines(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> list[dict[str, Any]]:
        if isinstance(value, list):
            return value
        return [_tlv(line) for line in super().to_python(value).splitlines() if line.strip()]

    def has_changed(self, initial: Any, data: Any) -> bool:
        return self.to_python(data) != (initial or [])


class BackupLines(forms.CharField):
    """`smpp2.example.com 2775`, a line for each; the serializer judges them."""

    def __init__(self, label: str, help_text: str) -> None:
        widget = UnfoldAdminTextareaWidget(attrs={"rows": 3, "spellcheck": "false"})
        super().__init__(label=label, help_text=help_text, required=False, widget=widget)

    def prepare_value(self, value: Any) -> Any:
        return backup_lines(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> list[dict[str, Any]]:
        if isinstance(value, list):
            return value
        return [_backup(line) for line in super().to_python(value).splitlines() if line.strip()]

    def has_changed(self, initial: Any, data: Any) -> bool:
        return self.to_python(data) != (initial or [])


class Words(forms.CharField):
    """`FR, BE` for a list of words."""

    def __init__(self, label: str, help_text: str, *, required: bool) -> None:
        super().__init__(
            label=label, help_text=help_text, required=required, widget=UnfoldAdminTextInputWidget
        )

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> list[str]:
        return value if isinstance(value, list) else re.findall(r"[^\s,]+", value or "")

    def has_changed(self, initial: Any, data: Any) -> bool:
        return self.to_python(data) != (initial or [])


def tlv_lines(tlvs: list[dict[str, Any]]) -> str:
    return "\n".join(f"{each['tag']} {each['type']} {each['value']}" for each in tlvs)


def backup_lines(backups: list[dict[str, Any]]) -> str:
    return "\n".join(f"{each['host']} {each['port']}" for each in backups)


def certificates(text: str | None) -> str:
    """PEM in a few words."""
    return "–" if text is None else "; ".join(pem.described(text))


def _backup(line: str) -> dict[str, Any]:
    host, *port = line.split(None, 1)
    if not port:
        return {"host": host}
    return {"host": host, "port": int(port[0]) if _NUMBER.fullmatch(port[0].strip()) else port[0]}


def _tlv(line: str) -> dict[str, Any]:
    parts = line.strip().split(None, 2)
    tlv: dict[str, Any] = dict(zip(("tag", "type", "value"), parts, strict=False))
    value = tlv.setdefault("value", "") if "type" in tlv else ""
    if str(tlv.get("type", "")).startswith("int") and _NUMBER.fullmatch(value):
        tlv["value"] = int(value)
    return tlv
