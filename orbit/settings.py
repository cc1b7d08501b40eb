"""Settings, all from the environment; a missing or malformed variable stops the start.

docs/operations.md lists every variable. `manage.py check --deploy` proves a production set.
"""

from __future__ import annotations

from pathlib import Path

from kombu import Queue

from orbit.bind_address import url_of
from orbit.console.theme import UNFOLD  # noqa: F401 - a setting
from orbit.environment import BASE_DIR, env
from orbit.limits import *  # noqa: F403 - settings
from orbit.openapi import SPECTACULAR_SETTINGS  # noqa: F401 - a setting
from orbit.operations.logging_config import logging_of
from orbit.schedules import Every, sweep

DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY")
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])  # they read, and sign nothing
# Fernet keys of the secrets at rest: the first writes, all read (`manage.py rotate_fernet_keys`).
FERNET_KEYS = env.list("FERNET_KEYS")
# Texts and numbers of people are sealed at rest under FERNET_KEYS, and looked up by digests under
# these: the first writes, all are looked for (`manage.py encrypt_messages` rewrites what is there).
ENCRYPT_MESSAGES = env.bool("ENCRYPT_MESSAGES", default=False)
NUMBER_DIGEST_KEYS = env.list("NUMBER_DIGEST_KEYS", default=[])
# Key of the HMAC chain over the audit rows, and those of older rows, the latest first.
AUDIT_KEY = env.str("AUDIT_KEY")
AUDIT_KEY_FALLBACKS = env.list("AUDIT_KEY_FALLBACKS", default=[])
# Where audit rows are written as JSON lines, too: a file; syslog's socket or HOST:PORT (UDP).
AUDIT_STREAM_FILE = env.str("AUDIT_STREAM_FILE", default="")
AUDIT_STREAM_SYSLOG = env.str("AUDIT_STREAM_SYSLOG", default="")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost"])
# Address and port of the web process; the Procfile reads it, too.
SITE_BIND = env.str("SITE_BIND", default="127.0.0.1:8000")
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
# Folder of this machine's own files: locks, beat's schedule, static files.
STATE_DIR = Path(env.str("STATE_DIR", default=str(BASE_DIR / ".local" / "state")))

INSTALLED_APPS = [
    "unfold.apps.BasicAppConfig",
    "unfold.contrib.filters",
    "orbit.console.apps.ConsoleAdminConfig",
    "orbit.accounts",  # before auth: its createsuperuser and changepassword are audited
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_otp",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "orbit.api",
    "orbit.operations",
    "messaging",
    "reconciler",
    "orbit.console.apps.ConsoleConfig",
    "orbit.dev",
]
MIDDLEWARE = [
    "orbit.api.middleware.RequestIdMiddleware",
    "orbit.api.csp.ContentSecurityPolicyMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "orbit.api.allowed_hosts.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "orbit.console.sessions.middleware.ConsoleSessionMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "orbit.console.second_factor.middleware.SecondFactorMiddleware",
    "orbit.console.viewer.ViewerMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "orbit.urls"
WSGI_APPLICATION = "orbit.wsgi.application"
APPEND_SLASH = False  # /v1 takes both forms itself; a redirect would lose the body of a POST
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

DATABASES = {"default": env.db("DATABASE_URL", default=f"sqlite:///{STATE_DIR / 'db.sqlite3'}")}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # IMMEDIATE: a transaction that reads first and writes later would otherwise fail with "locked".
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
else:
    DATABASES["default"] |= {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}
    DATABASES["default"].setdefault("OPTIONS", {}).setdefault("connect_timeout", 3)  # seconds
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# One Redis: broker, cache, counters of the rate limits. Empty = none, and nothing is limited: it is
# for tests without servers.
REDIS_URL = env.str("REDIS_URL", default="redis://127.0.0.1:6379/0")
CACHES = {
    "default": {
        "BACKEND": "orbit.cache.Cache",
        "LOCATION": REDIS_URL,
        "OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 1},
    }
    if REDIS_URL
    else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
}

CELERY_BROKER_URL = REDIS_URL or "memory://"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # a worker waits for its broker as long as it takes
# A request does not wait to queue a push: without one, the next pass comes within 30 s.
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_connect_timeout": 1,
    "socket_timeout": 5,
    "max_retries": 0,  # of a publisher; worker and beat have their own way to wait for a broker
}
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TASK_IGNORE_RESULT = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
# A silent carrier that is tested or asked why a bind is down, or a post to a silent server, lasts
# until its timeout: queues of their own keep pushes from waiting, and pushes do not wait behind
# other tasks. A worker without --queues serves all.
CELERY_TASK_QUEUES = [
    Queue(name)
    for name in ("pushes", "celery", "diagnosis", "carrier_tests", "messages", "webhooks")
]
CELERY_TASK_ROUTES = {
    "reconciler.tasks.push": {"queue": "pushes"},
    "reconciler.tasks.diagnose": {"queue": "diagnosis"},
    "messaging.carrier_tests.tasks.run": {"queue": "carrier_tests"},
    "messaging.messages.tasks.*": {"queue": "messages"},
    "messaging.reports.tasks.*": {"queue": "messages"},
    "messaging.inbound.tasks.*": {"queue": "messages"},
    "messaging.webhooks.tasks.deliver": {"queue": "webhooks"},
    "messaging.notices.tasks.deliver": {"queue": "webhooks"},
    "messaging.notices.tasks.try_out": {"queue": "webhooks"},
}
RECONCILE_INTERVAL = env.int("RECONCILE_INTERVAL", default=30)  # seconds
CARRIER_TEST_SWEEP_INTERVAL = 15  # seconds
MESSAGE_SWEEP_INTERVAL = 5  # seconds
CAMPAIGN_SWEEP_INTERVAL = 1  # seconds: messages are made for two of them ahead
WEBHOOK_SWEEP_INTERVAL = 15  # seconds; retries are found by it
USAGE_SWEEP_INTERVAL = 10  # seconds
NOTICE_SWEEP_INTERVAL = 30  # seconds
CELERY_BEAT_SCHEDULER = "orbit.schedules:StepAwareScheduler"
CELERY_BEAT_SCHEDULE_FILENAME = str(STATE_DIR / "celerybeat-schedule")
CELERY_BEAT_SCHEDULE = {
    "reconcile": {
        "task": "reconciler.tasks.reconcile_all",
        "schedule": Every(RECONCILE_INTERVAL),
        # After an outage a worker must not find a queue of stale passes.
        "options": {"expires": max(1, RECONCILE_INTERVAL - 5)},
    },
    "carrier_tests": sweep(
        "messaging.carrier_tests.tasks.sweep", every=CARRIER_TEST_SWEEP_INTERVAL
    ),
    "messages": sweep("messaging.messages.tasks.sweep", every=MESSAGE_SWEEP_INTERVAL),
    "reports": sweep("messaging.reports.tasks.sweep", every=MESSAGE_SWEEP_INTERVAL),
    "inbound": sweep("messaging.inbound.tasks.sweep", every=MESSAGE_SWEEP_INTERVAL),
    "campaigns": {
        "task": "messaging.campaigns.tasks.sweep",
        "schedule": Every(CAMPAIGN_SWEEP_INTERVAL),
        "options": {"expires": CAMPAIGN_SWEEP_INTERVAL},
    },
    "webhooks": sweep("messaging.webhooks.tasks.sweep", every=WEBHOOK_SWEEP_INTERVAL),
    "usage": sweep("messaging.usage.tasks.sweep", every=USAGE_SWEEP_INTERVAL),
    "notices": sweep("messaging.notices.tasks.sweep", every=NOTICE_SWEEP_INTERVAL),
    "prune": {"task": "orbit.api.tasks.prune", "schedule": Every(24 * 3600)},
}

if AUDIT_STREAM_FILE or AUDIT_STREAM_SYSLOG:
    CELERY_BEAT_SCHEDULE["audit_stream"] = {
        "task": "orbit.accounts.tasks.stream_audit",
        "schedule": Every(5),
        "options": {"expires": 4},
    }

# A sender pool of 1,000 members is a form of 6,000 fields in the console.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 8000

AUTH_USER_MODEL = "accounts.User"
PASSWORD_RESET_TIMEOUT = 3 * 24 * 3600  # seconds, of a link to set a password
LOGIN_REDIRECT_URL = "admin:index"  # of a sign-in that names no page
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

USE_TZ = True
TIME_ZONE = "UTC"  # of the site; operators read times in their own: orbit/console/times.py
LANGUAGE_CODE = "en-us"
FORMAT_MODULE_PATH = "orbit.date_formats"
STATIC_URL = "static/"
STATIC_ROOT = STATE_DIR / "static"
# Serve static files from the apps' folders, without `collectstatic` (the demo).
STATIC_FROM_APPS = env.bool("STATIC_FROM_APPS", default=DEBUG)
WHITENOISE_USE_FINDERS = STATIC_FROM_APPS
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if STATIC_FROM_APPS
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

# HTTPS only, unless ALLOW_HTTP=true (demo and tests on loopback).
ALLOW_HTTP = env.bool("ALLOW_HTTP", default=DEBUG)
SECURE_SSL_REDIRECT = not ALLOW_HTTP
# Paths of monitors and gateways, which use the address: neither HTTPS nor ALLOWED_HOSTS applies.
SECURE_REDIRECT_EXEMPT = [r"^healthz/?$", r"^readyz/?$", r"^dlr/"]
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not ALLOW_HTTP
SECURE_HSTS_SECONDS = 0 if ALLOW_HTTP else 31_536_000
# Other hosts of the domain may have no HTTPS, and browsers keep the list for years: off by default.
SECURE_HSTS_INCLUDE_SUBDOMAINS = env.bool("HSTS_SUBDOMAINS", default=False)
SECURE_HSTS_PRELOAD = env.bool("HSTS_PRELOAD", default=False)
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]  # both ask for what is off
if env.bool("BEHIND_TLS_PROXY", default=False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_AGE = 12 * 3600  # seconds; the console's only: /v1 takes no cookies
CONSOLE_IDLE_MINUTES = env.int("CONSOLE_IDLE_MINUTES", default=60)  # until a session ends
SECOND_FACTOR_REQUIRED = env.bool("SECOND_FACTOR_REQUIRED", default=False)  # of operators
RECOVERY_CODES = env.int("RECOVERY_CODES", default=10)  # that come with a second factor
# Single sign-on of operators by OpenID Connect; no issuer, none. The provider's claim gives the
# roles: OIDC_ROLES=sms-admins=Admin,sms-ops=Operator
OIDC_ISSUER = env.str("OIDC_ISSUER", default="")
OIDC_CLIENT_ID = env.str("OIDC_CLIENT_ID", default="")
OIDC_CLIENT_SECRET = env.str("OIDC_CLIENT_SECRET", default="")
OIDC_ROLES_CLAIM = env.str("OIDC_ROLES_CLAIM", default="groups")
OIDC_ROLES = env.dict("OIDC_ROLES", default={})
# Apply although unsafe, reveal, move an organisation: a second administrator has to agree first.
FOUR_EYES = env.bool("FOUR_EYES", default=False)
FOUR_EYES_MINUTES = env.int("FOUR_EYES_MINUTES", default=60)  # so long is an agreement good

# The public URL of the site, for links in mails and in the output of commands.
SITE_URL = env.str(
    "SITE_URL",
    default=url_of(SITE_BIND) if ALLOW_HTTP else f"https://{(ALLOWED_HOSTS or ['localhost'])[0]}",
)
vars().update(env.email_url("EMAIL_URL", default="dummymail://"))  # no mail
EMAIL_TIMEOUT = 10  # seconds
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="orbit@localhost")

# --- API (orbit/api, orbit/accounts) ---
# Addresses or CIDR of our own proxies, which may name the client (X-Forwarded-For).
TRUSTED_PROXIES = env.list("TRUSTED_PROXIES", default=[])
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")  # empty: /metrics answers 404

# --- SMPP, gateways, webhooks (messaging, reconciler) ---
SMPP_ALLOWED_NETWORKS = env.list("SMPP_ALLOWED_NETWORKS", default=[])
SMPP_FORBIDDEN_NETWORKS = env.list("SMPP_FORBIDDEN_NETWORKS", default=[])  # webhooks keep off, too
# The URL at which a stock Jasmin reports the outcome of a message to this site (POST …/dlr/TOKEN).
DLR_BASE_URL = env.str("DLR_BASE_URL", default=url_of(SITE_BIND))
GATEWAY_TRUSTED_NETWORKS = env.list("GATEWAY_TRUSTED_NETWORKS", default=["127.0.0.0/8", "::1/128"])
WEBHOOK_ALLOW_HTTP = env.bool("WEBHOOK_ALLOW_HTTP", default=False)
WEBHOOK_ALLOWED_NETWORKS = env.list("WEBHOOK_ALLOWED_NETWORKS", default=[])

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "orbit.accounts.authentication.ApiKeyAuthentication",
        "orbit.accounts.authentication.SessionJwtAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["orbit.api.permissions.HasScope"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "orbit.api.auto_schema.OrbitSchema",
    "EXCEPTION_HANDLER": "orbit.api.errors.exception_handler",
    "UNAUTHENTICATED_USER": None,
}

LOG_LEVEL = env.str("LOG_LEVEL", default="INFO")
LOGGING = logging_of(LOG_LEVEL)
