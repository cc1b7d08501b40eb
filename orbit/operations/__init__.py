"""Running the site: health, heartbeats, outages, metrics, log filters, retention, re-encryption.

It knows neither the API nor accounts; apps register their own checks, collectors and pruners.
"""
