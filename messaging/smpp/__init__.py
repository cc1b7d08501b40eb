"""SMPP: the protocol (`protocol`, shared with the gateway's process), and this site's own sessions
with carriers: trial binds (`trial_bind`) and test sends (`probe`).

Customers' messages do not go through here. Connections come from `messaging.net`.
"""
