"""The accounts' side of the API: sessions, the caller, API keys, the audit."""
