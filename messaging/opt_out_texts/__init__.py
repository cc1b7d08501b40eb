"""Inbound texts that opt out, opt in or ask for help, and near misses that a person decides on."""
