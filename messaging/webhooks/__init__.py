"""Webhooks: events are posted to organisations' addresses as signed HTTP requests.

Other nouns call `events.emit_many`. An event and its deliveries are rows of the caller's
transaction. A worker (`delivery`) claims deliveries of one server at a time, posts them over one
connection (`client`) and records the results (`claims`); `retry` says when it comes again.
"""
