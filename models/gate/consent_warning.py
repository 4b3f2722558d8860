from odoo import api, models

#: Whoever writes to more at once uses a mailing, which shows who will get it.
MOST_WARNED = 1000


class ConsentGate(models.AbstractModel):
    """What to tell whoever writes to records about those who may not get it."""

    _inherit = "consent.gate"

    @api.model
    def _warning(self, model: str, res_ids: list[int], channel: str, topic) -> str | None:
        """Return what to tell whoever writes to these records about those who may not get it, if there are any.

        :param topic: what the message is about; none: it must be no marketing at all
        """
        if not res_ids or len(res_ids) > MOST_WARNED:
            return None
        gate = self.sudo()
        parties = gate._addresses(model, res_ids, channel)
        topics = topic.sudo() or self.env["consent.topic"].sudo().search(
            [("company_id", "in", [self.env.company.id, False])]
        )
        withheld = set(parties)
        for one in topics:
            verdicts = gate._judge(parties, one, channel, one.company_id or self.env.company)
            withheld -= {key for key, verdict in verdicts.items() if verdict.allowed}
        if not withheld:
            return None
        count = {"count": len(withheld), "total": len(res_ids)}
        if topic:
            return self.env._("%(count)s of %(total)s may not get this topic, and are left out.", **count)
        return self.env._(
            "%(count)s of %(total)s may not get marketing: choose a topic, or write only what is no marketing.", **count
        )
