#!/bin/sh
# Starts the site and returns when it answers.
. "$(dirname "$0")/site.sh"

need_root
load_settings
start_site
wait_for_site
say "the site answers"
