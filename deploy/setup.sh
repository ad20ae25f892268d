#!/bin/sh
# Makes a virtual environment from a lock file: with uv where it is installed, else with plain pip.
# Every package is checked against its hash; the machine's own certificates are used.
set -eu
python=$1 venv=$2 lock=$3
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
    echo "Python 3.11 or newer is needed; say which with PYTHON=..." >&2
    exit 1
}
[ -x "$venv/bin/python" ] || "$python" -m venv "$venv"
echo "Installing $(grep -c '==' "$lock") packages from $lock (once)"
if command -v uv >/dev/null 2>&1; then
    UV_SYSTEM_CERTS=1 VIRTUAL_ENV=$venv uv pip install --quiet --require-hashes -r "$lock"
else
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r "$lock"
fi
# The command, runnable from anywhere without installing the project itself.
here=$(pwd)
printf '#!/bin/sh\nPYTHONPATH=%s exec %s/%s/bin/python -m deploy.cli "$@"\n' "$here" "$here" "$venv" > "$venv/bin/nhipcau"
chmod +x "$venv/bin/nhipcau"
