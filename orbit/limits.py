"""Settings that bound: rates, quotas, how long things may take and are kept."""

from __future__ import annotations

from orbit.environment import env

# --- API ---
API_RATE_LIMIT = env.str("API_RATE_LIMIT", default="1200/60")  # requests/seconds, a key or user
# CPU seconds/seconds of an organisation's requests in web processes, without accepted messages:
# enough for the 1,200 reads of a minute of one key, a third of them at once. Bodies of more than
# 512 KB have as much again; one that takes longer rests in between.
API_CPU_LIMIT = env.str("API_CPU_LIMIT", default="2/24")
# Per organisation: requests at a time that wait for name servers or carriers, in each web process,
# and uploads of more than 512 KB at a time, in all of them
WAITING_REQUESTS_PER_ORGANIZATION = env.int("WAITING_REQUESTS_PER_ORGANIZATION", default=3)
UPLOADS_PER_ORGANIZATION = env.int("UPLOADS_PER_ORGANIZATION", default=1)
# messages/seconds that an organisation may post
MESSAGE_RATE_LIMIT = env.str("MESSAGE_RATE_LIMIT", default="1000/1")
# Logins/seconds: then an address is locked until the window ends, and an account slowed down
LOGIN_RATE_LIMIT = env.str("LOGIN_RATE_LIMIT", default="10/300")
LOGIN_ADDRESS_DAYS = env.int("LOGIN_ADDRESS_DAYS", default=90)  # an address stays known for so long
# Passkeys: how long a challenge is valid, and how many a person may have
PASSKEY_CHALLENGE_SECONDS = env.int("PASSKEY_CHALLENGE_SECONDS", default=300)
PASSKEYS_PER_PERSON = env.int("PASSKEYS_PER_PERSON", default=20)
# invitations/seconds of an organisation: each is a mail to whomever it names
INVITATION_RATE_LIMIT = env.str("INVITATION_RATE_LIMIT", default="30/3600")
# Bytes of an upload of recipients: 160 for each of 100,000
RECIPIENTS_MAX_BYTES = env.int("RECIPIENTS_MAX_BYTES", default=16_777_216)
# How many of each an organisation may have (`manage.py quota` gives one another limit).
QUOTA_CREDENTIALS = env.int("QUOTA_CREDENTIALS", default=1_000)
QUOTA_CARRIERS = env.int("QUOTA_CARRIERS", default=2_000)
QUOTA_SENDER_POOLS = env.int("QUOTA_SENDER_POOLS", default=500)
QUOTA_POOL_MEMBERS = env.int("QUOTA_POOL_MEMBERS", default=20_000)
QUOTA_MEMBERS = env.int("QUOTA_MEMBERS", default=500)
QUOTA_CAMPAIGNS = env.int("QUOTA_CAMPAIGNS", default=500)
QUOTA_WEBHOOKS = env.int("QUOTA_WEBHOOKS", default=100)
QUOTA_NOTICE_RECIPIENTS = env.int("QUOTA_NOTICE_RECIPIENTS", default=10)
QUOTA_NOTICE_SILENCES = env.int("QUOTA_NOTICE_SILENCES", default=20)
QUOTA_NUMBERS = env.int("QUOTA_NUMBERS", default=1_000)
QUOTA_OPT_OUTS = env.int("QUOTA_OPT_OUTS", default=2_000_000)
QUOTA_API_KEYS = env.int("QUOTA_API_KEYS", default=500)
QUOTA_CARRIER_TESTS = env.int("QUOTA_CARRIER_TESTS", default=8)
QUOTA_STORED_BYTES = env.int("QUOTA_STORED_BYTES", default=2_000_000_000)

# --- How long things are kept ---
RETENTION_IDEMPOTENCY_HOURS = env.int("RETENTION_IDEMPOTENCY_HOURS", default=24)
RUN_CHANGES_KEPT = env.int("RUN_CHANGES_KEPT", default=1_000)  # of one pass, in its row
RETENTION_RUNS_DAYS = env.int("RETENTION_RUNS_DAYS", default=30)
RETENTION_MESSAGES_DAYS = env.int("RETENTION_MESSAGES_DAYS", default=30)
RETENTION_USAGE_DAYS = env.int("RETENTION_USAGE_DAYS", default=90)

# --- Carriers and messages ---
# Refused binds/seconds that people may cause by rotations and direct tests: per carrier account;
# per caller and per organisation; per carrier host, all organisations together
REFUSED_BINDS_OF_CREDENTIAL = env.str("REFUSED_BINDS_OF_CREDENTIAL", default="5/900")
REFUSED_BINDS_OF_CALLER = env.str("REFUSED_BINDS_OF_CALLER", default="10/900")
REFUSED_BINDS_OF_HOST = env.str("REFUSED_BINDS_OF_HOST", default="20/900")
# Per organisation: pushes/seconds, and seconds/seconds that its pushes may keep the gateway's other
# passes waiting; the rest is left to beat. 12 s are 60 pushes of a fifth of a second, or ten with a
# bind that is down. Then trial binds/seconds that ask why a bind is down, and how many at once.
PUSH_RATE_LIMIT = env.str("PUSH_RATE_LIMIT", default="60/60")
PASS_TIME_LIMIT = env.str("PASS_TIME_LIMIT", default="12/60")
# Credentials of one organisation that one pass changes in the gateway, which takes about a third of
# a second; other organisations wait meanwhile. The rest follows with pushes queued behind theirs.
PASS_CREDENTIALS_PER_ORGANIZATION = env.int("PASS_CREDENTIALS_PER_ORGANIZATION", default=40)
DIAGNOSIS_RATE_LIMIT = env.str("DIAGNOSIS_RATE_LIMIT", default="60/60")
DIAGNOSIS_AT_ONCE = env.int("DIAGNOSIS_AT_ONCE", default=8)
# Test sends, in seconds: each step (look-up, connection, handshake, answer), and the receipt
CARRIER_TEST_STEP_TIMEOUT = env.int("CARRIER_TEST_STEP_TIMEOUT", default=10)
CARRIER_TEST_RECEIPT_TIMEOUT = env.int("CARRIER_TEST_RECEIPT_TIMEOUT", default=30)
# Bytes of a test's PDUs as JSON, whose length the carrier chooses
CARRIER_TEST_TRACE_BYTES = env.int("CARRIER_TEST_TRACE_BYTES", default=262_144)
# DNS look-ups of one organisation at a time, in each process
DNS_LOOKUPS_PER_ORGANIZATION = env.int("DNS_LOOKUPS_PER_ORGANIZATION", default=8)
# How many of the 32 webhook threads one organisation may use at a time
WEBHOOK_WORKERS_PER_ORGANIZATION = env.int("WEBHOOK_WORKERS_PER_ORGANIZATION", default=12)
# How long a message waits for a carrier; for the gateway's first report (the gateway gives up after
# 20 minutes); and for its receipt (the gateway keeps it a day)
MESSAGE_VALIDITY_HOURS = env.int("MESSAGE_VALIDITY_HOURS", default=24)
MESSAGE_OUTCOME_TIMEOUT = env.int("MESSAGE_OUTCOME_TIMEOUT", default=1500)  # seconds
MESSAGE_RECEIPT_TIMEOUT_HOURS = env.float("MESSAGE_RECEIPT_TIMEOUT_HOURS", default=24)
# Automatic answers/seconds to one sender of texts, for each number and keyword
INBOUND_ANSWER_LIMIT = env.str("INBOUND_ANSWER_LIMIT", default="1/86400")
# Inbound texts for an organisation's own platform: hours that they wait; PDUs of one organisation
# that may wait (then the oldest expire); PDUs that the gateway has at once
ACCESS_DELIVERY_HOURS = env.int("ACCESS_DELIVERY_HOURS", default=72)
ACCESS_DELIVERIES_WAITING = env.int("ACCESS_DELIVERIES_WAITING", default=100_000)
ACCESS_DELIVERIES_AT_ONCE = env.int("ACCESS_DELIVERIES_AT_ONCE", default=200)

# --- Gateways ---
# The load by which a gateway is chosen for an organisation: `connectors` or `throughput`
# (messages/s); and the most connectors that moves give to a gateway (0: no limit)
GATEWAY_PLACEMENT = env.str("GATEWAY_PLACEMENT", default="connectors")
GATEWAY_MOST_CONNECTORS = env.int("GATEWAY_MOST_CONNECTORS", default=3_000)
# Seconds after which a gateway that is down is evacuated by itself; 0: only an operator does it
GATEWAY_LOST_AFTER = env.int("GATEWAY_LOST_AFTER", default=0)
# Organisations that leave a gateway at once, and seconds that each waits for its binds
GATEWAY_MOVES_AT_ONCE = env.int("GATEWAY_MOVES_AT_ONCE", default=50)
GATEWAY_MOVE_PATIENCE = env.int("GATEWAY_MOVE_PATIENCE", default=15)
# Seconds that a drained gateway has to finish its messages, and to restart; the command that
# restarts it
GATEWAY_DRAIN_TIMEOUT = env.int("GATEWAY_DRAIN_TIMEOUT", default=90)
GATEWAY_RESTART_TIMEOUT = env.int("GATEWAY_RESTART_TIMEOUT", default=120)
GATEWAY_RESTART_COMMAND = env.str("GATEWAY_RESTART_COMMAND", default="")
# Hours that messages wait for the log of an unreadable gateway before they end as unknown
GATEWAY_LOG_PATIENCE_HOURS = env.float("GATEWAY_LOG_PATIENCE_HOURS", default=24)
# Rows that an answer of /v1/usage may have
USAGE_ROWS = env.int("USAGE_ROWS", default=10_000)
# Credentials that /metrics shows one by one, with about 30 series each
METRICS_CREDENTIALS = env.int("METRICS_CREDENTIALS", default=1_000)
# Percent of messages delivered below which a carrier is `warn` and `critical`; messages below which
# nothing is decided; seconds until a demoted carrier is probed, doubled each time up to the last
QUALITY_WARN = env.float("QUALITY_WARN", default=85)
QUALITY_CRITICAL = env.float("QUALITY_CRITICAL", default=60)
QUALITY_SAMPLE = env.int("QUALITY_SAMPLE", default=30)
QUALITY_FIRST_PAUSE = env.int("QUALITY_FIRST_PAUSE", default=300)
QUALITY_LONGEST_PAUSE = env.int("QUALITY_LONGEST_PAUSE", default=14_400)
# Thresholds of notices: seconds that a bind is down, a gateway is down, the oldest message waits;
# days before a client certificate, or an API key in use, ends; percent of free disk. At most so
# many incidents at once.
NOTICE_BIND_DOWN = env.int("NOTICE_BIND_DOWN", default=45)
NOTICE_GATEWAY_AWAY = env.int("NOTICE_GATEWAY_AWAY", default=45)
NOTICE_QUEUE_AGE = env.int("NOTICE_QUEUE_AGE", default=300)
NOTICE_CERTIFICATE_DAYS = env.int("NOTICE_CERTIFICATE_DAYS", default=14)
NOTICE_KEY_DAYS = env.int("NOTICE_KEY_DAYS", default=7)
NOTICE_DISK_FREE = env.int("NOTICE_DISK_FREE", default=10)
# Hours without an inbound text (0: no notice); seconds for which a webhook refuses everything
NOTICE_INBOUND_HOURS = env.int("NOTICE_INBOUND_HOURS", default=0)
NOTICE_WEBHOOK_AGE = env.int("NOTICE_WEBHOOK_AGE", default=300)
# Seconds without an answer of the database; percent of a connector's answers between two rounds
# that are throttled, or come after 2.5 s
NOTICE_DATABASE_AWAY = env.int("NOTICE_DATABASE_AWAY", default=20)
NOTICE_THROTTLED = env.int("NOTICE_THROTTLED", default=10)
NOTICE_SLOW = env.int("NOTICE_SLOW", default=5)
NOTICES_AT_ONCE = env.int("NOTICES_AT_ONCE", default=200)
# Live traces: how many minutes one may last (the gateway ends each after 15), how many octets of
# PDUs the site has of it, and for how many minutes after its end
TRACE_MINUTES = env.int("TRACE_MINUTES", default=10)
TRACE_OCTETS = env.int("TRACE_OCTETS", default=2_000_000)
TRACE_KEPT_MINUTES = env.int("TRACE_KEPT_MINUTES", default=60)
