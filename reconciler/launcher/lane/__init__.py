"""The way of a message inside the gateway, from the door to the carrier and back to the site.

1. `door` takes submits over HTTP (`web` reads and answers requests);
2. `lane` writes them down in the `journal` and gives them to a `connector`;
3. the `connector` keeps its queue, window and `pace`, makes PDUs of them (`outgoing`) and hands
   these to the `wire`, a session with the carrier over TCP or `tls`;
4. what comes back is a numbered record of the journal, which `reading` gives to the site.

Nothing here knows Jasmin: the launcher's corrections put this in the place of its parts.
"""
