"""The OpenAPI document: FastAPI's own, with the schemas of the msgspec views put in.

`python -m hub.web.openapi > docs/openapi.json` writes it; a test compares.
"""

import ast
import inspect
import json
import sys
from collections.abc import Iterator
from typing import Any

import msgspec
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from hub.book import book, entries
from hub.day import model, page_views, room_views
from hub.identity import views
from hub.web import problems
from hub.web.api import declared, shapes
from hub.web.api.declared import ANSWERS, REF_TEMPLATE
from wire import enrolment

COOKIE = {
    "type": "apiKey",
    "in": "cookie",
    "name": "guichet",
    "description": "Of who has signed in; over TLS its name is `__Host-guichet`. A change that shows it must come from "
    "a page of the hub, as browsers say with `Sec-Fetch-Site` or `Origin`.",
}


def document(app: FastAPI) -> dict[str, Any]:
    """The document of `app`."""
    described = get_openapi(
        title=app.title, version=app.version, description=app.description, routes=app.routes, tags=app.openapi_tags
    )
    problems_of_a_body = {str(status): said for status, said in declared.problems(_413="The body is too long.").items()}
    _, schemas = msgspec.json.schema_components(ANSWERS, ref_template=REF_TEMPLATE)
    for shape, field, description in _field_docs():
        # Beside a $ref nothing else is read.
        if shape in schemas and "$ref" not in schemas[shape]["properties"][field]:
            schemas[shape]["properties"][field]["description"] = description
    for methods in described["paths"].values():
        for operation in methods.values():
            if "requestBody" in operation:
                operation["responses"] |= problems_of_a_body
            if "security" in operation:
                operation["security"].append({"cookie": []})
    described["components"]["securitySchemes"]["cookie"] = COOKIE
    own = described["components"]["schemas"]
    described["components"]["schemas"] = dict(sorted((own | schemas).items()))
    return described


def text(app: FastAPI) -> str:
    """The document as the file in `docs/` holds it."""
    return json.dumps(document(app), indent=2, ensure_ascii=False) + "\n"


def _field_docs() -> Iterator[tuple[str, str, str]]:
    """(class, field, docstring below the field) of every msgspec structure that answers are made of."""
    for module in (model, page_views, room_views, book, entries, views, enrolment, shapes, problems):
        for node in ast.parse(inspect.getsource(module)).body:
            if not isinstance(node, ast.ClassDef):
                continue
            for field, below in zip(node.body, node.body[1:], strict=False):
                match field, below:
                    case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(said))):
                        yield node.name, name, inspect.cleandoc(said)


if __name__ == "__main__":
    from hub.web.app import described_app

    sys.stdout.write(text(described_app()))
