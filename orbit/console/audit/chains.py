"""The audit's chains: the length of each, and the proof that its rows are unchanged."""

from __future__ import annotations

from django.contrib.auth.decorators import permission_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.views.decorators.http import require_POST

from orbit.accounts.audit import chain as audit_chain
from orbit.accounts.models import AuditHead, Organization
from orbit.console.pages import get_or_404, render

LONGEST = 20_000  # rows that a request may prove: about two seconds
SHOWN = 100


@permission_required("accounts.view_auditevent", raise_exception=True)
def page(request: HttpRequest) -> HttpResponse:
    """The longest chains. `?q=` finds others by the organisation's id or a part of its name."""
    text = request.GET.get("q", "").replace("\0", "")
    heads = _matching(text).order_by("-seq")[:SHOWN]
    names = dict(
        Organization.objects.filter(pk__in=[head.chain for head in heads]).values_list("pk", "name")
    )
    rows = [{"head": head, "name": names.get(head.chain, head.chain)} for head in heads]
    return render(request, "console/audit_chains.html", "Audit chains", rows=rows, text=text)


@require_POST
@permission_required("accounts.view_auditevent", raise_exception=True)
def prove(request: HttpRequest, chain: str) -> HttpResponse:
    """The fragment that says whether the chain holds."""
    head = get_or_404(AuditHead.objects.all(), chain)
    proof = audit_chain.verify(chain) if head.seq <= LONGEST else None
    return TemplateResponse(
        request,
        "console/fragments/chain_proof.html",
        {"head": head, "proof": proof, "most": LONGEST},
    )


def _matching(text: str) -> QuerySet[AuditHead]:
    heads = AuditHead.objects.all()
    if not text:
        return heads
    named = Organization.objects.filter(name__icontains=text).values_list("pk", flat=True)
    return heads.filter(chain__in=[text, *named[:SHOWN]])
