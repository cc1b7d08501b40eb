"""What /metrics says of gateways and of each credential."""
