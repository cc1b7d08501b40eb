"""The routes of webhooks, their deliveries and the organisation's own secret."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from rest_framework.response import Response

from messaging.one_time_reveal import NO_STORE
from messaging.webhooks import documentation, endpoints, rotation, services
from messaging.webhooks.models import Delivery, Webhook
from messaging.webhooks.representation import (
    delivery_for,
    key_tag,
    represent,
    represent_delivery,
    represent_key,
    tag,
    with_secret,
)
from messaging.webhooks.selectors import (
    deliveries_of,
    find,
    find_delivery,
    lock,
    lock_own,
    own_secret,
    visible,
)
from messaging.webhooks.serializers import (
    DeliveryQuery,
    RotateSecretSerializer,
    WebhookSerializer,
)
from orbit.api.etags import check_if_match
from orbit.api.pagination import paginate
from orbit.api.query_params import ListQuery
from orbit.api.serializers import StrictSerializer
from orbit.api.views import ApiView

READ, WRITE = "webhooks:read", "webhooks:write"


class WebhookView(ApiView):
    """Base of the routes of one webhook: finds it, and checks If-Match."""

    def find(self, webhook_id: str) -> Webhook:
        return find(organization=self.caller.organization, webhook_id=webhook_id)

    def lock(self, webhook_id: str) -> Webhook:
        """The webhook, locked until the transaction ends, in the version that If-Match names."""
        webhook = lock(organization=self.caller.organization, webhook_id=webhook_id)
        check_if_match(self.request, tag(webhook))
        return webhook


class WebhooksView(ApiView):
    scopes = {"GET": READ, "POST": WRITE}
    query = {"GET": ListQuery}

    @documentation.listing
    def get(self, request: Any) -> Response:
        return paginate(self, visible(self.caller.organization), represent)

    def prepare(self, request: Any) -> dict[str, Any]:
        fields = self.read(WebhookSerializer)
        endpoints.check(fields["url"], owner=self.caller.organization.pk)
        return fields

    @documentation.create
    def post(self, request: Any) -> Response:
        caller = self.caller
        webhook = services.create(
            by=caller.actor, organization=caller.organization, fields=self.prepared
        )
        return self.created(
            with_secret(represent(webhook), webhook),
            location=f"{request.path.rstrip('/')}/{webhook.id}",
            etag=tag(webhook),
            headers=NO_STORE,
        )


class WebhookDetailView(WebhookView):
    scopes = {"GET": READ, "PUT": WRITE, "DELETE": WRITE}

    @documentation.get
    def get(self, request: Any, webhook_id: str) -> Response:
        webhook = self.find(webhook_id)
        return self.ok(represent(webhook), etag=tag(webhook))

    def prepare(self, request: Any, webhook_id: str) -> dict[str, Any] | None:
        if request.method != "PUT":
            return None
        webhook = self.find(webhook_id)
        check_if_match(request, tag(webhook))
        fields = self.read(WebhookSerializer)
        endpoints.check(fields["url"], owner=self.caller.organization.pk)
        return fields

    @documentation.replace
    def put(self, request: Any, webhook_id: str) -> Response:
        webhook = self.lock(webhook_id)
        services.replace(by=self.caller.actor, webhook=webhook, fields=self.prepared)
        return self.ok(represent(webhook), etag=tag(webhook))

    @documentation.delete
    def delete(self, request: Any, webhook_id: str) -> Response:
        services.delete(by=self.caller.actor, webhook=self.lock(webhook_id))
        return self.no_content()


class WebhookTestView(WebhookView):
    scopes = {"POST": WRITE}

    @documentation.test
    def post(self, request: Any, webhook_id: str) -> Response:
        self.read(StrictSerializer)
        delivery = services.test(by=self.caller.actor, webhook=self.lock(webhook_id))
        return self.accepted(represent_delivery(delivery))


class DeliveriesView(WebhookView):
    scopes = {"GET": READ}
    query = {"GET": DeliveryQuery}

    @documentation.deliveries
    def get(self, request: Any, webhook_id: str) -> Response:
        webhook = self.find(webhook_id)
        represented = delivery_for(self.caller.scopes)
        return paginate(self, _matching(webhook, self.params), represented)


class RedeliverView(WebhookView):
    scopes = {"POST": WRITE}

    @documentation.redeliver
    def post(self, request: Any, webhook_id: str, delivery_id: str) -> Response:
        self.read(StrictSerializer)
        webhook = self.find(webhook_id)
        delivery = find_delivery(webhook, delivery_id)
        again = services.redeliver(by=self.caller.actor, webhook=webhook, delivery=delivery)
        return self.accepted(delivery_for(self.caller.scopes)(again))


class RotateSecretView(WebhookView):
    scopes = {"POST": WRITE}

    @documentation.rotate
    def post(self, request: Any, webhook_id: str) -> Response:
        order = self.read(RotateSecretSerializer)
        webhook = self.lock(webhook_id)
        rotation.rotate_webhook(by=self.caller.actor, webhook=webhook, **order)
        data = with_secret(represent(webhook), webhook)
        return self.ok(data, etag=tag(webhook), headers=NO_STORE)


class OwnSecretView(ApiView):
    scopes = {"GET": READ}

    @documentation.own_secret
    def get(self, request: Any) -> Response:
        key = own_secret(self.caller.organization)
        return self.ok(represent_key(key), etag=key_tag(key))


class RotateOwnSecretView(ApiView):
    scopes = {"POST": WRITE}

    @documentation.rotate_own
    def post(self, request: Any) -> Response:
        order = self.read(RotateSecretSerializer)
        organization = self.caller.organization
        key = lock_own(organization)
        check_if_match(request, key_tag(key))
        key = rotation.rotate_own(by=self.caller.actor, organization=organization, key=key, **order)
        return self.ok(with_secret(represent_key(key), key), etag=key_tag(key), headers=NO_STORE)


def _matching(webhook: Webhook, params: dict[str, Any]) -> QuerySet[Delivery]:
    deliveries = deliveries_of(webhook)
    if "status" in params:
        deliveries = deliveries.filter(status=params["status"])
    if "event_type" in params:
        deliveries = deliveries.filter(
            event__type=params["event_type"], event__organization=webhook.organization_id
        )
    return deliveries
