"""The way of a message inside the gateway, from the site to the carrier and back.

1. `http_api.submits_resource` takes submits of the site; plain `/send` and SMPP clients come in by
   the launcher's `components`.
2. `lane` writes them into the journal (`storage`) and gives each to a `connector`.
3. The connector's `window` sends them within window and `throughput` limit, on the bind that has
   least to do: `submit_sm` builds the PDU, `smpp_client` is a connection to the carrier over TCP or
   `tls`. `carrier_session` makes one bind and makes it again, `session_pool` has all of a connector
   and exchanges them (`exchange`, `seats`, `retry_delays`, `home_coming`).
4. Answers, and what `deliver_sm` receives, become numbered records of the journal, which
   `http_api.log_resource` gives to the site.

Nothing here knows Jasmin.
"""
