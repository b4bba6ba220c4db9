"""The part of JSON Schema that /openapi.json uses: checks values, and makes valid and invalid ones.

One oracle for the walk over the API: what the document promises, judged by code that shares nothing with the server.
"""

import re

NAMES = {str: "string", bool: "boolean", int: "integer", float: "number", list: "array", dict: "object",
         type(None): "null"}


class Schemas:
    def __init__(self, document):
        self.document = document

    def resolve(self, schema):
        while "$ref" in schema:
            target = self.document
            for part in schema["$ref"].removeprefix("#/").split("/"):
                target = target[part]
            schema = target
        return schema

    def fault(self, schema, value, path="$"):
        """The first rule that the value breaks, in words; None when it breaks none."""
        schema = self.resolve(schema)
        if "anyOf" in schema:
            faults = [self.fault(option, value, path) for option in schema["anyOf"]]
            return None if None in faults else f"{path}: none of the alternatives: {faults}"
        types = schema.get("type")
        if types is not None:
            kind = NAMES[type(value)]
            allowed = [types] if isinstance(types, str) else types
            if kind not in allowed and not (kind == "integer" and "number" in allowed):
                return f"{path}: {kind} where {allowed} is promised"
        if "enum" in schema and value not in schema["enum"]:
            return f"{path}: {value!r} is not one of {schema['enum']}"
        if isinstance(value, dict):
            return self.object_fault(schema, value, path)
        if isinstance(value, list):
            if len(value) > schema.get("maxItems", len(value)):
                return f"{path}: {len(value)} entries"
            faults = (self.fault(schema.get("items", {}), entry, f"{path}[{i}]") for i, entry in enumerate(value))
            return next(filter(None, faults), None)
        if isinstance(value, str):
            if not schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value)):
                return f"{path}: {len(value)} characters"
            if "pattern" in schema and not re.search(schema["pattern"], value):
                return f"{path}: {value!r} does not match {schema['pattern']}"
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            if not schema.get("minimum", value) <= value <= schema.get("maximum", value):
                return f"{path}: {value} is out of range"
        return None

    def object_fault(self, schema, value, path):
        properties = schema.get("properties", {})
        missing = [name for name in schema.get("required", []) if name not in value]
        if missing:
            return f"{path}: {missing} missing"
        rest = schema.get("additionalProperties", True)
        for name, member in value.items():
            if name in properties:
                fault = self.fault(properties[name], member, f"{path}.{name}")
            elif rest is False:
                fault = f"{path}: {name} is not promised"
            else:
                fault = self.fault(rest if isinstance(rest, dict) else {}, member, f"{path}.{name}")
            if fault:
                return fault
        return None

    def example(self, schema, full=True):
        """A valid value: with every property, or only with the required ones."""
        schema = self.resolve(schema)
        if "anyOf" in schema:
            return self.example(schema["anyOf"][0], full)
        if "enum" in schema:
            return schema["enum"][0]
        types = schema.get("type", "object")
        kind = types if isinstance(types, str) else types[0]
        if kind == "object":
            return {name: self.example(member, full) for name, member in schema.get("properties", {}).items()
                    if full or name in schema.get("required", [])}
        if kind == "array":
            return [self.example(schema["items"], full)]
        if kind == "integer":
            return schema.get("minimum", 1)
        return {"string": "1", "number": schema.get("minimum", 1.5), "boolean": True, "null": None}[kind]

    def invalid(self, schema):
        """Pairs of (what is wrong, a value that breaks one rule of an object or array schema)."""
        schema = self.resolve(schema)
        if "anyOf" in schema:
            yield from self.invalid(schema["anyOf"][0])
            return
        good = self.example(schema)
        yield "another type", 7
        yield "null", None
        for name in schema.get("required", []):
            yield f"without {name}", {key: member for key, member in good.items() if key != name}
        if schema.get("additionalProperties") is False:
            yield "with an unknown field", {**good, "no-such-field": 1}
        for name, member in schema.get("properties", {}).items():
            for what, bad in self.invalid_member(member):
                yield f"{name} {what}", {**good, name: bad}

    def invalid_member(self, schema):
        schema = self.resolve(schema)
        types = schema.get("type", [])
        types = [types] if isinstance(types, str) else types
        if "array" not in types:
            yield "as a list", [[]]
        if "string" not in types:
            yield "as text", "text"
        if "string" in types:
            yield "as a number", 5
            if "maxLength" in schema:
                yield "too long", "x" * (schema["maxLength"] + 1)
            if schema.get("minLength", 0) > 0:
                yield "empty", ""
            if "enum" in schema:
                yield "unknown", "no such choice"
        if "maximum" in schema:
            yield "too large", schema["maximum"] * 2 + 1
            yield "too small", schema["minimum"] - 1
        if "array" in types:
            yield "with a bad entry", [{"no": "entry"}]
            if "maxItems" in schema:
                yield "too many", [self.example(schema["items"])] * (schema["maxItems"] + 1)
