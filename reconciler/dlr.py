"""The door at which Jasmin reports what became of a message: `POST /dlr/TOKEN`.

The token is unguessable and is all that counts; Jasmin's own names for users and connectors are
not looked at, so one organisation's receipt can't settle another's message. Every report that was
read is answered `ACK/Jasmin`, known or not: anything else makes Jasmin come again.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from messaging.carrier_tests import receipts as carrier_tests
from messaging.messages import receipts as messages
from messaging.messages.tokens import PREFIX

ACK = "ACK/Jasmin"
ANSWER, RECEIPT = 1, 2  # Jasmin's levels: the carrier's answer to the submit, its receipt


@csrf_exempt
@require_POST
def report(request: HttpRequest, token: str) -> HttpResponse:
    level = request.POST.get("level", "")
    status = request.POST.get("message_status", "")
    if level in (str(ANSWER), str(RECEIPT)) and status:
        nouns = messages if token.startswith(PREFIX) else carrier_tests
        nouns.receipt(
            token,
            level=int(level),
            status=_text(status),
            message_id=_text(request.POST.get("id_smsc", "")),
            error=_text(request.POST.get("err", "")),
        )
    return HttpResponse(ACK, content_type="text/plain")


def _text(value: str) -> str:
    """Carriers write what they like; a NUL would break the database's text."""
    return value.replace("\0", "")[:100]
