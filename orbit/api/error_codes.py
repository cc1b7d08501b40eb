"""Every error code: its status, what it means, and what to do about it.

`/docs/errors/CODE` shows these rows; `ApiError` refuses a code that has none.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ErrorCode:
    """One code. The first of `statuses` is the one that `ApiError` takes unless told."""

    code: str
    statuses: tuple[int, ...]
    title: str
    meaning: str
    remedy: str

    @property
    def status(self) -> int:
        return self.statuses[0]


_CODES = (
    ErrorCode(
        "INVALID_CURSOR",
        (400,),
        "The cursor does not belong here",
        "The cursor is damaged, or it was made by a list with other filters or for another caller.",
        "Start again without a cursor, and send each cursor back with the filters it came with.",
    ),
    ErrorCode(
        "VALIDATION_ERROR",
        (422, 400),
        "Something in the request is not acceptable",
        "With 422 a field, a query parameter or a header has a value that is not allowed; "
        "details.errors names every one. With 400 the body is no JSON, or larger than is read.",
        "Correct what details.errors names; details.expected says what the first one takes.",
    ),
    ErrorCode(
        "UNAUTHORIZED",
        (401,),
        "Nobody is signed in",
        "The request carries no API key and no valid access token, or the login was refused.",
        "Send X-API-Key: dv_live_sk_… or Authorization: Bearer with an access token.",
    ),
    ErrorCode(
        "INVALID_API_KEY",
        (401,),
        "The API key is not valid",
        "The key is malformed, unknown, revoked or expired, or the person who made it is gone.",
        "Check that the whole key was copied, or make a new one under /v1/settings/api-keys.",
    ),
    ErrorCode(
        "EXPIRED_TOKEN",
        (401,),
        "The access token has expired",
        "Access tokens live for 15 minutes.",
        "Ask for a new one: POST /v1/auth/refresh with the refresh token.",
    ),
    ErrorCode(
        "INSUFFICIENT_PERMISSIONS",
        (403,),
        "The caller may not do this",
        "The key lacks a scope, or the role of the person (or of the key's maker) does not allow "
        "it. details.required names what is missing.",
        "Use a key with that scope, or ask an owner or admin of the organisation.",
    ),
    ErrorCode(
        "IP_NOT_ALLOWED",
        (403,),
        "The key may not be used from this address",
        "The key or its organisation has a list of allowed addresses, and the request came from "
        "another one.",
        "Call from an allowed address, or have this one taken into both lists: allowed_ips of the "
        "key, and of /v1/settings/allowed-addresses.",
    ),
    ErrorCode(
        "NOT_FOUND",
        (404,),
        "There is nothing here",
        "The path or the id does not exist, or it belongs to another organisation.",
        "Check the path and the id; list the resources to see those that you can reach.",
    ),
    ErrorCode(
        "METHOD_NOT_ALLOWED",
        (405,),
        "The path does not take this method",
        "The resource exists, but not with this HTTP method.",
        "The Allow header of the answer lists the methods that it takes.",
    ),
    ErrorCode(
        "UNSUPPORTED_MEDIA_TYPE",
        (415,),
        "The body is in a format that is not read here",
        "Bodies are JSON in UTF-8, unless the documentation of the route says otherwise.",
        "Send Content-Type: application/json and a JSON body.",
    ),
    ErrorCode(
        "QUOTA_EXCEEDED",
        (409,),
        "The organisation has as much of this as it may",
        "Each organisation may have a number of credentials, carriers, pools and so on: "
        "details.quota says of which, details.limit how many, details.used how many there are.",
        "Delete what is no longer needed, or ask the operator of the site for a higher limit.",
    ),
    ErrorCode(
        "DUPLICATE_CREDENTIAL",
        (409,),
        "This carrier account is already there",
        "The organisation has a live credential with the same host, port, system_id and bind_type.",
        "Use the existing credential; details names it.",
    ),
    ErrorCode(
        "CREDENTIAL_IN_USE",
        (409,),
        "A carrier uses the credential",
        "The credential cannot be deleted, or made a receiver, while carriers send through it.",
        "Delete the carriers named in details, or give them another credential, and try again.",
    ),
    ErrorCode(
        "CARRIER_IN_USE",
        (409,),
        "Something still names the carrier",
        "A sender pool or a live campaign names the carrier.",
        "Detach it from the pools and finish or cancel the campaigns named in details.",
    ),
    ErrorCode(
        "SENDER_POOL_IN_USE",
        (409,),
        "A campaign still names the pool",
        "A campaign that is not finished sends from the pool.",
        "Finish or cancel the campaigns named in details, and try again.",
    ),
    ErrorCode(
        "IDEMPOTENCY_IN_PROGRESS",
        (409,),
        "The first request with this key is still running",
        "Another request with the same Idempotency-Key has not been answered yet.",
        "Wait a moment and send the same request again; it gets the first one's answer.",
    ),
    ErrorCode(
        "INVALID_STATE",
        (409,),
        "Not in this state",
        "The resource is in a state in which this action makes no sense, or it was changed by "
        "somebody else while the action ran. Nothing was changed.",
        "Read the resource again and act on what it says now.",
    ),
    ErrorCode(
        "SECRET_ALREADY_REVEALED",
        (410,),
        "The secret has been shown already",
        "Each password is revealed once. The reveal that took it is in the audit.",
        "If it was lost, rotate the credential: that arms a new reveal.",
    ),
    ErrorCode(
        "PRECONDITION_FAILED",
        (412,),
        "It has changed since you read it",
        "If-Match named another version than the current one. Nothing was changed.",
        "Read the resource again, and send its new ETag in If-Match.",
    ),
    ErrorCode(
        "MISSING_REQUIRED_FIELD",
        (422,),
        "A required field is missing",
        "The field named in details.field has to be there; details.errors names every other fault.",
        "Add the field.",
    ),
    ErrorCode(
        "INVALID_PHONE_NUMBER",
        (422,),
        "Not a phone number",
        "Phone numbers are written in E.164: a plus sign, the country code, the number.",
        "Send for example +14155552671.",
    ),
    ErrorCode(
        "INVALID_WEBHOOK_URL",
        (422,),
        "Not an address for webhooks",
        "Webhooks go to HTTPS addresses on the public internet.",
        "Give an https:// URL whose host resolves to a public address.",
    ),
    ErrorCode(
        "BIND_VERIFICATION_FAILED",
        (422,),
        "The carrier refused the password",
        "A trial bind with the new password was refused; details has the SMPP status. "
        "Nothing was changed, traffic keeps the old password.",
        "Ask the carrier whether the password is set on their side, and try again.",
    ),
    ErrorCode(
        "NO_ELIGIBLE_SENDER",
        (422,),
        "No sender for this destination",
        "No sender of the pool may send to this destination, or the one that from names may not: "
        "its country refuses such senders, or the named pool does not let it send there.",
        "Name another sender, or add one to the pool; the pool's preview gives every reason.",
    ),
    ErrorCode(
        "NO_ROUTE",
        (422,),
        "No carrier for this destination",
        "No enabled carrier of the organisation takes the country of the destination.",
        "Add the country to a carrier, or a carrier that takes it.",
    ),
    ErrorCode(
        "OPTED_OUT",
        (422,),
        "The person has opted out",
        "The number is on the organisation's list of opt-outs (/v1/opt-outs): the person has sent "
        "STOP, or somebody has put it there. details.opt_out is the entry.",
        "Write to others. The person opts in again by a text like START; an entry that is wrong is "
        "removed with DELETE /v1/opt-outs/{id}.",
    ),
    ErrorCode(
        "IDEMPOTENCY_KEY_REUSED",
        (422,),
        "The Idempotency-Key belongs to another request",
        "The same key came before with a different body.",
        "Use a new key for each new request, and the old one only to repeat the same request.",
    ),
    ErrorCode(
        "RATE_LIMIT_EXCEEDED",
        (429,),
        "Too many requests",
        "More came in the window than is allowed (X-RateLimit-* say how many requests), or the "
        "organisation's requests take or wait for more than its share: the message says which.",
        "Wait for the seconds in Retry-After, and repeat with the same Idempotency-Key.",
    ),
    ErrorCode(
        "INTERNAL_ERROR",
        (500,),
        "Something went wrong on our side",
        "The server met a fault that it did not expect. Nothing was changed.",
        "Try again with the same Idempotency-Key; if it stays, report meta.request_id.",
    ),
    ErrorCode(
        "GATEWAY_UNAVAILABLE",
        (503,),
        "The SMS gateway is not reachable",
        "The gateway that this needs is down or does not answer.",
        "Try again in a minute; /readyz names what is down.",
    ),
    ErrorCode(
        "SERVICE_UNAVAILABLE",
        (503,),
        "The database is away",
        "The server that holds everything can't be reached; the answer has a Retry-After.",
        "Try again after that time. With an Idempotency-Key a write is done once, although it is "
        "not known whether the first try was.",
    ),
)

ERROR_CODES: dict[str, ErrorCode] = {entry.code: entry for entry in _CODES}
