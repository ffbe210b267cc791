"""Ask once: a collection must not ask for what a mapping of the city folder already loads for such entities.

A mapping that names a variable outright loads it for every row of its document. One that takes the variable from a
column promises nothing about any of them: it brings what somebody happened to publish, and that comes prefilled.
"""

from __future__ import annotations

from collections.abc import Iterator

from shazhou.city.lines import read_yaml
from shazhou.city.model import City
from shazhou.city.problem import Problem, Refused, Rule
from shazhou.intake.mapping import Mapping, mapping_names, mapping_of

LOADED_ALREADY = Rule(
    "ask-once",
    "{found} is loaded for entities of the kind {kind} by the mapping {mapping} already.",
    "{found} 已由映射 {mapping} 为同类主体（{kind}）载入。",
    "Take it off this collection, or stop loading it: nobody should give twice what is known.",
    "请从本报表中去掉，或停止由该映射载入：已掌握的数据不应重复收取。",
)


def check_ask_once(city: City) -> Iterator[Problem]:
    """Every variable of a collection that a mapping loads already."""
    if not city.collections:
        return
    loaded: dict[tuple[str, str], str] = {}
    for name in mapping_names(city):
        for each in _loaded(city, name):
            loaded.setdefault(each, name)
    lined = read_yaml("collections.yaml", city.files["collections.yaml"])
    for collection in city.collections.values():
        for number, name in enumerate(collection.variables):
            mapping = loaded.get((collection.of, name))
            if mapping is not None:
                where = lined.where((collection.id, "variables", number))
                yield Problem(LOADED_ALREADY, where, name, {"kind": collection.of, "mapping": mapping})


def _loaded(city: City, name: str) -> Iterator[tuple[str, str]]:
    """Kinds of entities and the variables that a mapping loads for them."""
    try:
        mapping: Mapping = mapping_of(city, name)
    except Refused:
        # What is wrong with the mapping is told by the check of mappings.
        return
    for observed in mapping.observations:
        if isinstance(observed.variable, str) and observed.kind == "actual":
            yield mapping.entity.kind, observed.variable
