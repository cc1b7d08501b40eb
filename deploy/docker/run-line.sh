#!/bin/sh
# Becomes one process of the Procfile, by its name: the entry point of the site's image.
set -eu
line=$(sed -n "s/^$1: //p" Procfile)
[ -n "$line" ] || { echo "the Procfile has no line $1" >&2; exit 64; }
# `exec` of the first only: release is two commands.
case $line in
    *' && '*) eval "$line" ;;
    *) python manage.py check && eval "exec $line" ;;
esac
