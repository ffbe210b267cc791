"""The message types of a Sparkplug B payload, as protobuf descriptors made of the format's field numbers.

The payload is protobuf (proto2) of package ``org.eclipse.tahu.protobuf``; what a peer sees is only numbers and types
of fields, so the classes are built here from a table of them (Sparkplug 3.0.0, chapter 6.4), and decoding is done by
protobuf's C implementation.
"""

from __future__ import annotations

from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

_PACKAGE = "org.eclipse.tahu.protobuf"
_FIELD = descriptor_pb2.FieldDescriptorProto
_TYPES = {
    "uint32": _FIELD.TYPE_UINT32,
    "uint64": _FIELD.TYPE_UINT64,
    "float": _FIELD.TYPE_FLOAT,
    "double": _FIELD.TYPE_DOUBLE,
    "bool": _FIELD.TYPE_BOOL,
    "string": _FIELD.TYPE_STRING,
    "bytes": _FIELD.TYPE_BYTES,
}

Fields = tuple[tuple[int, str, str], ...]

_VALUES = ("uint32", "uint64", "float", "double", "bool", "string")
_VALUE_NAMES = ("int_value", "long_value", "float_value", "double_value", "boolean_value", "string_value")


def _values(first: int, *more: tuple[str, str]) -> Fields:
    """The members of a value's union: the six plain types from a field number on, then others."""
    named = (*zip(_VALUE_NAMES, _VALUES, strict=True), *more)
    return tuple((first + place, name, kind) for place, (name, kind) in enumerate(named))


_MESSAGES: dict[str, tuple[Fields, Fields]] = {
    # name: (plain fields, members of the oneof ``value``); a kind in brackets repeats
    "Payload": (
        (
            (1, "timestamp", "uint64"),
            (2, "metrics", "[Metric]"),
            (3, "seq", "uint64"),
            (4, "uuid", "string"),
            (5, "body", "bytes"),
        ),
        (),
    ),
    "Metric": (
        (
            (1, "name", "string"),
            (2, "alias", "uint64"),
            (3, "timestamp", "uint64"),
            (4, "datatype", "uint32"),
            (5, "is_historical", "bool"),
            (6, "is_transient", "bool"),
            (7, "is_null", "bool"),
            (8, "metadata", "MetaData"),
            (9, "properties", "PropertySet"),
        ),
        _values(10, ("bytes_value", "bytes"), ("dataset_value", "DataSet"), ("template_value", "Template")),
    ),
    "MetaData": (
        (
            (1, "is_multi_part", "bool"),
            (2, "content_type", "string"),
            (3, "size", "uint64"),
            (4, "seq", "uint64"),
            (5, "file_name", "string"),
            (6, "file_type", "string"),
            (7, "md5", "string"),
            (8, "description", "string"),
        ),
        (),
    ),
    "PropertySet": (((1, "keys", "[string]"), (2, "values", "[PropertyValue]")), ()),
    "PropertyValue": (
        ((1, "type", "uint32"), (2, "is_null", "bool")),
        _values(3, ("propertyset_value", "PropertySet"), ("propertysets_value", "PropertySetList")),
    ),
    "PropertySetList": (((1, "propertyset", "[PropertySet]"),), ()),
    "DataSet": (
        (
            (1, "num_of_columns", "uint64"),
            (2, "columns", "[string]"),
            (3, "types", "[uint32]"),
            (4, "rows", "[Row]"),
        ),
        (),
    ),
    "Row": (((1, "elements", "[DataSetValue]"),), ()),
    "DataSetValue": ((), _values(1)),
    "Template": (
        (
            (1, "version", "string"),
            (2, "metrics", "[Metric]"),
            (3, "parameters", "[Parameter]"),
            (4, "template_ref", "string"),
            (5, "is_definition", "bool"),
        ),
        (),
    ),
    "Parameter": (((1, "name", "string"), (2, "type", "uint32")), _values(3)),
    # The same bytes read in other ways. Where a field that repeats is read as one that does not, protobuf merges what
    # comes: all metrics of a payload become one message, each of whose fields is a column.
    "ColumnPayload": (((1, "timestamp", "uint64"), (2, "metrics", "Columns"), (3, "seq", "uint64")), ()),
    "Columns": (
        (
            (1, "name", "[string]"),
            (2, "alias", "[uint64]"),
            (3, "timestamp", "[uint64]"),
            (4, "datatype", "[uint32]"),
            (5, "is_historical", "[bool]"),
            (6, "is_transient", "[bool]"),
            (7, "is_null", "[bool]"),
            (8, "metadata", "[bytes]"),
            (9, "properties", "[bytes]"),
            *(
                (10 + place, name, f"[{kind}]")
                for place, (name, kind) in enumerate(zip(_VALUE_NAMES, _VALUES, strict=True))
            ),
            (16, "bytes_value", "[bytes]"),
            (17, "dataset_value", "[bytes]"),
            (18, "template_value", "[bytes]"),
        ),
        (),
    ),
    "Outline": (((1, "timestamp", "uint64"), (2, "metrics", "[bytes]"), (3, "seq", "uint64")), ()),
}


def _file() -> descriptor_pb2.FileDescriptorProto:
    file = descriptor_pb2.FileDescriptorProto(name="shazhou/sparkplug_b.proto", package=_PACKAGE, syntax="proto2")
    for name, (plain, union) in _MESSAGES.items():
        message = file.message_type.add(name=name)
        if union:
            message.oneof_decl.add(name="value")
        for number, field, kind in plain:
            _add(message, number, field, kind)
        for number, field, kind in union:
            _add(message, number, field, kind).oneof_index = 0
    return file


def _add(message: Any, number: int, name: str, kind: str) -> Any:
    repeated, kind = kind.startswith("["), kind.strip("[]")
    field = message.field.add(name=name, number=number)
    field.label = _FIELD.LABEL_REPEATED if repeated else _FIELD.LABEL_OPTIONAL
    if kind in _TYPES:
        field.type = _TYPES[kind]
    else:
        field.type, field.type_name = _FIELD.TYPE_MESSAGE, f".{_PACKAGE}.{kind}"
    return field


_POOL = descriptor_pool.DescriptorPool()
_POOL.Add(_file())


def _made(name: str) -> Any:
    return message_factory.GetMessageClass(_POOL.FindMessageTypeByName(f"{_PACKAGE}.{name}"))


Payload: Any = _made("Payload")
Metric: Any = _made("Metric")
PropertySet: Any = _made("PropertySet")
PropertyValue: Any = _made("PropertyValue")
DataSet: Any = _made("DataSet")
Template: Any = _made("Template")
ColumnPayload: Any = _made("ColumnPayload")
"""A payload whose metrics are read as columns (`_MESSAGES`)."""
Outline: Any = _made("Outline")
"""A payload whose metrics stay bytes, to count them before they are read."""
