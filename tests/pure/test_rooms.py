"""Rooms keep their order: code calls only rooms above its own in `models/__init__.py`, by import or by `env["…"]`."""

import ast
from pathlib import Path

ADDON = Path(__file__).resolve().parents[2]
MODELS = ADDON / "models"
#: Edges that run up the order, and why each stays: file and what it calls.
EXCEPTIONS = {
    ("policy/consent_notice.py", "ledger"): "the channels' labels, from the field that has them",
    ("recipients/ir_http.py", "controllers"): "Odoo's dispatch hook reads a form as its controller does",
}


def rooms():
    """Return the rooms in their order."""
    tree = ast.parse((MODELS / "__init__.py").read_text())
    return [alias.name for node in tree.body if isinstance(node, ast.ImportFrom) for alias in node.names]


def owners():
    """Return the room in which each model of ours is defined: the class that names it without extending it."""
    found = {}
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ClassDef):
                values = {
                    assigned.targets[0].id: ast.unparse(assigned.value)
                    for assigned in node.body
                    if isinstance(assigned, ast.Assign) and isinstance(assigned.targets[0], ast.Name)
                }
                name = values.get("_name", "").strip("'\"")
                if name.startswith("consent.") and repr(name) not in values.get("_inherit", ""):
                    found[name] = path.relative_to(MODELS).parts[0]
    return found


def sources():
    """Return the files of the rooms."""
    return sorted(path for path in MODELS.rglob("*.py") if path.parent != MODELS)


def calls(path, owner):
    """Yield the rooms, or packages beside `models`, that a file calls."""
    package = path.relative_to(ADDON).parts[:-1]
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant) and node.slice.value in owner:
            yield owner[node.slice.value]
        elif isinstance(node, ast.ImportFrom) and node.level:
            target = [*package[: len(package) - node.level + 1], *(node.module or "").split(".")]
            if target[0] == "models" and len(target) > 1:
                yield target[1]
            elif target[0] in ("controllers", "wizards"):
                yield target[0]


def upward():
    """Return the edges that run up the order."""
    order, owner = {room: number for number, room in enumerate(rooms())}, owners()
    edges = set()
    for path in sources():
        here = order[path.relative_to(MODELS).parts[0]]
        for room in calls(path, owner):
            if order.get(room, len(order)) > here:
                edges.add((str(path.relative_to(MODELS)), room))
    return edges


def test_rooms_call_only_rooms_above_them():
    assert upward() - EXCEPTIONS.keys() == set()


def test_each_exception_is_still_needed():
    assert EXCEPTIONS.keys() - upward() == set()


def test_the_room_of_each_model_is_found():
    assert {"consent.gate": "gate", "consent.event": "ledger", "consent.import": "imports"}.items() <= owners().items()
