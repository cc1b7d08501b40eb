"""What passes write down: runs, and the status of each credential, access and gateway."""
