"""The description of the API, made of its calls."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from copydesk import __version__
from copydesk.web.asked import Trouble
from copydesk.web.calls import CALLS, Call

if TYPE_CHECKING:
    from collections.abc import Mapping

TEMPLATE = "#/components/schemas/{name}"
TROUBLES = {
    "400": "a parameter is not as it should be",
    "401": "the token is missing or wrong",
    "403": "a page of another site asked",
    "404": "there is no such thing",
    "409": "what is shown cannot do that, or it changed meanwhile",
    "413": "too much was sent",
    "415": "what was sent is no JSON",
    "421": "this machine was asked for by a name that is not its own",
    "422": "too much was asked, or nothing that can be answered",
    "503": "an archive was changed this moment",
}


def description(examples: Mapping[str, str]) -> dict[str, Any]:
    """The API in the words of OpenAPI 3.1; `examples` are values of parameters that are there."""
    types = {kind for call in CALLS for kind in (call.asked, call.answer)} | {Trouble}
    order = sorted(types, key=lambda kind: kind.__name__)
    schemas, components = msgspec.json.schema_components(order, ref_template=TEMPLATE)
    of = dict(zip(order, schemas, strict=True))
    return {
        "openapi": "3.1.0",
        "info": {"title": "Copydesk", "version": __version__, "description": "What the pages show, as JSON."},
        "paths": {call.path: {call.method.lower(): _operation(call, of, components, examples)} for call in CALLS},
        "components": {"schemas": components},
    }


def _operation(
    call: Call, of: Mapping[type, Any], components: Mapping[str, Any], examples: Mapping[str, str]
) -> dict[str, Any]:
    told: dict[str, Any] = {"operationId": call.path.rpartition("/")[2], "summary": call.says}
    if call.method == "GET":
        told["parameters"] = _parameters(components[call.asked.__name__], examples)
    else:
        told["requestBody"] = {"required": True, "content": {"application/json": {"schema": of[call.asked]}}}
    trouble = {"application/json": {"schema": of[Trouble]}}
    told["responses"] = {
        "200": {"description": "the answer", "content": {"application/json": {"schema": of[call.answer]}}},
        **{code: {"description": words, "content": trouble} for code, words in TROUBLES.items()},
    }
    return told


def _parameters(schema: Mapping[str, Any], examples: Mapping[str, str]) -> list[dict[str, Any]]:
    """The fields of an object as parameters of a query; what may be left out cannot be null there."""
    parameters = []
    for name, field in schema["properties"].items():
        kinds = [kind for kind in field.get("anyOf", [field]) if kind.get("type") != "null"]
        kind = {key: value for key, value in kinds[0].items() if key not in ("default", "description")}
        if None in kind.get("enum", ()):
            kind["enum"] = [value for value in kind["enum"] if value is not None]
        told = {"name": name, "in": "query", "required": name in schema.get("required", ()), "schema": kind}
        words = kinds[0].get("description")
        if words:
            told["description"] = words
        if name in examples and told["required"]:
            told["example"] = examples[name]
        parameters.append(told)
    return parameters
