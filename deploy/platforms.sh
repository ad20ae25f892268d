#!/bin/sh
# platforms.sh: try, for every Python and machine we promise, whether each package of the lock files
# is there ready-made, under one of its hashes. What is fetched is deleted again; nothing of it runs.
set -eu
command -v uv >/dev/null 2>&1 || {
    echo "uv is needed: only it chooses packages for another machine than this one" >&2
    exit 1
}
tried=$(mktemp -d)
trap 'rm -rf "$tried"' EXIT
trap 'exit 1' HUP INT TERM

# is_there LOCK PYTHON MACHINE
is_there() {
    echo "$1 for Python $2 on $3"
    UV_SYSTEM_CERTS=1 uv pip install --quiet --no-config --no-deps --require-hashes \
        --only-binary :all: --python-version "$2" --python-platform "$3" \
        --target "$tried/$1-$2-$3" -r "$1"
    rm -rf "${tried:?}/$1-$2-$3"
}

for machine in x86_64-manylinux_2_28 aarch64-manylinux_2_28 aarch64-apple-darwin; do
    for python in 3.11 3.12 3.13 3.14; do
        is_there requirements.lock "$python" "$machine"
        is_there deploy/client.lock "$python" "$machine"
    done
    # As setup.sh does: programs depend on no Python, so one version's wheels serve all.
    is_there deploy/servers.lock 3.13 "$machine"
done
for machine in x86_64-manylinux_2_28 aarch64-manylinux_2_28; do
    for lock in deploy/requirements.lock deploy/compose/simulator.lock; do
        is_there "$lock" 3.13 "$machine"
    done
done
