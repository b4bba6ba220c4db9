#!/usr/bin/env python3
"""Walks /openapi.json of a running server: calls every operation with valid and with invalid input, and holds each answer
against what the document promises (status, media type, shape, Allow). Standard library only.

usage: openapi_walk_test.py WINNOW_BINARY
"""

import http.client
import json
import sys
from pathlib import Path
from urllib.parse import quote, urlsplit

sys.path.insert(0, str(Path(__file__).parent / "http"))
from json_schema import Schemas  # noqa: E402
from winnow_server import serving  # noqa: E402


class Walk:
    def __init__(self, url):
        self.address = urlsplit(url).netloc
        self.connection = http.client.HTTPConnection(self.address, timeout=30)
        self.calls = 0
        self.faults = []
        status, headers, body = self.call("GET", "/openapi.json")
        assert status == 200, body
        self.document = json.loads(body)
        self.schemas = Schemas(self.document)

    def call(self, method, target, body=None, content_type="application/json"):
        self.calls += 1
        headers = {"Content-Type": content_type} if body is not None else {}
        self.connection.request(method, target, body, headers)
        response = self.connection.getresponse()
        return response.status, dict((k.lower(), v) for k, v in response.getheaders()), response.read()

    def fault(self, what, text):
        self.faults.append(f"{what}: {text}")

    def operations(self):
        for path, methods in self.document["paths"].items():
            for method, operation in methods.items():
                yield path, method.upper(), operation

    def target(self, path, operation, **query):
        """The path with its parameters filled in; the query as given."""
        for parameter in operation.get("parameters", []):
            if parameter["in"] == "path":
                path = path.replace("{%s}" % parameter["name"], quote("1", safe=""))
        return path + ("?" + "&".join(f"{k}={quote(str(v), safe='')}" for k, v in query.items()) if query else "")

    def check(self, what, operation, answer, expected):
        """The answer is one of the expected statuses, and keeps the document's promise for that status."""
        status, headers, body = answer
        promises = operation["responses"]
        if status not in expected:
            return self.fault(what, f"answered {status} instead of one of {sorted(expected)}: {body[:300]}")
        if str(status) not in promises:
            return self.fault(what, f"status {status} is not documented")
        content = promises[str(status)].get("content")
        if content is None:
            return None if not body else self.fault(what, f"a body where none is documented: {body[:100]}")
        media, promise = next(iter(content.items()))
        if headers.get("content-type") != media:
            return self.fault(what, f"{headers.get('content-type')} instead of {media}")
        if media == "application/json":
            fault = self.schemas.fault(promise["schema"], json.loads(body))
            if fault:
                return self.fault(what, f"{status} breaks its schema: {fault}")
        if status in (429, 503) and "retry-after" not in headers:
            return self.fault(what, f"{status} without Retry-After")
        return None

    def walk(self):
        order = ("PUT", "POST", "GET", "DELETE")
        for path, method, operation in sorted(self.operations(), key=lambda each: order.index(each[1])):
            name = operation["operationId"]
            success = {int(status) for status in operation["responses"] if status < "400"}
            # 404 and 409, where they are documented, depend on what is stored: a made-up id, a made-up cursor.
            expected = success | {status for status in (404, 409) if str(status) in operation["responses"]}
            self.valid(name, path, method, operation, expected)
            self.wrong_parameters(name, path, method, operation)
            if operation.get("requestBody"):
                self.wrong_bodies(name, path, method, operation)
            self.other_methods(name, path)

    def body_schema(self, operation):
        return operation["requestBody"]["content"]["application/json"]["schema"]

    def bodies(self, operation):
        """Valid bodies as text; one None for operations without a body."""
        if not operation.get("requestBody"):
            return [None]
        schema = self.body_schema(operation)
        options = self.schemas.resolve(schema).get("anyOf", [schema])
        examples = [self.schemas.example(option, full) for option in options for full in (True, False)]
        # An event needs one of two optional ids.
        if operation["operationId"] == "appendEvents":
            examples = [example for example in examples if not isinstance(example, dict) or
                        "user_id" in example or "events" in example]
        return [json.dumps(example) for example in examples]

    def valid(self, name, path, method, operation, expected):
        for body in self.bodies(operation):
            self.check(f"{name} {body}", operation, self.call(method, self.target(path, operation), body), expected)
        for parameter in operation.get("parameters", []):
            if parameter["in"] == "query":
                value = self.schemas.example(parameter["schema"])
                value = ",".join(value) if isinstance(value, list) else value
                target = self.target(path, operation, **{parameter["name"]: value})
                for body in self.bodies(operation)[:1]:
                    self.check(f"{name} ?{parameter['name']}={value}", operation, self.call(method, target, body),
                               expected)
        if method == "GET":
            get = self.call("GET", self.target(path, operation))
            status, headers, body = self.call("HEAD", self.target(path, operation))
            if (status, body) != (get[0], b"") or headers.get("content-type") != get[1].get("content-type"):
                self.fault(name, f"HEAD answers {status} {headers} and {len(body)} bytes")

    def wrong_parameters(self, name, path, method, operation):
        body = self.bodies(operation)[0]
        wrong = [("an unknown parameter", "no_such_parameter=1"), ("a bad escape", "count=%zz")]
        for parameter in operation.get("parameters", []):
            schema = parameter["schema"]
            if parameter["in"] == "path":
                too_long = path.replace("{%s}" % parameter["name"], "x" * (schema["maxLength"] + 1))
                self.check(f"{name} with a long id", operation, self.call(method, too_long, body), {400})
                control = path.replace("{%s}" % parameter["name"], "a%00b")
                self.check(f"{name} with a control character", operation, self.call(method, control, body), {400})
                continue
            key = parameter["name"]
            if schema["type"] == "integer":
                bad = [schema["minimum"] - 1, schema["maximum"] + 1, "x", "1.5", ""]
                wrong += [(f"{key}={value}", f"{key}={value}") for value in bad]
            if schema["type"] == "string":
                wrong.append((f"a long {key}", f"{key}={'x' * (schema['maxLength'] + 1)}"))
            if schema["type"] == "array":
                wrong.append((f"too many {key}", f"{key}=" + ",".join(["1"] * (schema["maxItems"] + 1))))
            else:
                wrong.append((f"{key} twice", f"{key}=1&{key}=1"))
        if "400" in operation["responses"]:
            for what, query in wrong:
                answer = self.call(method, self.target(path, operation) + "?" + query, body)
                self.check(f"{name} with {what}", operation, answer, {400})

    def wrong_bodies(self, name, path, method, operation):
        target = self.target(path, operation)
        body = self.bodies(operation)[0]
        for what, text in (("no body", ""), ("half a body", body[:-1]), ("no JSON", "<x/>"), ("bad UTF-8", b'"\xff"'),
                           ("deep nesting", "[" * 1000)):
            self.check(f"{name} with {what}", operation, self.call(method, target, text), {400})
        self.check(f"{name} as text", operation, self.call(method, target, body, "text/plain"), {415})
        for what, value in self.schemas.invalid(self.body_schema(operation)):
            if self.schemas.fault(self.body_schema(operation), value) is None:
                continue
            answer = self.call(method, target, json.dumps(value))
            self.check(f"{name} with {what}", operation, answer, {422})

    def other_methods(self, name, path):
        offered = {method.upper() for method in self.document["paths"][path]}
        target = path.replace("{id}", "1")
        for method in {"GET", "PUT", "POST", "DELETE", "PATCH", "TRACE", "PROPFIND"} - offered:
            status, headers, body = self.call(method, target)
            allowed = set(headers.get("allow", "").split(", ")) - {"HEAD", "OPTIONS"}
            if status != 405 or allowed != offered:
                self.fault(name, f"{method} answers {status}, Allow: {headers.get('allow')}")
        status, headers, body = self.call("OPTIONS", target)
        if status != 204 or body or not headers.get("allow"):
            self.fault(name, f"OPTIONS answers {status}")


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    with serving(sys.argv[1]) as url:
        walk = Walk(url)
        walk.walk()
        status, _, _ = walk.call("GET", "/health/live")
        if status != 200:
            walk.fault("live", f"answers {status} after the walk")
    for fault in walk.faults:
        print("FAULT", fault)
    operations = sum(len(methods) for methods in walk.document["paths"].values())
    print(f"{operations} operations, {walk.calls} calls, {len(walk.faults)} faults")
    sys.exit(1 if walk.faults or operations < 20 else 0)


if __name__ == "__main__":
    main()
