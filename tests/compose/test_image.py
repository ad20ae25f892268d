"""What the image and the servers' settings promise, read from their files."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "deploy/Dockerfile").read_text(encoding="utf-8")
STAGES = [stage.splitlines() for stage in DOCKERFILE.split("FROM ")[1:]]


def stage(name: str) -> str:
    (found,) = [lines for lines in STAGES if lines[0].endswith(f" AS {name}")]
    return "\n".join(found[1:])


def settings(path: str, separator: str) -> dict[str, str]:
    lines = (ROOT / path).read_text(encoding="utf-8").splitlines()
    pairs = [line.split(separator, 1) for line in lines if line and not line.startswith("#")]
    return {name.strip(): value.strip().strip("'\"") for name, value in pairs}


def test_packages_are_built_wheels_checked_against_their_hashes() -> None:
    installing = [lines for lines in map("\n".join, STAGES) if "pip install" in lines]
    assert len(installing) == 2
    for lines in installing:
        assert "--require-hashes" in lines
        assert "--only-binary :all:" in lines


def test_the_image_runs_as_a_user_with_a_number_and_installs_nothing_itself() -> None:
    assert "\nUSER 10001:10001\n" in stage("exchange")
    assert "pip" not in stage("exchange")
    assert "apt-get" not in DOCKERFILE


def test_what_browsers_are_given_is_built_in_a_stage_of_its_own() -> None:
    assert "RUN npm ci --ignore-scripts" in stage("assets")
    assert "COPY --from=assets /static services/console/static" in stage("exchange")
    assert "npm" not in stage("exchange")


def test_what_is_built_by_default_is_the_exchange_and_not_the_simulator() -> None:
    assert STAGES[-1] == ["exchange"]


def test_every_package_of_the_simulator_is_the_one_tested_here() -> None:
    tested = (ROOT / "requirements.lock").read_text()
    packages = re.split(r"\n(?=\S)", (ROOT / "deploy/compose/simulator.lock").read_text().strip())
    assert {each.partition("==")[0] for each in packages} >= {"aiosmtpd", "standardwebhooks"}
    assert [each for each in packages if f"{each}\n" not in tested] == []


def test_postgresql_logs_no_value_and_waits_for_the_disk() -> None:
    found = settings("deploy/postgres/postgresql.conf", "=")
    assert found["log_error_verbosity"] == "terse"
    assert found["log_min_error_statement"] == "panic"
    assert found["log_parameter_max_length"] == "0"
    assert found["log_parameter_max_length_on_error"] == "0"
    assert found["log_statement"] == "none"
    assert found["password_encryption"] == "scram-sha-256"
    assert found["idle_in_transaction_session_timeout"] != "0"
    assert found["fsync"] == found["synchronous_commit"] == "on"


def test_nobody_enters_a_database_without_a_password() -> None:
    lines = (ROOT / "deploy/postgres/pg_hba.conf").read_text().splitlines()
    rules = [line.split() for line in lines if line and not line.startswith("#")]
    assert {rule[-1] for rule in rules} == {"scram-sha-256"}


def test_redis_refuses_when_full_instead_of_forgetting_and_keeps_a_file() -> None:
    found = settings("deploy/redis/redis.conf", " ")
    assert found["maxmemory-policy"] == "noeviction"
    assert found["appendonly"] == "yes"
    assert found["maxmemory"] != "0"
    assert found["maxmemory-clients"] == "0"
    assert found["aclfile"] == "/run/secrets/users.acl"


@pytest.mark.parametrize(
    "header",
    ["X-Content-Type-Options", "Referrer-Policy", "X-Frame-Options"],
)
def test_the_proxy_says_how_its_answers_may_be_used(header: str) -> None:
    assert f"\t{header} " in (ROOT / "deploy/caddy/Caddyfile").read_text()


def test_a_browser_may_do_nothing_with_what_is_for_programs() -> None:
    parts = (ROOT / "deploy/caddy/Caddyfile").read_text().split("\n\thandle")
    policed = [part.split()[0] for part in parts[1:] if "import for-programs" in part]
    assert policed == ["@service", "@health", "_errors"], "the console says what it needs itself"


def test_the_proxy_knows_every_service() -> None:
    from shared.contracts import Queue  # noqa: PLC0415 - the only test here that needs code

    names = "|".join(service.segment for service in Queue)
    known = (ROOT / "deploy/caddy/Caddyfile").read_text()
    (line,) = [it for it in known.splitlines() if "path_regexp" in it]
    found = line[line.index("(") + 1 : line.index(")")]
    assert sorted(found.split("|")) == sorted(names.split("|"))
