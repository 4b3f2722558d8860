"""Reduce Twilio's API description to what the loopback provider answers: the sending of a message.

python reduce.py twilio_api_v2010.json > twilio_messages.json
"""

import json
import sys

PATH = "/2010-04-01/Accounts/{AccountSid}/Messages.json"


def reduce(description):
    """Return the description with one path and the schemas it refers to, without examples."""
    post = description["paths"][PATH]["post"]
    for response in post["responses"].values():
        for content in response.get("content", {}).values():
            content.pop("examples", None)
    schemas, found = description["components"]["schemas"], {}
    _collect(post, schemas, found)
    info = {key: description["info"][key] for key in ("title", "version", "license") if key in description["info"]}
    return {"openapi": description["openapi"], "info": info, "paths": {PATH: {"post": post}}, "schemas": found}


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
    with open(sys.argv[1]) as source:
        json.dump(reduce(json.load(source)), sys.stdout, indent=1)
