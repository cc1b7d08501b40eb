"""The colour of each state's label. A label always has a word too, never a colour alone."""

from __future__ import annotations

from collections.abc import Mapping

from messaging.campaigns.models import CampaignStatus
from messaging.carrier_tests.models import TestStatus
from messaging.carriers.demotions import Level
from messaging.credentials.models import BindState, SyncState
from messaging.messages.models import MessageStatus
from messaging.notices.models import NoticeState
from messaging.receipts.models import StrayKind
from messaging.webhooks.models import DeliveryStatus
from reconciler.models import GatewayMode, GatewayState, RunState

GOOD, BAD, WAITING, QUIET, DOUBTFUL = "success", "danger", "info", "default", "warning"

BIND_COLOURS: Mapping[str, str] = {
    BindState.BOUND: GOOD,
    BindState.BINDING: WAITING,
    BindState.UNBOUND: BAD,
    BindState.DISABLED: QUIET,
    BindState.UNKNOWN: DOUBTFUL,
}
SYNC_COLOURS: Mapping[str, str] = {
    SyncState.SYNCED: GOOD,
    SyncState.PENDING: WAITING,
    SyncState.ERROR: BAD,
}
GATEWAY_COLOURS: Mapping[str, str] = {
    GatewayState.UP: GOOD,
    GatewayState.DOWN: BAD,
    GatewayState.UNKNOWN: DOUBTFUL,
}
MODE_COLOURS: Mapping[str, str] = {
    GatewayMode.ACTIVE: GOOD,
    GatewayMode.DRAINING: WAITING,
    GatewayMode.LOST: BAD,
}
RUN_COLOURS: Mapping[str, str] = {
    RunState.APPLIED: GOOD,
    RunState.RUNNING: WAITING,
    RunState.FAILED: BAD,
    RunState.UNSAFE: DOUBTFUL,
    RunState.DIED: BAD,
}
HEALTH_COLOURS: Mapping[str, str] = {"ok": GOOD, "degraded": DOUBTFUL, "down": BAD}
TEST_COLOURS: Mapping[str, str] = {
    TestStatus.QUEUED: QUIET,
    TestStatus.RUNNING: WAITING,
    TestStatus.SUBMITTED: WAITING,
    TestStatus.DELIVERED: GOOD,
    TestStatus.UNDELIVERED: BAD,
    TestStatus.NO_RECEIPT: DOUBTFUL,
    TestStatus.FAILED: BAD,
}
MESSAGE_COLOURS: Mapping[str, str] = {
    MessageStatus.QUEUED: QUIET,
    MessageStatus.SENDING: WAITING,
    MessageStatus.SENT: WAITING,
    MessageStatus.DELIVERED: GOOD,
    MessageStatus.UNDELIVERED: BAD,
    MessageStatus.EXPIRED: BAD,
    MessageStatus.FAILED: BAD,
    MessageStatus.SUBMITTED_NO_RECEIPT: DOUBTFUL,
}
STRAY_COLOURS: Mapping[str, str] = {
    StrayKind.UNMATCHED: DOUBTFUL,
    StrayKind.UNKNOWN_FORM: DOUBTFUL,
    StrayKind.EARLY: WAITING,
    StrayKind.FAULT: BAD,
}
CAMPAIGN_COLOURS: Mapping[str, str] = {
    CampaignStatus.DRAFT: QUIET,
    CampaignStatus.SCHEDULED: WAITING,
    CampaignStatus.SENDING: WAITING,
    CampaignStatus.PAUSED: DOUBTFUL,
    CampaignStatus.COMPLETED: GOOD,
    CampaignStatus.CANCELLED: QUIET,
}
DELIVERY_COLOURS: Mapping[str, str] = {
    DeliveryStatus.PENDING: WAITING,
    DeliveryStatus.DELIVERED: GOOD,
    DeliveryStatus.DEAD: BAD,
}
OUTCOME_COLOURS: Mapping[str, str] = {
    "ok": GOOD,
    "done": GOOD,
    "refused": DOUBTFUL,
    "failed": BAD,
    "in_sync": GOOD,
    "applied": GOOD,
    "planned": WAITING,
    "unsafe": DOUBTFUL,
    "down": BAD,
    "busy": WAITING,
}
NOTICE_COLOURS: Mapping[str, str] = {NoticeState.OPEN: BAD, NoticeState.CLOSED: QUIET}
LEVEL_COLOURS: Mapping[str, str] = {
    Level.HEALTHY: GOOD,
    Level.WARN: DOUBTFUL,
    Level.CRITICAL: BAD,
}
# No word has two colours, so one table serves all states.
COLOURS: Mapping[str, str] = {
    **BIND_COLOURS,
    **SYNC_COLOURS,
    **GATEWAY_COLOURS,
    **MODE_COLOURS,
    **HEALTH_COLOURS,
    **RUN_COLOURS,
    **TEST_COLOURS,
    **MESSAGE_COLOURS,
    **STRAY_COLOURS,
    **CAMPAIGN_COLOURS,
    **DELIVERY_COLOURS,
    **OUTCOME_COLOURS,
    **LEVEL_COLOURS,
    **NOTICE_COLOURS,
}
