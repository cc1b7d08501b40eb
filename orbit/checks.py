"""System checks of the settings: a site that would fail later is refused at the start."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register

from orbit.api.client_ip import parse_networks
from orbit.api.throttling import Rate
from orbit.operations.start_checks import START

MIN_KEY = 32  # characters
_NEW_KEY = 'Make one with: python -c "import secrets; print(secrets.token_urlsafe(48))"'
_NETWORKS = (
    "TRUSTED_PROXIES",
    "SMPP_ALLOWED_NETWORKS",
    "SMPP_FORBIDDEN_NETWORKS",
    "GATEWAY_TRUSTED_NETWORKS",
    "WEBHOOK_ALLOWED_NETWORKS",
)
_RATES = (
    "API_RATE_LIMIT",
    "API_CPU_LIMIT",
    "MESSAGE_RATE_LIMIT",
    "LOGIN_RATE_LIMIT",
    "INVITATION_RATE_LIMIT",
    "REFUSED_BINDS_OF_CREDENTIAL",
    "REFUSED_BINDS_OF_CALLER",
    "REFUSED_BINDS_OF_HOST",
    "INBOUND_ANSWER_LIMIT",
    "PUSH_RATE_LIMIT",
    "PASS_TIME_LIMIT",
    "DIAGNOSIS_RATE_LIMIT",
)
_AT_LEAST_ONE = (
    "RECONCILE_INTERVAL",
    "PASS_CREDENTIALS_PER_ORGANIZATION",
    "DIAGNOSIS_AT_ONCE",
    "DNS_LOOKUPS_PER_ORGANIZATION",
    "RECIPIENTS_MAX_BYTES",
    "CARRIER_TEST_STEP_TIMEOUT",
    "CARRIER_TEST_RECEIPT_TIMEOUT",
    "CARRIER_TEST_TRACE_BYTES",
    "CONSOLE_IDLE_MINUTES",
    "RECOVERY_CODES",
    "PASSKEY_CHALLENGE_SECONDS",
    "PASSKEYS_PER_PERSON",
    "FOUR_EYES_MINUTES",
    "MESSAGE_VALIDITY_HOURS",
    "MESSAGE_OUTCOME_TIMEOUT",
    "RETENTION_IDEMPOTENCY_HOURS",
    "RETENTION_RUNS_DAYS",
    "RETENTION_MESSAGES_DAYS",
    "LOGIN_ADDRESS_DAYS",
    "WAITING_REQUESTS_PER_ORGANIZATION",
    "UPLOADS_PER_ORGANIZATION",
    "WEBHOOK_WORKERS_PER_ORGANIZATION",
    "GATEWAY_MOVES_AT_ONCE",
    "GATEWAY_DRAIN_TIMEOUT",
    "GATEWAY_RESTART_TIMEOUT",
)


@register(Tags.security, START)
def check_keys(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    return [*_fernet_keys(), *_audit_key(), *_secret_key(), *_digest_keys()]


@register(START)
def check_values(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    return [*_rates(), *_networks(), *_numbers(), *_urls(), *_syslog(), *_placement()]


@register(Tags.security, deploy=True)
def check_deployment(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    return [*_metrics_token(), *_proxies(), *_redis()]


def _fernet_keys() -> Iterator[CheckMessage]:
    keys = settings.FERNET_KEYS
    if isinstance(keys, str) or not isinstance(keys, Sequence) or not keys:
        yield Error(
            "FERNET_KEYS has to be a list of keys.",
            hint="A text would be taken for a list of one-character keys. Separate keys by commas.",
            id="orbit.E001",
        )
        return
    for place, key in enumerate(keys, start=1):
        if len(key) < MIN_KEY:
            message = f"Key {place} of FERNET_KEYS is shorter than {MIN_KEY} characters."
            yield Error(message, hint=_NEW_KEY, id="orbit.E002")
        if key == settings.SECRET_KEY:
            message = f"Key {place} of FERNET_KEYS is the SECRET_KEY."
            yield Error(message, hint=_NEW_KEY, id="orbit.E003")


def _audit_key() -> Iterator[CheckMessage]:
    if len(settings.AUDIT_KEY) < MIN_KEY:
        message = f"AUDIT_KEY is shorter than {MIN_KEY} characters."
        yield Error(message, hint=_NEW_KEY, id="orbit.E004")
    if settings.AUDIT_KEY == settings.SECRET_KEY or settings.AUDIT_KEY in settings.FERNET_KEYS:
        message = "AUDIT_KEY is used for something else, too."
        yield Error(message, hint=_NEW_KEY, id="orbit.E005")


def _secret_key() -> Iterator[CheckMessage]:
    if len(settings.SECRET_KEY) < MIN_KEY:
        message = f"SECRET_KEY is shorter than {MIN_KEY} characters."
        yield Error(message, hint=_NEW_KEY, id="orbit.E006")
    for name in ("SECRET_KEY_FALLBACKS", "AUDIT_KEY_FALLBACKS"):
        for place, key in enumerate(getattr(settings, name), start=1):
            if len(key) < MIN_KEY:
                message = f"Key {place} of {name} is shorter than {MIN_KEY} characters."
                hint = "Keys that were in use are this long; separate several by commas."
                yield Error(message, hint=hint, id="orbit.E011")


def _digest_keys() -> Iterator[CheckMessage]:
    keys = settings.NUMBER_DIGEST_KEYS
    if settings.ENCRYPT_MESSAGES and not keys:
        yield Error(
            "ENCRYPT_MESSAGES is set and NUMBER_DIGEST_KEYS is not.",
            hint=f"No number could be found any more. {_NEW_KEY}",
            id="orbit.E012",
        )
    others = {settings.SECRET_KEY, settings.AUDIT_KEY, *settings.FERNET_KEYS}
    for place, key in enumerate(keys, start=1):
        if len(key) < MIN_KEY or key in others:
            message = (
                f"Key {place} of NUMBER_DIGEST_KEYS is shorter than {MIN_KEY} characters, or used "
                "for something else, too."
            )
            yield Error(message, hint=_NEW_KEY, id="orbit.E013")


def _placement() -> Iterator[CheckMessage]:
    if settings.GATEWAY_PLACEMENT not in ("connectors", "throughput"):
        message = f"GATEWAY_PLACEMENT is {settings.GATEWAY_PLACEMENT!r}."
        yield Error(message, hint="Write connectors or throughput.", id="orbit.E015")


def _rates() -> Iterator[CheckMessage]:
    for name in _RATES:
        try:
            Rate.parse(getattr(settings, name))
        except ValueError:
            yield Error(
                f"{name} cannot be read: {getattr(settings, name)!r}.",
                hint='Write requests and seconds, for example "1200/60".',
                id="orbit.E007",
            )


def _networks() -> Iterator[CheckMessage]:
    for name in _NETWORKS:
        try:
            parse_networks(tuple(getattr(settings, name)))
        except ValueError as error:
            yield Error(
                f"{name}: {error}.",
                hint="Write addresses or CIDR, separated by commas.",
                id="orbit.E008",
            )


def _numbers() -> Iterator[CheckMessage]:
    for name in _AT_LEAST_ONE:
        if getattr(settings, name) < 1:
            message = f"{name} has to be at least 1."
            yield Error(message, hint="Leave it out for the default.", id="orbit.E009")

    if not settings.MESSAGE_RECEIPT_TIMEOUT_HOURS > 0:  # a part of an hour is one, too
        message = "MESSAGE_RECEIPT_TIMEOUT_HOURS has to be above 0."
        yield Error(message, hint="Leave it out for the default.", id="orbit.E009")


def _urls() -> Iterator[CheckMessage]:
    for name in ("DLR_BASE_URL", "SITE_URL"):
        value = getattr(settings, name)
        try:
            url = urlsplit(value)
            is_url = url.scheme in ("http", "https") and url.hostname and url.port != 0
        except ValueError:  # a port that is no number, a bracket that is not closed
            is_url = False
        if value and not is_url:  # a site on a Unix socket has none
            yield Error(
                f"{name} is no URL: {value!r}.",
                hint='Write scheme and host, for example "https://sms.example.com".',
                id="orbit.E010",
            )


def _syslog() -> Iterator[CheckMessage]:
    value = settings.AUDIT_STREAM_SYSLOG
    host, colon, port = value.rpartition(":")
    is_port = port.isascii() and port.isdigit() and 0 < int(port[:6]) < 65_536
    if value and not value.startswith("/") and colon and not (host and is_port):
        yield Error(
            f"AUDIT_STREAM_SYSLOG is no address: {value!r}.",
            hint="Write the path of its socket, or HOST:PORT.",
            id="orbit.E014",
        )


def _metrics_token() -> Iterator[CheckMessage]:
    if settings.METRICS_TOKEN and len(settings.METRICS_TOKEN) < 16:
        yield Warning(
            "METRICS_TOKEN is shorter than 16 characters.", hint=_NEW_KEY, id="orbit.W001"
        )


def _proxies() -> Iterator[CheckMessage]:
    try:
        networks = parse_networks(tuple(settings.TRUSTED_PROXIES))
    except ValueError:
        return  # orbit.E008 says so
    if any(network.prefixlen == 0 for network in networks):
        yield Warning(
            "TRUSTED_PROXIES takes in every address.",
            hint="Anybody could then write any client address into the audit and past allowed_ips.",
            id="orbit.W002",
        )
    if settings.SECURE_PROXY_SSL_HEADER and not networks:
        yield Warning(
            "BEHIND_TLS_PROXY is set and TRUSTED_PROXIES is not.",
            hint="All clients then have the proxy's address: for the audit, for allowed_ips and "
            "for the throttle of logins. Name the proxy in TRUSTED_PROXIES.",
            id="orbit.W003",
        )


def _redis() -> Iterator[CheckMessage]:
    if not settings.REDIS_URL:
        yield Warning(
            "REDIS_URL is empty.",
            hint="Without Redis nothing is limited, logins included, and no worker gets a task.",
            id="orbit.W004",
        )
