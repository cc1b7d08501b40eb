"""What must outlive the process, in files: accepted submits, what was written, and the log.

`journal` has the events, `segment_files` the files that hold them, `recovery` what an earlier
process left in them. `ended_tokens` keeps a token from being accepted twice, `disk_sync` waits for
the disk, `log_records` are what the site reads.
"""
