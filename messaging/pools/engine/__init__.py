"""The choice of a sender: one pure function of (pool, destination, state), with its reasons.

Who may send is settled first (`eligibility`), then who is nearest (`places`), then whose turn it
is (`groups`, `cycle`). `choice.choose` is the whole of it.
"""
