"""Settings that bound: rates, quotas, how long things may take and are kept."""

from __future__ import annotations

from orbit.environment import env

# --- API ---
API_RATE_LIMIT = env.str("API_RATE_LIMIT", default="1200/60")  # requests/seconds, a key or user
# CPU seconds/seconds that an organisation's requests may take in web processes, but for messages
# that were taken: room for the 1,200 reads of a minute of one key, a third of them at once. Bodies
# of more than 512 KB have as much again; one that takes longer rests in between.
API_CPU_LIMIT = env.str("API_CPU_LIMIT", default="2/24")
# Of an organisation: requests that wait for name servers or carriers, in each web process, and
# bodies of more than 512 KB that are read, in all of them
WAITING_REQUESTS_PER_ORGANIZATION = env.int("WAITING_REQUESTS_PER_ORGANIZATION", default=3)
UPLOADS_PER_ORGANIZATION = env.int("UPLOADS_PER_ORGANIZATION", default=1)
# messages/seconds that an organisation may post
MESSAGE_RATE_LIMIT = env.str("MESSAGE_RATE_LIMIT", default="1000/1")
# An address is locked until the window ends, an account slowed down to this rate.
LOGIN_RATE_LIMIT = env.str("LOGIN_RATE_LIMIT", default="10/300")
LOGIN_ADDRESS_DAYS = env.int("LOGIN_ADDRESS_DAYS", default=90)  # counted apart from strangers'
# Passkeys: how long what one has to sign is good, and how many a person may have
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
# Refused binds/seconds that people may cause by rotations and direct tests: for a carrier account;
# a caller, and an organisation; a carrier's host, by all tenants together.
REFUSED_BINDS_OF_CREDENTIAL = env.str("REFUSED_BINDS_OF_CREDENTIAL", default="5/900")
REFUSED_BINDS_OF_CALLER = env.str("REFUSED_BINDS_OF_CALLER", default="10/900")
REFUSED_BINDS_OF_HOST = env.str("REFUSED_BINDS_OF_HOST", default="20/900")
# Of one organisation: pushes/seconds, and seconds/seconds that they keep the gateway's other passes
# waiting (those beyond are left to beat): 12 are those 60 pushes of a fifth of a second, ten where
# a bind is down. Trial binds/seconds that ask why a bind is down, and how many of them at once.
PUSH_RATE_LIMIT = env.str("PUSH_RATE_LIMIT", default="60/60")
PASS_TIME_LIMIT = env.str("PASS_TIME_LIMIT", default="12/60")
# Credentials of one organisation that a push or beat changes in the gateway: the others wait for it
# meanwhile, a third of a second for so many. The rest comes with pushes behind those of others.
PASS_CREDENTIALS_PER_ORGANIZATION = env.int("PASS_CREDENTIALS_PER_ORGANIZATION", default=40)
DIAGNOSIS_RATE_LIMIT = env.str("DIAGNOSIS_RATE_LIMIT", default="60/60")
DIAGNOSIS_AT_ONCE = env.int("DIAGNOSIS_AT_ONCE", default=8)
# Test sends, in seconds: each look-up, connection, handshake and answer; the wait for the receipt.
CARRIER_TEST_STEP_TIMEOUT = env.int("CARRIER_TEST_STEP_TIMEOUT", default=10)
CARRIER_TEST_RECEIPT_TIMEOUT = env.int("CARRIER_TEST_RECEIPT_TIMEOUT", default=30)
# Of the PDUs of a test, as JSON: the carrier chooses how long they are.
CARRIER_TEST_TRACE_BYTES = env.int("CARRIER_TEST_TRACE_BYTES", default=262_144)
# Look-ups of names of one organisation at a time, in each process
DNS_LOOKUPS_PER_ORGANIZATION = env.int("DNS_LOOKUPS_PER_ORGANIZATION", default=8)
# Of the 32 threads that post events, how many post those of one organisation at a time
WEBHOOK_WORKERS_PER_ORGANIZATION = env.int("WEBHOOK_WORKERS_PER_ORGANIZATION", default=12)
# How long a message may wait for a carrier; how long for the first report after the gateway took it
# (the gateway gives up after 20 minutes); how long for its receipt (the gateway keeps it a day).
MESSAGE_VALIDITY_HOURS = env.int("MESSAGE_VALIDITY_HOURS", default=24)
MESSAGE_OUTCOME_TIMEOUT = env.int("MESSAGE_OUTCOME_TIMEOUT", default=1500)  # seconds
MESSAGE_RECEIPT_TIMEOUT_HOURS = env.float("MESSAGE_RECEIPT_TIMEOUT_HOURS", default=24)
# Automatic answers/seconds to one sender of texts, for each number and keyword
INBOUND_ANSWER_LIMIT = env.str("INBOUND_ANSWER_LIMIT", default="1/86400")
# Texts for an organisation's own platform: how long they wait for it, how many of one organisation
# (PDUs; with more the oldest are given up), and how many the gateway has at once.
ACCESS_DELIVERY_HOURS = env.int("ACCESS_DELIVERY_HOURS", default=72)
ACCESS_DELIVERIES_WAITING = env.int("ACCESS_DELIVERIES_WAITING", default=100_000)
ACCESS_DELIVERIES_AT_ONCE = env.int("ACCESS_DELIVERIES_AT_ONCE", default=200)

# --- Gateways ---
# What of an organisation counts where one is chosen: `connectors` or `throughput` (messages/s); and
# the most connectors that moves give to a gateway (0: no limit).
GATEWAY_PLACEMENT = env.str("GATEWAY_PLACEMENT", default="connectors")
GATEWAY_MOST_CONNECTORS = env.int("GATEWAY_MOST_CONNECTORS", default=3_000)
# Seconds after which a gateway that nobody has found up is evacuated; 0: only people do that.
GATEWAY_LOST_AFTER = env.int("GATEWAY_LOST_AFTER", default=0)
# How many organisations leave a gateway at once, and how many seconds each waits for its binds.
GATEWAY_MOVES_AT_ONCE = env.int("GATEWAY_MOVES_AT_ONCE", default=50)
GATEWAY_MOVE_PATIENCE = env.int("GATEWAY_MOVE_PATIENCE", default=15)
# Seconds that a drained gateway has for what it has, and the operator's command for its restart
GATEWAY_DRAIN_TIMEOUT = env.int("GATEWAY_DRAIN_TIMEOUT", default=90)
GATEWAY_RESTART_TIMEOUT = env.int("GATEWAY_RESTART_TIMEOUT", default=120)
GATEWAY_RESTART_COMMAND = env.str("GATEWAY_RESTART_COMMAND", default="")
# How long messages wait for the log of a gateway that can't be read, before they end as unknown
GATEWAY_LOG_PATIENCE_HOURS = env.float("GATEWAY_LOG_PATIENCE_HOURS", default=24)
# Rows of an answer of usage
USAGE_ROWS = env.int("USAGE_ROWS", default=10_000)
# Credentials of which /metrics tells one by one: about 30 series each
METRICS_CREDENTIALS = env.int("METRICS_CREDENTIALS", default=1_000)
# Below which percentage of messages that arrive a carrier is warned of, or critical; below how many
# messages nothing is said; seconds until a few messages try it again, doubled each time up to
# the second
QUALITY_WARN = env.float("QUALITY_WARN", default=85)
QUALITY_CRITICAL = env.float("QUALITY_CRITICAL", default=60)
QUALITY_SAMPLE = env.int("QUALITY_SAMPLE", default=30)
QUALITY_FIRST_PAUSE = env.int("QUALITY_FIRST_PAUSE", default=300)
QUALITY_LONGEST_PAUSE = env.int("QUALITY_LONGEST_PAUSE", default=14_400)
# Of what somebody is told: a bind that is down, or a gateway that is away, for so many seconds;
# messages that wait for so many; days before the end of our certificate at a carrier; percent of
# the disk that are free. At most so many causes at once.
NOTICE_BIND_DOWN = env.int("NOTICE_BIND_DOWN", default=45)
NOTICE_GATEWAY_AWAY = env.int("NOTICE_GATEWAY_AWAY", default=45)
NOTICE_QUEUE_AGE = env.int("NOTICE_QUEUE_AGE", default=300)
NOTICE_CERTIFICATE_DAYS = env.int("NOTICE_CERTIFICATE_DAYS", default=14)
NOTICE_DISK_FREE = env.int("NOTICE_DISK_FREE", default=10)
# Hours without a text of a phone (0: nobody is told), seconds in which a webhook only fails
NOTICE_INBOUND_HOURS = env.int("NOTICE_INBOUND_HOURS", default=0)
NOTICE_WEBHOOK_AGE = env.int("NOTICE_WEBHOOK_AGE", default=300)
NOTICES_AT_ONCE = env.int("NOTICES_AT_ONCE", default=200)
