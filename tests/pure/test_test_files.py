import ast
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
#: What Odoo's own runner does not load: these need no database, or other addons than ours.
APART = ("neighbours", "pure", "wide")
FILES = sorted(path.relative_to(TESTS) for path in TESTS.rglob("test_*.py"))
#: Libraries that Odoo lacks without dev/test.
OPTIONAL = {"aiosmtpd", "hypothesis", "playwright", "pypdfium2", "scipy", "twilio"}


def imports(path):
    """Return the modules that a file names at its top, relative ones with their dots."""
    tree = ast.parse((TESTS / path).read_text())
    return {
        "." * getattr(node, "level", 0) + name
        for node in tree.body
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in ([node.module or ""] if isinstance(node, ast.ImportFrom) else [each.name for each in node.names])
    }


def test_odoo_loads_every_file_with_tests():
    tree = ast.parse((TESTS / "__init__.py").read_text())
    loaded = {
        f"{node.module.replace('.', '/')}/{alias.name}.py"
        for node in tree.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert loaded == {str(path) for path in FILES if path.parts[0] not in APART}


def test_what_tests_share_is_in_cases_and_loads_without_optional_libraries():
    for path in [path for path in sorted(TESTS.rglob("*.py")) if "pure" not in path.parts]:
        named = imports(path.relative_to(TESTS))
        between = [name for name in named if name.startswith(".") and name.split(".")[-1].startswith("test_")]
        assert not between, path
        assert not OPTIONAL & {name.split(".")[0] for name in named}, path
