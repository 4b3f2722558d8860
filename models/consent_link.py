import json
import secrets
from collections.abc import Iterable

from odoo import api, models, tools
from odoo.tools.urls import urljoin

from ..tools import links
from ..tools.links import Link

KEYS_PARAMETER = "marketing_consent.link_keys"


class ConsentLink(models.AbstractModel):
    """Links in messages: who gets which, and what one that came back stands for."""

    _name = "consent.link"
    _description = "Link in a Message"

    @api.model
    def _keys(self) -> dict[int, bytes]:
        """Return the keys by number. The newest signs; the old ones verify for ever."""
        return {int(number): bytes.fromhex(key) for number, key in json.loads(self._keys_json()).items()}

    @api.model
    @tools.ormcache()
    def _keys_json(self):
        return self.env["ir.config_parameter"].sudo().get_param(KEYS_PARAMETER) or self._add_key("{}")

    @api.model
    def _rotate_keys(self):
        """Sign with a new key from now on; links that were signed before keep working."""
        self._add_key(self._keys_json())

    def _add_key(self, keys_json):
        # Of its own and not Odoo's secret, which changes when a database is copied: links in old mails must not die.
        keys = json.loads(keys_json)
        keys[str(max(map(int, keys), default=0) + 1)] = secrets.token_hex(32)
        self.env["ir.config_parameter"].sudo().set_param(KEYS_PARAMETER, json.dumps(keys))
        return json.dumps(keys)

    @api.model
    def _tokens(self, channel: str, addresses: Iterable[str], company, topic=None, mailing=None) -> dict[str, str]:
        """Return the token for a message to each of `addresses`, in a fixed number of statements.

        :param channel: email or sms
        :param addresses: canonical addresses; one that is new to us gets its contact point
        :param company: the `res.company` in whose name the message goes out
        :param topic: the `consent.topic` that the message is about, if there is one
        :param mailing: the `mailing.mailing`, if there is one
        """
        about = (company.id, topic.id if topic else 0, mailing.id if mailing else 0)
        keys = self._keys()
        return {
            address: links.sign(keys, "message", Link(point_id, *about))
            for address, point_id in self.env["consent.contact.point"].sudo()._points(channel, addresses).items()
        }

    @api.model
    def _read(self, token: str) -> Link | None:
        """Return what the token of a message stands for, None where it is not ours."""
        return links.read(self._keys(), "message", token)

    @api.model
    def _url(self, page: str, token: str, company) -> str:
        """Return the address of a page for recipients.

        Its host comes from the configuration, never from a request (threat T-26).

        :param page: unsubscribe, preferences, why …
        :param company: the `res.company` whose website it is on
        """
        return urljoin(self._base_url(company), f"/consent/{page}/{token}")

    @api.model
    def _stop_url(self, token: str, company) -> str:
        """Return the address that stops SMS, as short as it can be: every character counts in an SMS."""
        return urljoin(self._base_url(company), f"/c/{token}")

    def _base_url(self, company):
        return (company.sudo().website_id or company).get_base_url()
