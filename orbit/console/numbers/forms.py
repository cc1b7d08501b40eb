"""The form of a number: where its texts go, and what answers those without a keyword."""

from __future__ import annotations

from unfold.widgets import UnfoldAdminTextareaWidget

from messaging.own_numbers.models import Route
from messaging.own_numbers.serializers import NumberSerializer
from orbit.console.form_fields import choice, text
from orbit.console.forms import ChangeForm

_ROUTES = (
    (Route.WEBHOOK, "To webhooks"),
    (Route.ACCESS, "To the organisation's own platform, on its platform bind"),
    (Route.BOTH, "To both"),
)


class NumberForm(ChangeForm):
    """What an operator changes of a number. Its keywords are the organisation's own affair."""

    serializer = NumberSerializer

    route = choice("Its texts go", _ROUTES)
    webhook_url = text(
        "Webhook of its own",
        "Gets its texts, and no other webhook does. Empty: the organisation's webhooks.",
        empty_value=None,
    )
    default_answer = text(
        "Answer to texts without a keyword",
        "At most 10 segments. Empty: none.",
        empty_value=None,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
    )
