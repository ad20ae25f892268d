#!/bin/sh
# begin.sh SERVER CHECK SETTINGS DATA: become Redis, which starts whatever the disk has done to its
# file. SERVER and CHECK are the programs redis-server and redis-check-aof.
#
# Redis ends at once where anything but its own commands stands in the file, such as the zeros that
# a power cut leaves at the end of one. Nothing in it must survive (every message is sent again from
# PostgreSQL), so the broker does not stay down for it, nor is a part of it trusted: the whole is set
# aside, in place of what was set aside before, and Redis begins with nothing.
set -u
server=$1 check=$2 settings=$3 data=$4
umask 077
kept=$data/appendonlydir
manifest=$kept/appendonly.aof.manifest
# Redis 6 had a single file, which a later one takes over where it finds no manifest.
former=$data/appendonly.aof
aside=$data/appendonlydir.unreadable

is_readable() {
    said="$manifest lists something else than files"
    [ -s "$manifest" ] || return 1
    ! grep -Evq '^file [^ ]+ seq [0-9]+ type [bhi]( |$)' "$manifest" || return 1
    said=$("$check" "$manifest" 2>&1)
}

is_former_readable() {
    [ -s "$former" ] || return 0
    said=$("$check" "$former" 2>&1)
}

warn() {
    echo "WARNING: Redis's file cannot be read back and is set aside as $aside." \
        "Redis begins empty; what was in it is sent again by the services." >&2
    echo "$said" >&2
}

if [ -e "$manifest" ] && ! is_readable; then
    rm -rf "$aside"
    mv "$kept" "$aside"
    warn
fi
if [ ! -e "$manifest" ] && ! is_former_readable; then
    rm -rf "$aside"
    mkdir "$aside"
    mv "$former" "$aside"
    warn
fi
exec "$server" "$settings"
