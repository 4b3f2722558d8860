"""Reduce Twilio's API descriptions to what the loopback provider answers.

python reduce.py twilio_api_v2010.json twilio_accounts_v1.json > twilio.json
"""

import json
import sys
from pathlib import Path

ACCOUNT = "/2010-04-01/Accounts"
WANTED = {
    ACCOUNT + "/{AccountSid}/Messages.json": ("post", "get"),
    ACCOUNT + "/{AccountSid}/IncomingPhoneNumbers.json": ("get",),
    ACCOUNT + "/{Sid}.json": ("get",),
    "/v1/Consents/Bulk": ("post",),
}


def reduce(*descriptions):
    """Return one description with the wanted operations and the schemas they refer to, without examples."""
    paths, found = {}, {}
    for description in descriptions:
        for path in WANTED.keys() & description["paths"].keys():
            paths[path] = {method: description["paths"][path][method] for method in WANTED[path]}
            _collect(paths[path], description["components"]["schemas"], found)
    _drop(paths, "examples")
    _drop([paths, found], "description")
    first = descriptions[0]
    info = {key: first["info"][key] for key in ("title", "version", "license") if key in first["info"]}
    return {"openapi": first["openapi"], "info": info, "paths": dict(sorted(paths.items())), "schemas": found}


def _drop(node, name):
    if isinstance(node, dict):
        if not isinstance(node.get(name), dict) or name == "examples":
            node.pop(name, None)
        node = node.values()
    for child in node:
        if isinstance(child, dict | list):
            _drop(child, name)


def _collect(node, schemas, found):
    if isinstance(node, dict):
        name = node.get("$ref", "").rpartition("/")[2]
        if name and name not in found:
            found[name] = schemas[name]
            _collect(found[name], schemas, found)
        node = node.values()
    for child in node:
        if isinstance(child, dict | list):
            _collect(child, schemas, found)


if __name__ == "__main__":
    json.dump(reduce(*(json.loads(Path(name).read_text()) for name in sys.argv[1:])), sys.stdout, indent=1)
    print()
