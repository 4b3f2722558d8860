"""Measure what recipients' requests cost, in one server process, and print it as JSON; `bench/run` compares.

One click is measured in turn with that of stock Odoo, so that both see the same machine; a page is measured against
/web/login of the same database.
"""

import argparse
import json
import os
import statistics
import time
from urllib.parse import urlsplit

import odoo
import odoo.http
from odoo import api
from odoo.modules.registry import Registry
from odoo.service import server
from odoo.tools import config
from werkzeug.test import Client

ONE_CLICK = {"List-Unsubscribe": "One-Click"}
WEBHOOK = "/consent/sms/twilio"


def main():
    """Measure one click of both databases, and the pages of the addon's."""
    arguments = _arguments()
    databases = {"addon": arguments.database, "stock": arguments.stock}
    config.parse_config(["-c", os.environ["ODOO_RC"], "-d", ",".join(databases.values()), "--log-level", "critical"])
    server.load_server_wide_modules()
    urls = {side: _urls(database, arguments) for side, database in databases.items()}
    found = _one_click(databases, urls)
    config["db_name"] = [arguments.database]
    page = [url for url in urls["addon"] for _time in range(2)]
    found |= {"page": _median("GET", page), "login": _median("GET", ["/web/login"] * len(page))}
    found["preferences"] = _median("GET", [url.replace("/unsubscribe/", "/preferences/") for url in page])
    found["webhook"] = _webhook(arguments)
    found["proven"] = _median("GET", ["/consent/me"] * len(page), _proven(arguments))
    print(json.dumps(found))


def _urls(database, arguments):
    with Registry(database).cursor() as cr:
        env = api.Environment(cr, odoo.SUPERUSER_ID, {})
        return _one_click_urls(env, arguments.start, arguments.requests)


def _one_click(databases, urls):
    """Return the median of the milliseconds that one click takes, by side; both take turns."""
    times = {side: [] for side in databases}
    for turn in zip(*urls.values(), strict=True):
        for side, url in zip(urls, turn, strict=True):
            config["db_name"] = [databases[side]]
            times[side].append(_time(Client(odoo.http.root), "POST", url))
    return {f"one_click_{side}": 1000 * statistics.median(taken[1:]) for side, taken in times.items()}


def _one_click_urls(env, start, count):
    """Return the one-click addresses of `count` people who did not use theirs yet."""
    people = range(start, start + count + 1)
    mailing = env["mailing.mailing"].search([], order="id desc", limit=1)
    partners = env["res.partner"].search([("email", "in", [f"person{n}@lumen.example" for n in people])])
    if "consent.link" not in env:
        return [_path(mailing._get_unsubscribe_oneclick_url(partner.email, partner.id)) for partner in partners]
    topic = env["consent.topic"].search([("code", "=", "bench_all")])
    link = env["consent.link"]
    tokens = link._tokens("email", partners.mapped("email"), env.company, topic, mailing)
    return [_path(link._url("unsubscribe", token, env.company)) for token in tokens.values()]


def _path(url):
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}"


def _proven(arguments):
    """Return a client that has opened a fresh link, and so sees everything about its person."""
    client = Client(odoo.http.root)
    with Registry(arguments.database).cursor() as cr:
        env = api.Environment(cr, odoo.SUPERUSER_ID, {})
        token = env["consent.access"]._open("email", f"person{arguments.start}@lumen.example", env.company)
    client.post(f"/consent/access/{token}", data={"action": "open"})
    return client


def _webhook(arguments):
    """Return the median of the milliseconds that a STOP takes, each from a number of its own, signed as Twilio does."""
    from twilio.request_validator import RequestValidator

    account, token, ours = "AC" + "1" * 32, "secret", "+32460000000"
    with Registry(arguments.database).cursor() as cr:
        env = api.Environment(cr, odoo.SUPERUSER_ID, {})
        env.company.write({"sms_twilio_account_sid": account, "sms_twilio_auth_token": token})
        if not env.company.sms_twilio_number_ids:
            country = env.ref("base.be").id
            env["sms.twilio.number"].create({"company_id": env.company.id, "number": ours, "country_id": country})
        base = env.company.get_base_url()
    client, times = Client(odoo.http.root), []
    for number in range(arguments.start, arguments.start + arguments.requests + 1):
        form = {"From": f"+32470{number:06}", "To": ours, "AccountSid": account, "Body": "STOP"}
        form["MessageSid"] = f"SM{number:032}"
        signature = RequestValidator(token).compute_signature(f"{base}{WEBHOOK}", form)
        before = time.perf_counter()
        answer = client.post(WEBHOOK, data=form, headers={"X-Twilio-Signature": signature}, base_url=base)
        times.append(time.perf_counter() - before)
        if answer.status_code != 200:
            raise SystemExit(f"the webhook answered {answer.status_code}")
    return 1000 * statistics.median(times[1:])


def _median(method, urls, client=None):
    """Return the median of the milliseconds that a request takes."""
    client = client or Client(odoo.http.root)
    return 1000 * statistics.median([_time(client, method, url) for url in urls][1:])


def _time(client, method, url):
    """Return the seconds that a request takes, from first byte in to last byte out."""
    before = time.perf_counter()
    answer = client.open(url, method=method, data=ONE_CLICK if method == "POST" else None)
    answer.get_data()
    if answer.status_code != 200:
        raise SystemExit(f"{method} {urlsplit(url).path[:24]} answered {answer.status_code}")
    return time.perf_counter() - before


def _arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", required=True, help="with the addon")
    parser.add_argument("--stock", required=True, help="without it")
    parser.add_argument("--start", type=int, default=0, help="the first person whose link is used")
    parser.add_argument("--requests", type=int, default=60)
    return parser.parse_args()


if __name__ == "__main__":
    main()
