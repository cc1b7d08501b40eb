#!/bin/sh
# The entry point of the site's image: runs the line of the Procfile that its argument names.
set -eu
line=$(sed -n "s/^$1: //p" Procfile)
[ -n "$line" ] || { echo "the Procfile has no line $1" >&2; exit 64; }
# No `exec` for a line of several commands, as `release` is.
case $line in
    *' && '*) eval "$line" ;;
    *) python manage.py check && eval "exec $line" ;;
esac
