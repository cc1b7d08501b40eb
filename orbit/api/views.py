"""`ApiView`, the base class of all views under /v1."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any, ClassVar

from django.db.models import Model, QuerySet
from django.http import HttpResponseBase
from rest_framework.exceptions import MethodNotAllowed
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response
from rest_framework.views import APIView

from orbit.api import cpu_limits, envelope, message_limits, throttling, transactions, waiting
from orbit.api.errors import ApiError, exception_handler, not_found
from orbit.api.parsers.strict_json import StrictJSONParser
from orbit.api.permissions import HasScope
from orbit.api.query_params import NoQuery, QuerySerializer, read_query
from orbit.api.request_body import content_length, has_long_body
from orbit.api.serializers import StrictSerializer

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class OneRenderer(BaseContentNegotiation):
    """Every answer is of the view's one type (JSON under /v1), whatever Accept asks for."""

    def select_parser(self, request, parsers):
        # A POST with no body often has no Content-Type, or a client's default one.
        if content_length(request) == 0:
            return parsers[0]
        main = (request.content_type or "").partition(";")[0].strip().lower()
        return next((parser for parser in parsers if parser.media_type == main), None)

    def select_renderer(self, request, renderers, format_suffix=None):
        return renderers[0], renderers[0].media_type


class ApiView(APIView):
    """A view under /v1: authentication, throttle, rights and query string, then the handler.

    Handlers (`get(self, request, **kwargs)` …) answer with `ok`, `created`, `accepted`,
    `no_content`, or raise `ApiError`. Handlers of POST, PUT, PATCH and DELETE run in one
    transaction with the stored idempotent answer; slow work (a trial bind) goes into `prepare`,
    which runs before it and leaves its result in `self.prepared`.
    """

    scopes: ClassVar[Mapping[str, str]] = {}  # method -> scope; ANY_CALLER asks for none
    query: ClassVar[Mapping[str, type[QuerySerializer]]] = {}  # method -> parameters it takes
    audited_refusals: ClassVar[Mapping[str, str]] = {}  # method -> audit action of a 403
    operators_only: ClassVar[bool] = False  # other callers get 404
    organization_required: ClassVar[bool] = True
    idempotent: ClassVar[bool] = True  # False: Idempotency-Key is ignored
    personal_path: ClassVar[bool] = False  # True: its path has the number of a person
    writes_one_row: ClassVar[bool] = False  # handlers write in one statement, their last
    safe_methods_write: ClassVar[bool] = False  # GET runs in a transaction; HEAD is 405
    max_body_bytes: ClassVar[int] = 1024 * 1024
    max_values: ClassVar[int | None] = None  # in lists and objects of the body
    messages: ClassVar[Mapping[str, int]] = {}  # method -> messages in a request

    # `authentication_classes` are the default of settings.REST_FRAMEWORK.
    permission_classes = [HasScope]
    throttle_classes: ClassVar[list] = []  # initial() counts, refused requests too
    renderer_classes = [JSONRenderer]
    parser_classes = [StrictJSONParser]
    content_negotiation_class = OneRenderer

    params: dict[str, Any]
    prepared: Any = None

    # --- for subclasses ---

    @property
    def caller(self) -> Any:
        """The `orbit.accounts.callers.Caller` that authentication found."""
        return self.request.user

    def prepare(self, request: Any, **kwargs: Any) -> Any:
        """Slow work before the transaction of a handler that writes; gives `self.prepared`."""

    def read(
        self, serializer_class: type[StrictSerializer], *, partial: bool = False
    ) -> dict[str, Any]:
        """Return the body, checked. Raises 422."""
        return serializer_class.shared(partial=partial).checked(self.request.data)

    def one(self, queryset: QuerySet, **lookup: Any) -> Model:
        """Return the row, or raise `not_found`."""
        if any("\0" in value for value in lookup.values() if isinstance(value, str)):
            raise not_found()  # PostgreSQL refuses NUL in a parameter
        row = queryset.filter(**lookup).first()
        if row is None:
            raise not_found()
        return row

    def ok(
        self, data: Any, *, etag: str | None = None, headers: Mapping[str, str] | None = None
    ) -> Response:
        return self._answer(200, data, etag=etag, headers=headers)

    def created(
        self,
        data: Any,
        *,
        location: str,
        etag: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        return self._answer(201, data, etag=etag, headers={**(headers or {}), "Location": location})

    def accepted(
        self, data: Any, *, location: str | None = None, etag: str | None = None
    ) -> Response:
        headers = {"Location": location} if location else None
        return self._answer(202, data, etag=etag, headers=headers)

    def no_content(self) -> Response:
        return Response(status=204)

    # --- the course of a request ---

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.args, self.kwargs = args, kwargs
        self.request = request = self.initialize_request(request, *args, **kwargs)
        self.headers = self.default_response_headers
        try:
            self.initial(request, *args, **kwargs)
            handler = self.handler_for(request)
            if handler is None:
                raise MethodNotAllowed(request.method)
            with self._place_of_body(request):
                response = transactions.run_handler(self, request, handler, kwargs)
        except Exception as exc:
            response = self.handle_exception(exc)
        self.response = self.finalize_response(request, response, *args, **kwargs)
        return self.response

    def initial(self, request: Any, *args: Any, **kwargs: Any) -> None:
        self.format_kwarg = None
        request.accepted_renderer, request.accepted_media_type = self.perform_content_negotiation(
            request
        )
        self._authenticate_and_count(request)
        if self._refusal:
            self._audit_refusal(self._refusal)
            raise self._refusal
        self._check_size(request)
        self.count_messages(request)

    def count_messages(self, request: Any) -> None:
        """Count messages by what the body says (a batch), unlike `messages`."""

    def read_params(self, request: Any) -> None:
        """Fill `self.params` from the query string, or raise 422."""
        method = "GET" if request.method == "HEAD" else request.method
        self.params = read_query(request, self.query.get(method, NoQuery))

    def handler_for(self, request: Any) -> Callable[..., Response] | None:
        """The method of this view for the HTTP method, None if there is none (405)."""
        method = request.method.lower()
        if method not in self.http_method_names:
            return None
        if method == "head" and self.safe_methods_write:
            return None
        return getattr(self, method, None)

    @property
    def default_response_headers(self) -> dict[str, str]:
        """No headers: DRF's `Allow` on a 404 would tell a hidden path from an unknown one."""
        return {}

    def options(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        return Response(status=204, headers={"Allow": ", ".join(self.allowed_methods)})

    @property
    def allowed_methods(self) -> list[str]:
        names = super().allowed_methods
        return [name for name in names if name != "HEAD" or not self.safe_methods_write]

    def writes(self, request: Any) -> bool:
        if request.method == "GET":
            return self.safe_methods_write
        return request.method not in SAFE_METHODS

    def rendered(self, response: Response) -> Response:
        """Render the response, so that its bytes can be stored."""
        self.finalize_response(self.request, response)
        return response.render()

    def handle_exception(self, exc: Exception) -> Response:
        response = exception_handler(exc, self.get_exception_handler_context())
        response.exception = True
        if response.status_code == 405:
            response["Allow"] = ", ".join(self.allowed_methods)
        return response

    def _answer(
        self,
        status: int,
        data: Any,
        *,
        etag: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        headers = {**(headers or {}), **({"ETag": etag} if etag else {})}
        return Response(envelope.success(self.request, data), status=status, headers=headers)

    def _place_of_body(self, request: Any) -> AbstractContextManager[None]:
        """Long bodies of an organisation are read one after the other."""
        caller = request.user
        if not has_long_body(request) or not (caller and caller.organization):
            return nullcontext()
        return waiting.for_body(caller.organization.pk)

    def _authenticate_and_count(self, request: Any) -> None:
        try:
            caller = request.user
        except ApiError:
            throttling.count_address(request)
            raise
        request._request.caller = caller
        self._refusal = self._refused(request)
        if caller is None:
            throttling.count_address(request)
            return
        self._count(request, caller, 0 if self._refusal else self.messages.get(request.method, 0))

    def _count(self, request: Any, caller: Any, messages: int) -> None:
        """Count the request, and its messages unless it is refused; raises 429."""
        owner = caller.organization.pk if caller.organization else None
        over_time = cpu_limits.refusal(request, owner) if owner else None
        takes = bool(messages) and over_time is None
        bucket = message_limits.bucket_of(owner, messages) if takes else None
        spent = throttling.count(request, caller.identity, bucket=bucket)
        if over_time:
            raise over_time
        if owner:
            cpu_limits.charge_to(request, owner)
        if bucket:
            message_limits.note(request, bucket, spent)

    def _refused(self, request: Any) -> ApiError | None:
        """The refusal if the caller lacks the right; it is raised after the request was counted."""
        try:
            self.check_permissions(request)
        except ApiError as refusal:
            return refusal
        return None

    def _audit_refusal(self, refusal: ApiError) -> None:
        action = self.audited_refusals.get(self.request.method)
        caller = self.request.user
        if action and caller and caller.organization and refusal.status == 403:
            # A route without an id is about the organisation itself.
            target = next(iter(self.kwargs.values()), caller.organization.pk)
            caller.audit_refusal(action, target=target, detail=refusal.message)

    def _check_size(self, request: Any) -> None:
        if request.META.get("HTTP_TRANSFER_ENCODING"):
            # Django reads such a body as empty, and an empty body has a meaning (rotate).
            raise ApiError("VALIDATION_ERROR", "Send Content-Length with the body.", status=400)
        if content_length(request) > self.max_body_bytes:
            limit = self.max_body_bytes
            raise ApiError(
                "VALIDATION_ERROR", f"The body is larger than {limit} bytes.", status=400
            )
