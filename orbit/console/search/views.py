"""The page that the search box of every page leads to."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from orbit.console.pages import render
from orbit.console.search import ids, kinds, terms
from orbit.ids import is_id


def page(request: HttpRequest) -> HttpResponse:
    """Query: `q`. An id leads to its page at once; anything else to all that it can mean, as far as
    the operator may see it."""
    term = terms.read(request)
    if is_id(term.text):
        if address := ids.page_of(term.text):
            return redirect(address)
        return _shown(request, term, is_unknown_id=True)
    return _shown(request, term, groups=kinds.look(request, term) if term.text else [])


def _shown(request: HttpRequest, term: terms.Term, **context: object) -> HttpResponse:
    return render(request, "console/search.html", "Search", term=term, **context)
