# Runs inside an Odoo shell: prints the pages to photograph, as one line of JSON.
import json
import os
from pathlib import Path

try:
    import tomllib
except ImportError:  # Python 3.10
    from pip._vendor import tomli as tomllib

APP = "marketing_consent"
HERE = Path(os.environ["MARKETING_CONSENT_DEV"])
DARK = "/_custom/marketing_consent/dark.scss"


def pages(env):
    """Return name, path and login of each page: the app's menus in every view, and those of the list."""
    names = env["ir.model.data"].search([("module", "=", APP), ("model", "=", "ir.actions.act_window")])
    found = []
    for action in env["ir.actions.act_window"].browse(names.mapped("res_id")):
        if action.target == "new" or action.res_model not in env or env[action.res_model]._transient:
            continue
        for view in action.view_mode.split(","):
            name = f"{action.res_model.replace('.', '-')}-{view}"
            if view != "form":
                found.append({"name": name, "path": f"/odoo/action-{action.id}?view_type={view}", "login": "admin"})
            elif record := env[action.res_model].search([], limit=1):
                found.append({"name": name, "path": f"/odoo/action-{action.id}/{record.id}", "login": "admin"})
    listed = tomllib.loads((HERE / "screenshots.toml").read_text())
    for page in listed["page"]:
        path = eval(page["path"], {"env": env}) if page.get("python") else page["path"]
        found.append({**page, "path": str(path)})
    return found


def darken(env):
    """Put dev/dark.scss before Odoo's bundle of the dark style, which Odoo's free edition builds but never shows."""
    style = {
        "name": "dark.scss",
        "url": DARK,
        "raw": (HERE / "dark.scss").read_bytes(),
        "mimetype": "text/scss",
        "public": True,
    }
    stored = env["ir.attachment"].search([("url", "=", DARK)]) or env["ir.attachment"].create(style)
    if stored.raw != style["raw"]:
        stored.write(style)
        env["ir.attachment"].search([("url", "=like", "/web/assets/%/web.assets_web_dark%")]).unlink()
    if not env["ir.asset"].search_count([("path", "=", DARK)]):
        asset = {"name": "Dark", "path": DARK, "bundle": "web.assets_web_dark", "directive": "prepend"}
        env["ir.asset"].create(asset)
    env.cr.commit()


darken(env)  # noqa: F821 (the shell's)
print(json.dumps(pages(env)))  # noqa: F821
