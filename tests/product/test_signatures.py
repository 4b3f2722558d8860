"""Every override of ours takes what the method of Odoo takes, by position and by name."""

import inspect
from itertools import dropwhile

from odoo.tests import TransactionCase, tagged

OURS = __package__.partition(".tests")[0]
POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


def parameters(cls, name):
    """Return the parameters of the method `name` that `cls` itself defines, without `self`; None if it has none."""
    found = vars(cls).get(name)
    method = getattr(found, "__func__", found)
    if not inspect.isfunction(method):
        return None
    taken = list(inspect.signature(method).parameters.values())
    return taken if isinstance(found, staticmethod) else taken[1:]


def refused(ours, theirs):
    """Return the parameters of `theirs` that `ours` would refuse, and those of `ours` that callers do not know of."""
    kinds = {parameter.kind for parameter in ours}
    rest, names = inspect.Parameter.VAR_POSITIONAL in kinds, inspect.Parameter.VAR_KEYWORD in kinds
    placed = [parameter for parameter in ours if parameter.kind in POSITIONAL]
    named = {parameter.name: parameter for parameter in ours}
    wrong = [parameter.name for parameter in theirs if parameter.kind not in POSITIONAL and parameter.kind not in kinds]
    wrong = [name for name in wrong if name not in named and not names]
    for position, parameter in enumerate(each for each in theirs if each.kind in POSITIONAL):
        mine = placed[position] if position < len(placed) else None
        same = mine and mine.name == parameter.name and (_needed(parameter) or not _needed(mine))
        if not (same or (mine is None and rest and names)):
            wrong.append(parameter.name)
    known = {parameter.name for parameter in theirs}
    return wrong + [name for name, mine in named.items() if name not in known and _needed(mine)]


def _needed(parameter):
    variable = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    return parameter.default is parameter.empty and parameter.kind not in variable


@tagged("post_install", "-at_install")
class TestSignatures(TransactionCase):
    """Callers of Odoo's methods, over RPC and in addons of others, call ours."""

    def overrides(self):
        """Yield class, name, our parameters, and those of each method of Odoo that ours overrides, nearest first."""
        for model in self.env.registry.values():
            for cls in (cls for cls in model.__mro__ if cls.__module__.startswith(f"{OURS}.")):
                above = [*dropwhile(lambda other, cls=cls: other is not cls, model.__mro__)][1:]
                stock = [other for other in above if not other.__module__.startswith(OURS)]
                for name in vars(cls):
                    theirs = [found for other in stock if (found := parameters(other, name)) is not None]
                    ours = parameters(cls, name)
                    if ours is not None and theirs and not name.startswith("__"):
                        yield cls, name, ours, theirs

    def test_every_override_takes_what_odoos_method_takes(self):
        seen = 0
        for cls, name, ours, theirs in self.overrides():
            seen += 1
            with self.subTest(method=f"{cls.__module__}.{cls.__name__}.{name}"):
                # Odoo's own overrides rename parameters: the first definition counts as well.
                self.assertFalse(refused(ours, theirs[0]) and refused(ours, theirs[-1]))
        self.assertGreater(seen, 50)

    def test_a_difference_is_found(self):
        def taken(function):
            return list(inspect.signature(function).parameters.values())

        theirs = taken(lambda res_ids, force_send=False, *, layout=None: None)
        for fits in (
            lambda res_ids, force_send=False, *, layout=None: None,
            lambda res_ids, *args, **kwargs: None,
            lambda *args, **kwargs: None,
            lambda res_ids, force_send=False, **kwargs: None,
        ):
            self.assertEqual(refused(taken(fits), theirs), [])
        for differs in (
            lambda res_ids, **kwargs: None,
            lambda res_ids, *args: None,
            lambda ids, *args, **kwargs: None,
            lambda res_ids, force_send, **kwargs: None,
            lambda res_ids, force_send=False: None,
            lambda res_ids, force_send=False, *, layout=None, more: None,
        ):
            self.assertTrue(refused(taken(differs), theirs), inspect.getsource(differs))
