"""What organisations configure and send; one package per noun (credentials, carriers, messages …).

Nothing here knows Jasmin: `messaging.gateway` is the interface to the gateway, and the reconciler
implements it. `smpp` and `net` hold the SMPP client and the connections.
"""
