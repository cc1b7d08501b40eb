"""The choice of a sender: one pure function of (pool, destination, state), with its reasons.

First which members may send (`eligibility`), then which are nearest (`geo_match`), then which has
the turn (`strategies`, `weighted_round_robin`). `choice.choose` does all of it.
"""
