"""The page that explains the API, made of its own description. Nothing on it comes from another machine."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #222 }
h2 { margin-top: 2.5rem; border-top: 1px solid #ccc; padding-top: 1rem; font-size: 1.1rem }
code { background: #f2f2f2; padding: .1rem .3rem; border-radius: .2rem }
table { border-collapse: collapse; width: 100% }
td { border-top: 1px solid #eee; padding: .25rem .5rem; vertical-align: top }
td:first-child { white-space: nowrap; width: 12rem } .method { text-transform: uppercase; color: #06c }
@media (prefers-color-scheme: dark) { body { background: #111; color: #ddd } code { background: #222 } }
"""
PAGE = (
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    "<title>{title}</title><style>{style}</style></head><body>{body}</body></html>"
)


def explained(description: dict[str, Any]) -> str:
    """The API's description (OpenAPI) as a page."""
    info = description["info"]
    parts = [
        f"<h1>{escape(info['title'])} {escape(info['version'])}</h1><p>{escape(info.get('description', ''))}</p>",
        '<p>The same for programs: <a href="/openapi.json">openapi.json</a></p>',
    ]
    for path, methods in description["paths"].items():
        parts += [_operation(path, method, told, description) for method, told in methods.items()]
    return PAGE.format(title=escape(info["title"]), style=STYLE, body="".join(parts))


def _operation(path: str, method: str, told: dict[str, Any], whole: dict[str, Any]) -> str:
    shown = ", ".join(name for one in told.get("security", []) for name in one)
    rows = [
        (f"<code>{escape(one['name'])}</code>", _schema(one["schema"]), escape(one.get("description", "")))
        for one in told.get("parameters", [])
    ]
    body = told.get("requestBody", {}).get("content", {})
    answers = [(escape(status), escape(answer["description"])) for status, answer in told["responses"].items()]
    parts = [
        f'<h2><span class="method">{escape(method)}</span> <code>{escape(path)}</code></h2>',
        f"<p>{escape(told.get('description', told.get('summary', '')))}</p>",
        f"<p>Token: {escape(shown)}</p>" if shown else "",
        _table(rows),
        *(_fields(kind, content, whole) for kind, content in body.items()),
        _table(answers),
    ]
    return "".join(parts)


def _fields(kind: str, content: dict[str, Any], whole: dict[str, Any]) -> str:
    name = content["schema"].get("$ref", "").rpartition("/")[2]
    fields = whole["components"]["schemas"].get(name, {}).get("properties", {})
    rows = [
        (f"<code>{escape(field)}</code>", _schema(schema), escape(schema.get("description", "")))
        for field, schema in fields.items()
    ]
    return f"<p>Body: <code>{escape(kind)}</code></p>{_table(rows)}"


def _schema(schema: dict[str, Any]) -> str:
    words = " or ".join(map(str, schema.get("enum", ()))) or schema.get("format") or schema.get("type", "")
    default = f", by default {schema['default']}" if schema.get("default") not in (None, "") else ""
    return escape(f"{words}{default}")


def _table(rows: Sequence[tuple[str, ...]]) -> str:
    cells = ("".join(f"<td>{cell}</td>" for cell in row) for row in rows)
    return f"<table>{''.join(f'<tr>{row}</tr>' for row in cells)}</table>" if rows else ""
