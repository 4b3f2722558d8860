from odoo import http
from odoo.addons.mail.controllers.thread import ThreadController

from ...tools import origin


class ConsentThreadController(ThreadController):
    """The chatter, which posts in superuser mode what somebody wrote by hand."""

    @http.route()
    def mail_message_post(self, thread_model, thread_id, post_data, context=None, **kwargs):
        """Say that it is written by hand. Relied on: the message is posted in the context of the request."""
        context = {**(context or {}), origin.CONTEXT_KEY: origin.WRITTEN}
        return super().mail_message_post(thread_model, thread_id, post_data, context=context, **kwargs)
