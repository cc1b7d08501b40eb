"""`make demo`: the whole product on one machine, shown step by step through the public API.

1. `__main__` reads the command line, refuses a second demo, and stops everything in order.
2. `site` starts the servers (`orbit.dev.stack`), our own processes (`programs`) and
   `simulated_carriers`, in an `environment` of its own.
3. `story` runs the `steps`, one after another. Each is a function of the `scene`: the `api` as a
   customer's program calls it, the operator's `commands`, Jasmin's console used by hand
   (`manual_console`), the `customer_platform`, and the `screen`. With several gateways the story
   is another one, `fleet_story`: the `tenants` send all the time.
4. `facts` writes addresses and passwords of the site to `.local/demo.json`.

Nothing here imports Django: the product runs in the processes of the site.
"""
