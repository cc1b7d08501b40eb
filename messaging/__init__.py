"""What organisations want: credentials, and later carriers, pools, messages; one folder a noun.

Nothing here knows Jasmin. The gateway is reached through one port, `messaging.gateway`,
which the reconciler implements.
"""
