"""The mail sink and the SMS provider of the demonstration behave like the real ones, as far as the product sees."""

import smtplib
import sys
import time
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from unittest.mock import patch
from urllib.parse import parse_qsl

import pytest
import requests
from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.request_validator import RequestValidator
from twilio.rest import Client

with patch.object(sys, "path", [str(Path(__file__).resolve().parents[2] / "dev"), *sys.path]):
    import provider as provider_module
    import sink as sink_module

TO, FROM = "+32470123456", "+32460000000"


@pytest.fixture
def sink():
    with sink_module.MailSink() as running:
        yield running


@pytest.fixture
def provider(monkeypatch):
    with provider_module.SmsProvider() as running:
        for name, value in running.environment().items():
            monkeypatch.setenv(name, value)
        yield running


def mail_to(*recipients, subject="Lamps"):
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = subject, "shop@lumen.example", ", ".join(recipients)
    message.set_content("Look at our lamps.")
    return message


def post(provider, sid=None, token=None, path=None, **form):
    sid = sid or provider.account_sid
    url = path or f"https://api.twilio.com/2010-04-01/Accounts/{sid}/Messages.json"
    form = {"From": FROM, "To": TO, "Body": "Hello", **form}
    return requests.post(url, data=form, auth=(sid, token or provider.auth_token), timeout=5)


def test_the_sink_keeps_the_bytes_and_every_recipient_of_the_envelope(sink):
    with smtplib.SMTP("127.0.0.1", sink.port, timeout=5) as smtp:
        smtp.send_message(mail_to("anna@lumen.example"), to_addrs=["anna@lumen.example", "hidden@lumen.example"])
    assert sink.recipients() == ["anna@lumen.example", "hidden@lumen.example"]
    assert sink.messages[0].message["Subject"] == "Lamps"
    assert (sink.folder / "1.eml").read_bytes() == sink.messages[0].raw


def test_the_sink_takes_international_addresses(sink):
    with smtplib.SMTP("127.0.0.1", sink.port, timeout=5) as smtp:
        smtp.send_message(mail_to("zoë@bücher.example"), mail_options=["SMTPUTF8"], to_addrs=["zoë@bücher.example"])
    assert sink.recipients() == ["zoë@bücher.example"]


def test_a_sink_that_starts_again_still_has_its_mails(tmp_path):
    for number in (1, 2):
        with sink_module.MailSink(tmp_path) as sink:
            with smtplib.SMTP("127.0.0.1", sink.port, timeout=5) as smtp:
                smtp.send_message(mail_to(f"anna{number}@lumen.example"))
    assert sink.recipients() == ["anna1@lumen.example", "anna2@lumen.example"]
    sink.clear()
    assert not sink.messages and not list(tmp_path.glob("*.eml"))


def test_the_provider_accepts_what_odoo_posts(provider):
    answer = post(provider)
    assert answer.status_code == 201
    assert (answer.json()["to"], answer.json()["status"]) == (TO, "queued")
    assert [message["body"] for message in provider.messages] == ["Hello"]


def test_the_provider_speaks_to_the_real_sdk(provider):
    client = Client(provider.account_sid, provider.auth_token, http_client=TwilioHttpClient(timeout=5))
    message = client.messages.create(to=TO, from_=FROM, body="Hello")
    assert message.sid == provider.messages[0]["sid"]


def test_a_number_that_sent_stop_is_refused_with_21610(provider):
    requests.post(f"http://127.0.0.1:{provider.port}/stop?number={TO}", timeout=5).raise_for_status()
    client = Client(provider.account_sid, provider.auth_token, http_client=TwilioHttpClient(timeout=5))
    with pytest.raises(TwilioRestException) as refused:
        client.messages.create(to=TO, from_=FROM, body="Hello")
    assert (refused.value.status, refused.value.code) == (400, 21610)
    assert not provider.messages


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"token": "wrong"}, 401, 20003),
        ({"sid": "AC" + "f" * 32}, 401, 20003),
        ({"To": "0470123456"}, 400, 21211),
        ({"From": ""}, 400, 21603),
        ({"Body": ""}, 400, 21602),
        ({"Colour": "red"}, 400, 20001),
        ({"ValidityPeriod": "soon"}, 400, 20001),
        ({"MessagingServiceSid": "nonsense"}, 400, 20001),
        ({"path": "https://api.twilio.com/2010-04-01/Accounts/x/Calls.json"}, 404, 20404),
    ],
)
def test_what_twilio_refuses_is_refused(provider, change, status, code):
    answer = post(provider, **change)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert not provider.messages


def test_no_other_host_is_reached(provider):
    with pytest.raises(requests.exceptions.ProxyError):
        requests.get("https://www.example.com/", timeout=5)


def test_garbage_does_not_end_the_provider(provider):
    for _attempt in range(3):
        with patch.object(sys, "stderr"):
            requests.get(f"http://127.0.0.1:{provider.port}/%00%ff", timeout=5)
            requests.post(f"http://127.0.0.1:{provider.port}/stop", data=b"\xff" * 10, timeout=5)
    assert post(provider).status_code == 201


def test_call_backs_are_signed_as_twilio_signs_them(provider):
    heard = []

    class Listener(BaseHTTPRequestHandler):
        def do_POST(self):
            form = self.rfile.read(int(self.headers["Content-Length"])).decode()
            heard.append((dict(parse_qsl(form, keep_blank_values=True)), self.headers["X-Twilio-Signature"]))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_arguments):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Listener)
    Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_address[1]}/status"
    post(provider, StatusCallback=url)
    deadline = time.monotonic() + 5
    while len(heard) < 3 and time.monotonic() < deadline:
        time.sleep(0.02)
    server.shutdown()
    assert [form["MessageStatus"] for form, _signature in heard] == ["queued", "sent", "delivered"]
    assert all(RequestValidator(provider.auth_token).validate(url, form, signature) for form, signature in heard)
