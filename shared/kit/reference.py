"""The reference page of an API, made from its OpenAPI document; loads nothing from elsewhere."""

import re
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

Schema = Mapping[str, Any]

STYLE = """
:root { color-scheme: light dark; --line: #8884; --soft: #8881; }
body { font: 16px/1.55 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.05rem; margin: 0; font-family: ui-monospace, monospace; }
section { border: 1px solid var(--line); border-radius: .5rem; padding: .8rem 1rem; margin: 1rem 0; }
.method { display: inline-block; min-width: 3.5rem; font-weight: 700; }
table { border-collapse: collapse; width: 100%; margin: .4rem 0; }
th, td { text-align: left; vertical-align: top; padding: .25rem .5rem; border-top: 1px solid var(--line); }
th { font-weight: 600; } code { background: var(--soft); padding: 0 .25rem; border-radius: .2rem; }
nav a { display: inline-block; margin-right: 1rem; } h3 { font-size: .95rem; margin: .8rem 0 0; }
"""  # noqa: E501 - a style sheet


def render(document: Schema) -> str:
    """One page: every operation with its parameters, body and answers."""
    title = escape(document["info"]["title"])
    operations = "".join(
        _operation(document, method, path, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    )
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{STYLE}</style><h1>{title}</h1>"
        '<p>Machine-readable: <a href="openapi.json">openapi.json</a>. Errors are '
        "<code>application/problem+json</code>. Creating requests carry an "
        "<code>Idempotency-Key</code>; changes of an existing thing carry <code>If-Match</code>."
        f"</p>{_access(document)}{operations}</html>"
    )


def _access(document: Schema) -> str:
    """How a caller gets in, told once for all operations."""
    return "".join(
        f"<p>{_prose(scheme['description'])} "
        f"It is given out at <code>{escape(flow['tokenUrl'])}</code>.</p>"
        for scheme in document["components"].get("securitySchemes", {}).values()
        for flow in scheme["flows"].values()
    )


def _operation(document: Schema, method: str, path: str, operation: Schema) -> str:
    anchor = escape(operation.get("operationId", path))
    text = _prose(operation.get("description", operation.get("summary", "")))
    parts = [
        f'<section id="{anchor}"><h2><span class="method">{method.upper()}</span> ',
        f"{escape(path)}</h2><p>{text}</p><p>{_callers(operation)}</p>",
        _table("Parameters", _parameters(operation)),
        _table("Body", _body(document, operation)),
        _table("Answers", _answers(operation)),
        "</section>",
    ]
    return "".join(parts)


def _callers(operation: Schema) -> str:
    """Who may call."""
    asked = operation.get("security")
    if asked is None:
        return "Public: needs no access token."
    roles = sorted({role for option in asked for scopes in option.values() for role in scopes})
    if not roles:
        return "For every authenticated caller."
    return "For role " + " or ".join(f"<code>{escape(role)}</code>" for role in roles) + "."


def _prose(text: str) -> str:
    """Text with what stands between backticks as code."""
    return re.sub(r"``?([^`]+)``?", r"<code>\1</code>", escape(text))


Row = tuple[str, str, str]


def _table(title: str, rows: Iterator[Row]) -> str:
    cells = "".join(
        f"<tr><td><code>{escape(name)}</code></td><td>{escape(kind)}</td><td>{escape(text)}</td></tr>"
        for name, kind, text in rows
    )
    return f"<h3>{title}</h3><table>{cells}</table>" if cells else ""


def _parameters(operation: Schema) -> Iterator[Row]:
    for parameter in operation.get("parameters", []):
        need = "Required." if parameter.get("required") else "Optional."
        yield parameter["name"], parameter["in"], f"{need} {parameter.get('description', '')}"


def _body(document: Schema, operation: Schema) -> Iterator[Row]:
    for content in operation.get("requestBody", {}).get("content", {}).values():
        schema = _resolved(document, content.get("schema", {}))
        yield from _fields(document, schema, "")


def _fields(document: Schema, schema: Schema, inside: str) -> Iterator[Row]:
    """The fields of an object, and under their path those of the objects inside it."""
    required = set(schema.get("required", []))
    for name, field in schema.get("properties", {}).items():
        path = f"{inside}{name}"
        need = "Required." if name in required else "Optional."
        yield path, _kind(document, field), f"{need} {field.get('description', '')}"
        inner = _object(document, field)
        if inner is not None:
            many = "[]" if "array" in _kind(document, field) else ""
            yield from _fields(document, inner, f"{path}{many}.")


def _object(document: Schema, schema: Schema) -> Schema | None:
    """The object a field holds, alone, in an array, or beside null."""
    found = _resolved(document, schema)
    if found.get("properties"):
        return found
    inner = [found["items"]] if "items" in found else found.get("anyOf", [])
    return next((it for option in inner if (it := _object(document, option))), None)


def _answers(operation: Schema) -> Iterator[Row]:
    for status, answer in operation.get("responses", {}).items():
        headers = ", ".join(answer.get("headers", {}))
        carried = f" Headers: {headers}." if headers else ""
        yield status, ", ".join(answer.get("content", {})), answer.get("description", "") + carried


def _resolved(document: Schema, schema: Schema) -> Schema:
    name = schema.get("$ref", "").rpartition("/")[2]
    found: Schema = document["components"]["schemas"][name] if name else schema
    return found


def _kind(document: Schema, schema: Schema) -> str:
    """A type in words: ``array of``, the values of an enumeration, or alternatives."""
    found = _resolved(document, schema)
    if "enum" in found:
        return " | ".join(map(str, found["enum"]))
    if "anyOf" in found:
        return " or ".join(_kind(document, option) for option in found["anyOf"])
    if found.get("type") == "array":
        return f"array of {_kind(document, found.get('items', {}))}"
    return str(found.get("format") or found.get("type") or found.get("title", ""))
