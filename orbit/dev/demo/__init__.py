"""`make demo`: the whole product on one machine, and its story told through the public API.

1. `__main__` reads the command line, keeps a second demo out, and ends everything in order;
2. `site` starts what runs (servers by `orbit.dev.stack`, our own `programs`, simulated `carriers`)
   in the `environment` that it makes;
3. `story` tells the `steps`, one after another, each a function that is given a `scene`: the
   `api` as a customer's program calls it, the operator's `commands`, somebody's own `hands` on
   Jasmin's console, and the `screen`;
4. `facts` writes down how all of it can be reached (`.local/demo.json`).

Nothing here imports Django: whatever happens, happens in the processes of the site.
"""
