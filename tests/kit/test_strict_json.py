"""A body states one thing, to every reader."""

from collections.abc import Callable
from typing import Any

import orjson
import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from shared.kit import strict_json
from shared.kit.strict_json import BodyUnreadable, canonical, parse

THINGS_AT = "/verification/v1/things"

Keyed = Callable[..., dict[str, str]]

UNREADABLE = {
    "a name twice": b'{"colour": "red", "colour": "blue"}',
    "a name twice, once escaped": b'{"colour": "red", "\\u0063olour": "blue"}',
    "a name twice, within": b'{"colour": "red", "inner": {"size": 1, "size": 2}}',
    "a name twice, with the same value": b'{"colour": "red", "colour": "red"}',
    "utf-16": '{"colour": "red"}'.encode("utf-16"),
    "utf-16, little end first": '{"colour": "red"}'.encode("utf-16-le"),
    "utf-32": '{"colour": "red"}'.encode("utf-32-be"),
    "a byte order mark": b'\xef\xbb\xbf{"colour": "red"}',
    "latin-1": '{"colour": "rouge foncé"}'.encode("latin-1"),
    "not a number": b'{"colour": "red", "inner": {"size": NaN}}',
    "infinity": b'{"colour": "red", "inner": {"size": -Infinity}}',
    "a number too large to be one": b'{"colour": "red", "inner": {"size": 1e400}}',
    "digits without end": b'{"colour": "red", "inner": {"size": ' + b"9" * 5_000 + b"}}",
    "half of a pair": b'{"colour": "\\ud83d"}',
    "half of a pair, as a name": b'{"colour": "red", "\\udc00": 1}',
    "deep": b'{"colour": ' + b"[" * 300 + b"]" * 300 + b"}",
    "very deep": b"[" * 30_000 + b"]" * 30_000,
    "two values": b'{"colour": "red"} {"colour": "blue"}',
    "a comma too many": b'{"colour": "red",}',
    "a comment": b'{"colour": "red"} // as asked',
    "torn": b'{"colour": "re',
}


@pytest.mark.parametrize("body", UNREADABLE.values(), ids=UNREADABLE)
def test_what_two_readers_could_read_differently_is_refused(
    client: TestClient, keyed: Keyed, body: bytes
) -> None:
    headers = {**keyed(), "Content-Type": "application/json"}
    answer = client.post(THINGS_AT, headers=headers, content=body)
    assert answer.status_code == 400
    assert answer.json()["type"] == "urn:nhipcau:problem:body-unreadable"
    assert answer.json()["reason"] in {
        value for name, value in vars(strict_json).items() if name.isupper()
    }


@given(body=st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    try:
        value = parse(body)
    except BodyUnreadable:
        return
    assert parse(canonical(value)) == value


values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.text(max_size=10),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=10,
)


@given(value=values)
def test_what_json_writers_write_is_read_back(value: Any) -> None:
    assert parse(orjson.dumps(value)) == value


@given(value=st.dictionaries(st.text(max_size=5), values, max_size=5))
def test_a_body_written_anew_has_the_same_canonical_form(value: dict[str, Any]) -> None:
    turned = dict(reversed(value.items()))
    spaced = orjson.dumps(turned, option=orjson.OPT_INDENT_2)
    assert canonical(parse(spaced)) == canonical(parse(orjson.dumps(value)))


def test_a_truth_and_a_number_have_different_canonical_forms() -> None:
    assert canonical(True) != canonical(1)
    assert canonical("1") != canonical(1)
