#!/bin/sh
# `make demo STACK=compose`: the demonstration in containers, as an installation of its own beside
# a real one (deploy/compose/demo.env), removed with its data and secrets when the story is told.
set -eu
cd "$(dirname "$0")/../.."

if ! docker compose version >/dev/null 2>&1 || ! docker info >/dev/null 2>&1; then
    echo "Docker with its compose plugin is needed, and its engine must run. Without: make demo" >&2
    exit 1
fi

compose() { docker compose --progress quiet --env-file deploy/compose/demo.env "$@"; }

remove() {
    # The secrets belong to the containers' users, so a container deletes them.
    compose run --rm --no-deps keys sh -c 'rm -rf /secrets/*' >&2 || true
    compose --profile demo down --volumes --remove-orphans --timeout 5 >&2
}

logs=.data-demo/containers.log

# What the processes logged and what the broker keeps on disk: everything no database holds.
left_behind() {
    compose logs --no-color >"$logs"
    cat "$logs"
    compose exec --no-TTY redis sh -c 'cat /data/appendonlydir*/*.aof'
}

echo "Building the images ..." >&2
mkdir -p .data-compose .data-demo
compose --profile demo build keys here
trap 'status=$?; remove; exit $status' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
remove
echo "Starting a container for each process ..." >&2
compose up --detach

[ -t 1 ] || set -- --no-TTY
compose run --rm "$@" demo
left_behind | compose run --rm --no-deps --no-TTY demo python -m deploy.demo.canaries
