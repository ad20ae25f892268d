"""The interfaces explain themselves: every field a stranger reads or writes says what it means."""

import importlib
from collections.abc import Iterator

import pytest
from pydantic import BaseModel

from shared.contracts import Queue


def shapes(service: Queue) -> Iterator[type[BaseModel]]:
    """Every HTTP shape of a service."""
    module = f"services.{service}.schemas"
    importlib.import_module(module)
    waiting = list(BaseModel.__subclasses__())
    while waiting:
        shape = waiting.pop()
        waiting += shape.__subclasses__()
        if shape.__module__.startswith(module):
            yield shape


@pytest.mark.parametrize("service", Queue)
def test_every_field_of_every_shape_is_described(service: Queue) -> None:
    found = list(shapes(service))
    bare = [
        f"{shape.__name__}.{name}"
        for shape in found
        for name, field in shape.model_fields.items()
        if not (field.description or "").strip()
    ]
    assert len(found) > 5
    assert not bare, f"services/{service}/schemas must say what these mean: {sorted(bare)}"
