"""Our rows in Jasmin's terms: users, connectors and routes, spelled as its console prints them.

- `objects`: a credential or an access → its user and connector.
- `connector_settings`, `user_settings`: the settings of those. Pure.
- `route_compiler`: carriers → MT routes; `route_orders`: the order of each. Pure.
- `capabilities`: what a Jasmin behind our launcher can do beyond a stock one. Pure.
"""
