"""Registers this app's retention jobs, health checks, metrics and error codes at start-up."""

from __future__ import annotations

from celery import signals

from messaging.campaigns.retention import prune_campaign_messages, prune_recipients
from messaging.carrier_tests.retention import prune_tests
from messaging.credentials.retention import prune_bind_attempts
from messaging.inbound import arrival
from messaging.inbound.retention import prune_inbound
from messaging.messages.error_codes import OUTCOMES
from messaging.messages.feedback import prune_feedback
from messaging.messages.metrics import MessageCollector
from messaging.messages.retention import prune_messages
from messaging.notices import conditions, database_watch, delivery_conditions, sources
from messaging.notices.decisions import Kind
from messaging.notices.retention import prune_notices
from messaging.opt_out_texts import reading
from messaging.opt_out_texts.retention import prune_near_misses
from messaging.opt_outs.metrics import OptOutCollector
from messaging.opt_outs.retention import prune_confirmations
from messaging.pools.counters.health import sender_turns
from messaging.pools.retention import prune_sticky_senders
from messaging.quality.retention import prune_counts
from messaging.receipts.metrics import StrayCollector
from messaging.receipts.retention import prune_parts, prune_strays
from messaging.usage.retention import prune_usage
from messaging.usage.totals import prune_totals
from messaging.webhooks.metrics import WebhookCollector
from messaging.webhooks.retention import prune_events
from orbit.api import resource_error_codes
from orbit.operations import health, metrics, retention

retention.register("bind_attempts", prune_bind_attempts)
retention.register("campaign_messages", prune_campaign_messages)
retention.register("campaign_recipients", prune_recipients)
retention.register("carrier_tests", prune_tests)
retention.register("messages", prune_messages)
retention.register("parts", prune_parts)
retention.register("inbound", prune_inbound)
retention.register("stray_receipts", prune_strays)
retention.register("near_misses", prune_near_misses)
retention.register("opt_out_confirmations", prune_confirmations)
retention.register("sticky_senders", prune_sticky_senders)
retention.register("webhook_events", prune_events)
retention.register("usage", prune_usage)
retention.register("credential_totals", prune_totals)
retention.register("notices", prune_notices)
retention.register("quality_counts", prune_counts)
retention.register("message_feedback", prune_feedback)
health.register("sender_turns", sender_turns)
resource_error_codes.register(OUTCOMES)
arrival.register(reading.read)
metrics.register(MessageCollector())
metrics.register(StrayCollector())
metrics.register(WebhookCollector())
metrics.register(OptOutCollector())
signals.beat_init.connect(database_watch.start, weak=False)
sources.register(Kind.BIND, conditions.binds)
sources.register(Kind.DELIVERY, delivery_conditions.delivery)
sources.register(Kind.QUEUE, conditions.queue)
sources.register(Kind.CERTIFICATE, conditions.certificates)
sources.register(Kind.KEY, conditions.keys)
sources.register(Kind.INBOUND, conditions.inbound)
sources.register(Kind.WEBHOOK, conditions.webhooks)
sources.register(Kind.DISK, conditions.disk)
