"""Forms as the web client uses them, with Odoo's server-side form: it sends what the view lets a user send."""

from dataclasses import dataclass, field
from typing import Any

from lxml import etree
from odoo.service.model import call_kw
from odoo.tests import Form
from odoo.tools.safe_eval import safe_eval

#: Kinds of field that a user changes by typing or choosing.
SIMPLE = ("boolean", "char", "date", "datetime", "float", "html", "integer", "many2one", "selection", "text")


@dataclass
class Use:
    """How a form is used."""

    #: The least role that may use it.
    role: str
    #: What is typed in: values by field; of a list the values of its first lines, where a
    #: function works out one from its line.
    values: dict = field(default_factory=dict)
    #: What is typed in once the form is saved.
    later: dict = field(default_factory=dict)
    #: The record that is opened, for forms that people do not create.
    record: Any = None
    #: Context of the action that opens the form.
    context: dict = field(default_factory=dict)
    #: Buttons that rightly say no here, with what they say.
    refused: dict = field(default_factory=dict)


class UsedForm(Form):
    """A form that is filled in, changed and whose buttons are pressed."""

    def fill(self, values: dict):
        """Type in values; a list of values goes into the first lines, or into new ones."""
        for name, value in values.items():
            if isinstance(value, list):
                self._fill_lines(name, value)
            else:
                self[name] = value

    def _fill_lines(self, name, values):
        lines = self[name]
        for place, line in enumerate(values):
            with lines.edit(place) if place < len(lines) else lines.new() as row:
                for key, value in line.items():
                    row[key] = value(row) if callable(value) else value

    def editable(self, kinds: tuple) -> list[str]:
        """Return the fields of these kinds that the user sees and may change."""
        return [
            name
            for name, info in self._view["fields"].items()
            if info["type"] in kinds
            and not self._get_modifier(name, "readonly")
            and not self._get_modifier(name, "invisible")
        ]

    def touch(self, names: set):
        """Set each of these fields that may be changed to what it is, so that all are sent."""
        for name in self.editable(SIMPLE):
            if name in names:
                self[name] = self[name]

    def look_up(self, names: set):
        """Type into each of these fields that name other records."""
        for name in self.editable(("many2one", "many2many")):
            if name in names:
                domain = self._node(name).get("domain") or self._view["fields"][name].get("domain") or "[]"
                domain = safe_eval(domain, self._get_eval_context()) if isinstance(domain, str) else domain
                self._env[self._view["fields"][name]["relation"]].name_search("News", domain, "ilike", 8)

    def lacking(self) -> list[str]:
        """Return what new lines need and the client would not send, as long as nobody opens them.

        Odoo's form sends of a line what its own form has; the client, what its list or card has.
        """
        return [
            f"{name}.{lack}"
            for name, info in self._view["fields"].items()
            if info["type"] == "one2many" and any(isinstance(line, str) for line in self._values[name])
            for lack in self._lacking(self._node(name), info)
        ]

    def _lacking(self, node, info):
        model, fields = self._env[info["relation"]], self._models_info[info["relation"]]["fields"]
        shown = next(each for each in node if each.tag == node.get("mode", "list").partition(",")[0])
        sent = {
            each.get("name")
            for each in shown.iter("field")
            if each.get("force_save") or not fields[each.get("name")].get("readonly") and not each.get("readonly")
        }
        needed = {name for name, each in model._fields.items() if each.required and each.store}
        return needed - sent - {info["relation_field"]} - model.default_get(list(needed)).keys()

    def _node(self, name):
        return next(node for node in self._view["tree"].iter("field") if node.get("name") == name)

    def buttons(self, names: set) -> list:
        """Return the buttons of these names that the user sees, each with the records it is for."""
        found = []
        for node in self._view["tree"].iter("button"):
            if node.get("type") in ("object", "action") and node.get("name") in names:
                found += [(node, record) for record in self._records_at(node) if self._shows(node, record)]
        return found

    def _records_at(self, node):
        lists = [each.get("name") for each in node.iterancestors("field")]
        return self._record[lists[0]][:1] if lists else self._record

    def _shows(self, node, record):
        above = [node, *node.iterancestors()]
        inner = next((place for place, each in enumerate(above) if each.tag == "field"), len(above))
        if inner == len(above):
            return not any(safe_eval(each.get("invisible") or "False", self._get_eval_context()) for each in above)
        values = {"parent": self._record, **{name: record[name] for name in record._fields}}
        told = [each.get(key) for each in above[:inner] for key in ("invisible", "column_invisible")]
        outer = not any(safe_eval(e.get("invisible") or "False", self._get_eval_context()) for e in above[inner:])
        return outer and not any(safe_eval(each, values) for each in told if each)

    def press(self, node: etree._Element, record):
        """Press a button, and open what it answers as the client does."""
        context = safe_eval(node.get("context") or "{}", self._get_eval_context())
        if node.get("type") == "action":
            action = self._env["ir.actions.actions"].sudo().browse(int(node.get("name")))
            opened = self._env["ir.actions.act_window"]._for_xml_id(
                self._env[action.type].sudo().browse(action.id).get_external_id()[action.id]
            )
        else:
            opened = call_kw(record, node.get("name"), [record.ids], {"context": {**self._env.context, **context}})
        if isinstance(opened, dict) and opened.get("type") == "ir.actions.act_window":
            self._open(opened, {"active_id": record.id, "active_ids": record.ids, "active_model": record._name})

    def _open(self, action, active):
        context = action.get("context") or {}
        context = safe_eval(context, {**active, "uid": self._env.uid}) if isinstance(context, str) else context
        target = self._env[action["res_model"]].with_context(**active, **context)
        views = action.get("views") or [(False, kind) for kind in action["view_mode"].split(",")]
        target.get_views(views)
        if action.get("res_id"):
            Form(target.browse(action["res_id"]), views[0][0])
        elif views[0][1] == "form":
            Form(target, views[0][0])
        else:
            domain = action.get("domain") or []
            domain = safe_eval(domain, {**active, "uid": self._env.uid}) if isinstance(domain, str) else domain
            target.web_search_read(domain, {"display_name": {}}, limit=1)
