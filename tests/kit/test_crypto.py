"""What is sealed opens with its key at its own place only."""

from pathlib import Path

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kit.crypto import DataKey, MasterKeys, Unreadable

KEY = DataKey(1, bytes(range(32)))
PLACE = "people|names|1"


def refuses(key: DataKey, sealed: bytes, place: str = PLACE) -> None:
    with pytest.raises(Unreadable):
        key.open(sealed, place=place)


@given(plain=st.binary(max_size=200), place=st.text(max_size=40))
def test_what_was_sealed_is_opened(plain: bytes, place: str) -> None:
    assert KEY.open(KEY.seal(plain, place=place), place=place) == plain


def test_nothing_is_sealed_the_same_way_twice() -> None:
    assert len({KEY.seal(b"same", place=PLACE) for _ in range(100)}) == 100


@pytest.mark.parametrize(
    "place", ["people|names|2", "people|phones|1", "cases|names|1", "", "people|names|1|1"]
)
def test_a_ciphertext_moved_elsewhere_does_not_open(place: str) -> None:
    refuses(KEY, KEY.seal(b"plain", place=PLACE), place)


@given(data=st.data())
def test_a_ciphertext_of_which_one_bit_was_changed_does_not_open(data: st.DataObject) -> None:
    sealed = bytearray(KEY.seal(b"plain", place=PLACE))
    bit = data.draw(st.integers(0, len(sealed) * 8 - 1))
    sealed[bit // 8] ^= 1 << bit % 8
    refuses(KEY, bytes(sealed))


@given(junk=st.binary(max_size=64))
def test_what_was_never_sealed_does_not_open(junk: bytes) -> None:
    refuses(KEY, junk)


def test_another_key_or_another_version_of_it_does_not_open() -> None:
    sealed = KEY.seal(b"plain", place=PLACE)
    refuses(DataKey(1, b"x" * 32), sealed)
    refuses(DataKey(2, KEY.key), sealed)


def test_a_place_and_a_version_cannot_be_confused() -> None:
    sealed = DataKey(11, KEY.key).seal(b"plain", place="a|b|c")
    refuses(DataKey(1, KEY.key), sealed, "a|b|c|1")


@pytest.fixture
def masters() -> MasterKeys:
    return MasterKeys(keys={1: b"1" * 32, 2: b"2" * 32}, index_key=b"i" * 32)


def test_a_persons_key_is_wrapped_by_the_newest_master_and_unwrapped(masters: MasterKeys) -> None:
    data_key, wrapped, version = masters.new_data_key("person-1")
    assert version == 2
    assert data_key.key not in wrapped
    unwrapped = masters.unwrap(wrapped, owner="person-1", master_version=2)
    assert unwrapped == data_key
    sealed = data_key.seal(b"plain", place=PLACE)
    assert unwrapped.open(sealed, place=PLACE) == b"plain"


def test_a_wrapped_key_serves_its_owner_only(masters: MasterKeys) -> None:
    _, wrapped, version = masters.new_data_key("person-1")
    with pytest.raises(Unreadable):
        masters.unwrap(wrapped, owner="person-2", master_version=version)
    with pytest.raises(Unreadable):
        masters.unwrap(wrapped, owner="person-1", master_version=1)


def test_people_do_not_share_keys(masters: MasterKeys) -> None:
    assert len({masters.new_data_key("same")[0].key for _ in range(50)}) == 50


def test_keys_wrapped_by_an_older_master_still_open(masters: MasterKeys) -> None:
    older = MasterKeys(keys={1: masters.keys[1]}, index_key=masters.index_key)
    data_key, wrapped, version = older.new_data_key("person-1")
    assert masters.unwrap(wrapped, owner="person-1", master_version=version) == data_key


def test_a_blind_index_finds_a_number_however_it_is_written(masters: MasterKeys) -> None:
    found = {masters.blind_index("phone", raw) for raw in ("0912 345 678", "0912-345-678")}
    assert len(found) == 1
    assert {len(index) for index in found} == {8}


def test_a_blind_index_depends_on_the_field_the_key_and_the_number(masters: MasterKeys) -> None:
    other = MasterKeys(keys=masters.keys, index_key=b"j" * 32)
    indexes = {
        masters.blind_index("phone", "0912345678"),
        masters.blind_index("phone", "0912345679"),
        masters.blind_index("id_number", "0912345678"),
        other.blind_index("phone", "0912345678"),
    }
    assert len(indexes) == 4


def test_keys_are_read_from_a_file_and_never_shown(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    stored = {"keys": {"1": "aa" * 32, "10": "bb" * 32}, "index_key": "cc" * 32}
    path.write_bytes(orjson.dumps(stored))
    masters = MasterKeys.load(path)
    data_key, _, version = masters.new_data_key("person-1")
    assert version == 10, "versions are numbers, not words"
    assert "\\xaa" not in repr(masters)
    assert repr(data_key.key) not in repr(data_key)
