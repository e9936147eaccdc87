"""Reading ``relations.yaml`` of a fixture: its entries with their lines, and what is wrong with each. No database."""

from __future__ import annotations

from typing import Any

import yaml
from django.utils.translation import gettext_noop as _

from .problems import Fixture, Problem
from .relations import RelationError, relation_from_mapping
from .stored_message import stored


class _LineLoader(yaml.SafeLoader):
    """Safe YAML that also keeps the line of each mapping, and refuses a key that stands twice."""


def _mapping(loader: _LineLoader, node: yaml.MappingNode) -> dict[Any, Any]:
    result: dict[Any, Any] = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        if key in result:
            raise yaml.constructor.ConstructorError(None, None, f"the key {key} stands twice", key_node.start_mark)
        result[key] = loader.construct_object(value_node, deep=True)
    return result


_LineLoader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


def parse_relations(fixture: Fixture, name: str, text: str) -> None:
    fixture.has_relations = True
    try:
        loader = _LineLoader(text)
        try:
            if loader.check_event(yaml.AliasEvent):
                raise yaml.YAMLError("an alias")
            node = loader.get_single_node()
            data = loader.construct_document(node) if node is not None else None
        finally:
            loader.dispose()
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        fixture.problems.append(
            Problem(
                name,
                mark.line + 1 if mark else 1,
                "",
                stored(
                    _("The file cannot be read as YAML (%(error)s)."),
                    {"error": getattr(error, "problem", None) or error},
                ),
            )
        )
        return
    entries = data.get("relations") if isinstance(data, dict) else None
    if node is None or not isinstance(entries, list):
        fixture.problems.append(Problem(name, 1, "relations", stored(_("The file must hold a list named relations."))))
        return
    lines = _entry_lines(node)
    seen: dict[str, int] = {relation.id: relation.line for relation in fixture.relations}
    for index, entry in enumerate(entries):
        line = lines[index]
        if not isinstance(entry, dict):
            fixture.problems.append(Problem(name, line, "relations", stored(_("Each relation must be a mapping."))))
            continue
        try:
            relation = relation_from_mapping(entry, line)
        except RelationError as error:
            fixture.problems.append(Problem(name, line, error.field, error.message))
            continue
        if relation.id in seen:
            fixture.problems.append(
                Problem(
                    name,
                    line,
                    "id",
                    stored(
                        _("The id %(id)s stands already in line %(line)d; an id is given once."),
                        {"id": relation.id, "line": seen[relation.id]},
                    ),
                )
            )
            continue
        seen[relation.id] = line
        fixture.places[f"relation:{relation.id}"] = (name, line)
        fixture.relations.append(relation)


def _entry_lines(node: yaml.Node) -> list[int]:
    for key, value in node.value:
        if key.value == "relations":
            return [item.start_mark.line + 1 for item in value.value]
    return []
