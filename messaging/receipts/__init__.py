"""What the logs of the gateways say became of messages, and what carriers sent by themselves."""
