"""Pages without a browser: their headers, their files, their language, and who may send a form."""

from dataclasses import replace
from pathlib import Path

import orjson
import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.testclient import TestClient

from services.console import app
from services.console.assets import Assets, AssetsMissing
from services.console.pages.desk import Desk
from services.console.pages.edge import SESSION, Cookies, Rules
from services.console.pages.place import device_of, source_of
from services.console.settings import ConsoleSettings
from services.console.views import GUARDED
from shared.contracts import Queue

PAGES = [
    "/docs",
    "/docs/problems",
    *(f"/docs/{queue.segment}" for queue in Queue),
]
FROM_HERE = {"Sec-Fetch-Site": "same-origin"}


@pytest.mark.parametrize("path", [*PAGES, "/nothing", "/docs/nothing", "/static/nothing.css"])
def test_every_answer_says_what_a_browser_may_do_with_it(console: TestClient, path: str) -> None:
    answer = console.get(path)
    for name, said in GUARDED.items():
        assert answer.headers.get_list(name) == [said]
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", PAGES)
def test_a_page_has_nothing_inline_and_nothing_from_elsewhere(
    console: TestClient, path: str
) -> None:
    page = console.get(path)
    assert page.status_code == 200
    assert " style=" not in page.text
    assert "<style" not in page.text
    assert "<script>" not in page.text
    assert "http://" not in page.text
    assert "https://" not in page.text


@pytest.mark.parametrize(
    "path", ["/nothing", "/docs/nothing", "/static/nothing.css", "/static/x/y"]
)
def test_what_is_not_there_is_a_page_that_says_so(console: TestClient, path: str) -> None:
    page = console.get(path)
    assert page.status_code == 404
    assert "Không có trang này" in page.text
    assert "Không có gì bị thay đổi" in page.text
    assert 'href="/">Về trang đầu' in page.text


def test_the_first_page_leads_whoever_is_not_logged_in_to_the_log_in(console: TestClient) -> None:
    assert console.get("/").headers["Location"] == "/log-in"


def test_pages_of_an_account_lead_whoever_is_not_logged_in_to_the_log_in(
    console: TestClient,
) -> None:
    for path in ("/account", "/account/password", "/duties/count"):
        assert console.get(path).headers["Location"] == "/log-in"


@pytest.mark.parametrize(("path", "leads"), [("/leave", "nchmf.gov.vn"), ("/log-out", "/log-in")])
def test_whoever_leaves_is_let_go_though_nothing_answers(
    console: TestClient, path: str, leads: str
) -> None:
    console.cookies.set(SESSION, "a-session")
    answer = console.post(path, headers=FROM_HERE)
    assert answer.status_code in {200, 303}
    assert leads in answer.text + answer.headers.get("Location", "")
    ended = [it for it in answer.headers.get_list("Set-Cookie") if it.startswith(f"{SESSION}=")]
    assert "Max-Age=0" in ended[0], "nobody goes on in this browser"


def test_a_service_that_does_not_answer_is_a_page_that_says_so(console: TestClient) -> None:
    form = {"user_name": "somebody", "password": "CANARY-PASSWORD"}
    page = console.post("/log-in", data=form, headers=FROM_HERE)
    assert page.status_code == 503
    assert "tạm ngừng" in page.text
    assert "CANARY" not in page.text


def test_a_fault_is_a_page_that_keeps_the_form_and_names_what_stands_in_the_log(
    settings: ConsoleSettings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def fail(*_: object, **__: object) -> None:
        raise RuntimeError("CANARY-NAME")

    monkeypatch.setattr(Desk, "step", fail)
    form = {"user_name": "somebody", "password": "CANARY-PASSWORD"}
    with TestClient(app.create(settings), raise_server_exceptions=False) as console:
        page = console.post("/log-in", data=form, headers=FROM_HERE)
    assert page.status_code == 500
    assert 'name="user_name" value="somebody"' in page.text
    told = orjson.loads(capsys.readouterr().out.splitlines()[-1])
    assert (told["event"], told["error"]) == ("fault", "RuntimeError")
    assert told["correlation_id"] in page.text
    assert "CANARY" not in page.text + str(told)
    for name, said in GUARDED.items():
        assert page.headers.get_list(name) == [said]
    assert page.headers["Cache-Control"] == "no-store"


def test_a_refusal_offers_nobody_who_is_logged_in_to_log_in(console: TestClient) -> None:
    assert 'href="/log-in"' in console.get("/nothing").text
    console.cookies.set(SESSION, "a-session")
    assert 'href="/log-in"' not in console.get("/nothing").text


@pytest.mark.parametrize(
    ("agent", "kind"),
    [
        ("Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 Chrome/131 Mobile Safari", "phone"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Mobile/15E148", "phone"),
        ("Mozilla/5.0 (Linux; Android 13; SM-X200) AppleWebKit/537.36 Chrome/131 Safari", "tablet"),
        ("Mozilla/5.0 (Windows NT 6.1; Win64; x64) Gecko/20100101 Firefox/115.0", "computer"),
        ("curl/8.5", "unknown"),
        ("", "unknown"),
    ],
)
def test_a_kind_of_device_is_what_its_browser_says(agent: str, kind: str) -> None:
    assert device_of(agent) == kind


def test_only_our_own_proxy_is_believed_where_a_request_came_from() -> None:
    headers = [(b"x-forwarded-for", b"203.0.113.9, 198.51.100.7")]
    scope = {"type": "http", "headers": headers, "client": ("127.0.0.1", 1)}
    rules = Rules("http://testserver", "https://elsewhere.test", is_behind_proxy=True)
    assert source_of(Request(scope), rules) == "198.51.100.7", "what stands before, anybody may say"
    assert source_of(Request(scope), replace(rules, is_behind_proxy=False)) == "127.0.0.1"


def test_over_https_cookies_are_bound_to_this_host() -> None:
    answer = Response()
    Cookies(is_secure=True).keep(answer, SESSION, "a token")
    kept = answer.headers["Set-Cookie"]
    assert kept.startswith("__Host-session=")
    assert {"HttpOnly", "Path=/", "SameSite=strict", "Secure"} <= set(kept.split("; "))
    assert "Domain" not in kept


def test_the_catalogue_names_the_problems_of_all_and_of_each_service(console: TestClient) -> None:
    page = console.get("/docs/problems").text
    for code in ("role-missing", "case-not-found", "invalid-client", "move-not-allowed"):
        assert f"<code>{code}</code>" in page
    assert page.count("<code>role-missing</code>") == 1, "of all services, so once"


def test_a_built_file_is_kept_for_ever_and_comes_compressed(console: TestClient) -> None:
    built = Assets.built()
    for name in built.names:
        asked = {"Accept-Encoding": "gzip, br;q=0.5"}
        answer = console.get(built.address(name), headers=asked)
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert answer.headers["Content-Encoding"] == "br"
        plain = console.get(built.address(name), headers={"Accept-Encoding": "gzip;q=0, br;q=0.0"})
        assert "Content-Encoding" not in plain.headers
        assert plain.content == (built.folder / built.names[name]).read_bytes()


@pytest.mark.parametrize("path", ["/static/manifest.json", "/static/..%2Fapp.py", "/static/.npmrc"])
def test_nothing_else_in_the_folder_is_given_out(console: TestClient, path: str) -> None:
    assert console.get(path).status_code == 404


def test_without_built_files_there_is_no_console(tmp_path: Path) -> None:
    with pytest.raises(AssetsMissing):
        Assets.built(tmp_path)


@pytest.mark.parametrize(
    ("asked", "title", "language"),
    [
        ("en-GB, vi;q=0.5", "API reference", "en"),
        ("vi", "Tài liệu giao diện lập trình", "vi"),
        ("", "Tài liệu giao diện lập trình", "vi"),
    ],
)
def test_a_page_is_in_the_language_that_the_browser_asks_for(
    console: TestClient, asked: str, title: str, language: str
) -> None:
    page = console.get("/docs", headers={"Accept-Language": asked})
    assert f'<h1 class="govuk-heading-l">{title}</h1>' in page.text
    assert f'<html lang="{language}"' in page.text
    assert page.headers["Content-Language"] == language


def test_the_language_that_was_chosen_comes_first_and_the_page_stays(console: TestClient) -> None:
    form = {"language": "en", "page": "/docs/problems"}
    chosen = console.post("/language", data=form, headers=FROM_HERE)
    assert (chosen.status_code, chosen.headers["Location"]) == (303, "/docs/problems")
    assert "HttpOnly" in chosen.headers["Set-Cookie"]
    page = console.get("/docs", headers={"Accept-Language": "vi"})
    assert "API reference" in page.text


@pytest.mark.parametrize(
    "page", ["//elsewhere.test", "https://elsewhere.test", "/\\elsewhere", "x"]
)
def test_going_back_leads_nowhere_else(console: TestClient, page: str) -> None:
    form = {"language": "en", "page": page}
    assert console.post("/language", data=form, headers=FROM_HERE).headers["Location"] == "/"


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "http://elsewhere.test"},
        {"Origin": "null"},
        {},
    ],
    ids=str,
)
def test_a_form_that_was_sent_from_elsewhere_changes_nothing(
    console: TestClient, headers: dict[str, str]
) -> None:
    answer = console.post("/language", data={"language": "en"}, headers=headers)
    assert answer.status_code == 403
    assert "Set-Cookie" not in answer.headers


def test_an_old_browser_says_its_origin(console: TestClient) -> None:
    sent = {"Origin": "http://testserver"}
    assert console.post("/language", data={"language": "en"}, headers=sent).status_code == 303


@pytest.mark.parametrize("form", [{"language": "fr"}, {}, {"language": "en", "other": "1"}])
def test_a_form_of_other_fields_is_refused_as_a_page(
    console: TestClient, form: dict[str, str]
) -> None:
    answer = console.post("/language", data=form, headers=FROM_HERE)
    assert answer.status_code == 422
    assert answer.headers["Content-Type"].startswith("text/html")
    assert "Không thực hiện được" in answer.text


def test_a_page_comes_compressed_to_whoever_takes_that(console: TestClient) -> None:
    small = console.get("/docs/problems", headers={"Accept-Encoding": "gzip"})
    assert small.headers["Content-Encoding"] == "gzip"
    plain = console.get("/docs/problems", headers={"Accept-Encoding": "identity"})
    assert "Content-Encoding" not in plain.headers
    assert plain.text == small.text
