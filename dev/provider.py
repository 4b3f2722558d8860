"""A loopback SMS provider, to which unmodified clients of Twilio's API talk.

It is a proxy for HTTPS that ends the connection to api.twilio.com itself, with a certificate of its own, and refuses
every other host: nothing that runs under `environment()` reaches the outside. Requests and answers are checked against
Twilio's own description of its API; a thin layer behind it knows who sent STOP. The same port shows the messages to a
browser and takes a STOP: POST /stop?number=+32…

python dev/provider.py --port 8325 --dir .dev/sms
"""

import argparse
import base64
import datetime
import html
import json
import re
import secrets
import ssl
import tempfile
import threading
import time
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, parse_qsl, urlsplit

import jsonschema
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from twilio.request_validator import RequestValidator

HOST, API = "127.0.0.1", ("api.twilio.com", "accounts.twilio.com")
ACCOUNT_SID, AUTH_TOKEN = "AC" + "0" * 31 + "1", "loopback-token"
PATH = "/2010-04-01/Accounts/{AccountSid}/Messages.json"
NUMBERS, ACCOUNT = PATH.replace("Messages", "IncomingPhoneNumbers"), "/2010-04-01/Accounts/{Sid}.json"
CONSENTS = "/v1/Consents/Bulk"
MAX_CONSENTS = 25
CONTRACT = json.loads((Path(__file__).parent / "contracts" / "twilio.json").read_text())
PAGE = """<!doctype html><meta charset=utf-8><title>SMS provider</title><style>body{{font:15px sans-serif;margin:2rem}}
td,th{{padding:.3rem .8rem;text-align:left;border-bottom:1px solid #ddd}}td{{white-space:pre-wrap}}</style>{}"""
MAX_BODY = 64 * 1024
KEY_USAGES = (
    *("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement"),
    *("key_cert_sign", "crl_sign", "encipher_only", "decipher_only"),
)


class Refused(Exception):
    """An answer in Twilio's form of errors: HTTP status, code and message."""


class SmsProvider:
    """The provider in threads, with the messages it accepted; as a context manager it runs for the block."""

    def __init__(self, folder=None, port=0, account_sid=ACCOUNT_SID, auth_token=AUTH_TOKEN):
        self._temporary = None if folder else tempfile.TemporaryDirectory()
        self.folder = Path(folder or self._temporary.name)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.account_sid, self.auth_token = account_sid, auth_token
        self.messages, self.stopped = [], set()
        #: Numbers of the account as (number, address of its webhook); consents by sender and number; paths called;
        #: what to answer next instead of the truth, as (status, body, headers, seconds before).
        self.numbers, self.consents, self.calls, self.failures = [], {}, [], []
        self.tls = _make_certificates(self.folder)
        self._server = ThreadingHTTPServer((HOST, port), type("BoundHandler", (Handler,), {"provider": self}))
        self.port = self._server.server_address[1]

    def __enter__(self):
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_exception):
        self._server.shutdown()
        self._server.server_close()
        if self._temporary:
            self._temporary.cleanup()

    def environment(self):
        """Return the variables under which a client finds us instead of Twilio."""
        proxy = f"http://{HOST}:{self.port}"
        return {
            **dict.fromkeys(("HTTPS_PROXY", "https_proxy"), proxy),
            **dict.fromkeys(("NO_PROXY", "no_proxy"), f"{HOST},localhost"),
            "REQUESTS_CA_BUNDLE": str(self.folder / "ca.pem"),
        }

    def stop(self, number):
        """Let `number` have sent STOP."""
        self.stopped.add(number)

    def clear(self):
        """Forget messages and stops."""
        for kept in (self.messages, self.stopped, self.numbers, self.consents, self.calls, self.failures):
            kept.clear()

    def send(self, account_sid, authorization, form):
        """Return Twilio's answer to the order to send a message.

        :param form: pairs of name and value, as posted
        :raises Refused: as Twilio would
        """
        self._authenticate(account_sid, authorization)
        values = _check_form(form)
        if values["To"] in self.stopped:
            raise Refused(400, 21610, "Attempt to send to unsubscribed recipient")
        message = _message(account_sid, values)
        MESSAGE.validate(message)
        self.messages.append(message)
        with (self.folder / "messages.jsonl").open("a") as log:
            log.write(json.dumps(message) + "\n")
        if values.get("StatusCallback"):
            threading.Thread(target=self._call_back, args=(values["StatusCallback"], message), daemon=True).start()
        return message

    def take_consents(self, account_sid, authorization, form):
        """Return Twilio's answer to a call that tells it of consents: the call succeeds though items in it fail."""
        self._authenticate(account_sid, authorization)
        items = [json.loads(text) for name, text in form if name == "Items"]
        CONSENT_ORDER.validate({"Items": items})
        if not 0 < len(items) <= MAX_CONSENTS:
            raise Refused(400, 20001, "between 1 and 25 items")
        answer = {"items": [self._take_consent(item) for item in items]}
        CONSENT_ANSWER.validate(answer)
        return answer

    def _take_consent(self, item):
        wrong = [
            f"INVALID_{name.upper()}" for name, is_right in CONSENT_ITEM.items() if not is_right(item.get(name) or "")
        ]
        if not wrong:
            self.consents[item["sender_id"], item["contact_id"]] = item["status"]
            (self.stopped.discard if item["status"] == "opt-in" else self.stopped.add)(item["contact_id"])
        code = 30646 if wrong else 0
        return {"correlation_id": item.get("correlation_id"), "error_code": code, "error_messages": wrong}

    def receive(self, number, text, to):
        """Let `number` have sent a message to one of ours, whether or not anybody was called; return its SID."""
        message = _message(self.account_sid, {"To": to, "From": number, "Body": text})
        self.messages.append(
            {**message, "direction": "inbound", "status": "received", "date_sent": message["date_created"]}
        )
        return message["sid"]

    def look_up(self, account_sid, authorization, path, query):
        """Return Twilio's answer to a GET: the account, its numbers or its messages."""
        self._authenticate(account_sid, authorization)
        if path == ACCOUNT:
            answer = {**dict.fromkeys(ACCOUNT_SCHEMA["properties"]), "sid": account_sid, "status": "active"}
            answer |= {"subresource_uris": {}, "type": "Full"}
        elif path == NUMBERS:
            answer = _page("incoming_phone_numbers", [_number(*pair) for pair in self.numbers], query)
        else:
            found = [message for message in self.messages if _matches(message, query)]
            answer = _page("messages", found, query)
        GETS[path].validate(answer)
        return answer

    def _authenticate(self, account_sid, authorization):
        expected = "Basic " + base64.b64encode(f"{self.account_sid}:{self.auth_token}".encode()).decode()
        if account_sid != self.account_sid or not secrets.compare_digest(authorization.encode(), expected.encode()):
            raise Refused(401, 20003, "Authenticate")

    def _call_back(self, url, message):
        """Tell the client what became of the message, signed as Twilio signs; nobody outside is called."""
        if urlsplit(url).hostname not in (HOST, "localhost"):
            return
        for status in ("queued", "sent", "delivered"):
            form = {"AccountSid": self.account_sid, "MessageSid": message["sid"], "MessageStatus": status}
            form |= {"SmsSid": message["sid"], "SmsStatus": status, "To": message["to"], "From": message["from"] or ""}
            signature = RequestValidator(self.auth_token).compute_signature(url, form)
            try:
                requests.post(url, form, headers={"X-Twilio-Signature": signature}, timeout=10)
            except requests.RequestException:
                return  # as with Twilio, who does not listen learns nothing


class Handler(BaseHTTPRequestHandler):
    """Proxy, API and pages: which of them depends on whether a CONNECT came first."""

    provider: SmsProvider
    protocol_version = "HTTP/1.1"
    timeout = 30
    disable_nagle_algorithm = True  # answers are small, and waited for
    connected = False

    def do_CONNECT(self):
        """End a connection to Twilio here; refuse every other host."""
        if self.path not in {f"{host}:443" for host in API}:
            self.close_connection = True
            return self._answer(403, f"{self.path} is not reached from here")
        self.send_response(200, "Connection established")
        self.end_headers()
        try:
            self.connection = self.provider.tls.wrap_socket(self.connection, server_side=True)
        except (ssl.SSLError, OSError):
            self.close_connection = True
            return None
        self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb", 0)
        self.connected = True
        self.close_connection = False
        return None

    def do_GET(self):
        """Show what was sent, as page or as JSON."""
        if self.connected:
            return self._api(self._look_up)
        if self.path == "/messages":
            return self._answer(200, json.dumps(self.provider.messages), "application/json")
        return self._answer(200, self._page())

    def do_POST(self):
        """Send a message, or take a STOP."""
        length = self.headers.get("Content-Length", "0")
        if not length.isdigit() or int(length) > MAX_BODY:
            self.close_connection = True
            return self._answer(413, "too long")
        body = self.rfile.read(int(length))
        if not self.connected:
            return self._control()
        form = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)
        return self._api(lambda: self._order(form))

    def _order(self, form):
        authorization = self.headers.get("Authorization", "")
        if self.path == CONSENTS:
            return self.provider.take_consents(self.provider.account_sid, authorization, form)
        return self.provider.send(_account_sid(self.path), authorization, form)

    def _look_up(self):
        address = urlsplit(self.path)
        query = dict(parse_qsl(address.query, keep_blank_values=True))
        for path in (PATH, NUMBERS, ACCOUNT):
            if sid := _placeholder(path, address.path):
                return self.provider.look_up(sid, self.headers.get("Authorization", ""), path, query)
        raise Refused(404, 20404, "The requested resource was not found")

    def _api(self, answer):
        """Answer as the API does, or as the test wants it to fail."""
        self.provider.calls.append(self.path)
        if self.provider.failures:
            status, body, headers, seconds = self.provider.failures.pop(0)
            time.sleep(seconds)
            return self._answer(status, body, "application/json", headers)
        try:
            body, status = answer(), 201 if self.command == "POST" else 200
        except Refused as refused:
            status, code, message = refused.args
            body = {"code": code, "message": message, "status": status}
        except (jsonschema.ValidationError, ValueError) as error:
            status, body = 400, {"code": 20001, "message": str(error)[:200], "status": 400}
        return self._answer(status, json.dumps(body), "application/json")

    def log_message(self, *_arguments):
        """Stay silent."""

    def _control(self):
        address = urlsplit(self.path)
        number = parse_qs(address.query.replace("+", "%2B")).get("number", [""])[0]
        if address.path != "/stop" or not number:
            return self._answer(404, "POST /stop?number=+32…")
        self.provider.stop(number)
        return self._answer(200, f"{number} is stopped")

    def _page(self):
        rows = "".join(
            "<tr>" + "".join(f"<td>{html.escape(message[part] or '')}" for part in ("to", "from", "body"))
            for message in reversed(self.provider.messages)
        )
        stopped = html.escape(", ".join(sorted(self.provider.stopped)) or "nobody")
        return PAGE.format(f"<h1>SMS provider</h1><p>Stopped: {stopped}<table><tr><th>To<th>From<th>Text{rows}</table>")

    def _answer(self, status, body, kind="text/html; charset=utf-8", headers=None):
        body = body if isinstance(body, bytes) else body.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


def _placeholder(template, path):
    """Return what stands in `path` for the placeholder of `template`, None where it is another path."""
    start, _brace, rest = template.partition("{")
    end = rest.partition("}")[2]
    sid = path[len(start) : -len(end)]
    return sid if path == f"{start}{sid}{end}" and "/" not in sid else None


def _account_sid(path):
    sid = _placeholder(PATH, path)
    if not sid:
        raise Refused(404, 20404, "The requested resource was not found")
    return sid


def _page(name, items, _query):
    return {
        **{name: items, "page": 0, "page_size": 1000, "start": 0, "end": max(len(items) - 1, 0), "uri": "/"},
        **{"first_page_uri": "/", "next_page_uri": None, "previous_page_uri": None},
    }


def _number(number, webhook):
    blank = dict.fromkeys(NUMBER_SCHEMA["properties"])
    known = {"phone_number": number, "sms_url": webhook, "sms_method": "POST", "sid": "PN" + number[1:].zfill(32)}
    enums = {name: part["enum"][0] for name, part in NUMBER_SCHEMA["properties"].items() if "enum" in part}
    return blank | enums | known | {"capabilities": {"sms": True, "mms": True, "voice": True, "fax": False}}


def _matches(message, query):
    return all(message[part] == query[name] for name, part in (("To", "to"), ("From", "from")) if name in query)


def _schema(name):
    return _plain(CONTRACT["schemas"][name])


def _plain(node):
    """Return an OpenAPI 3.0 schema as JSON schema: references resolved, nullable spelled out."""
    if isinstance(node, list):
        return [_plain(child) for child in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        return _schema(node["$ref"].rpartition("/")[2])
    plain = {key: _plain(value) for key, value in node.items()}
    if plain.pop("nullable", False) and "type" in plain:
        plain["type"] = [plain["type"], "null"]
    return plain


FORM = _plain(CONTRACT["paths"][PATH]["post"]["requestBody"]["content"]["application/x-www-form-urlencoded"]["schema"])
ORDER = jsonschema.Draft202012Validator(FORM | {"additionalProperties": False})
CONSENT_ORDER = jsonschema.Draft202012Validator(
    _plain(CONTRACT["paths"][CONSENTS]["post"]["requestBody"]["content"]["application/x-www-form-urlencoded"]["schema"])
)
CONSENT_ANSWER = jsonschema.Draft202012Validator(_schema("accounts.v1.bulk_consents"))
#: What the description says in words of each part of an item.
CONSENT_ITEM = {
    "contact_id": re.compile(r"\+[1-9][0-9]{6,14}").fullmatch,
    "correlation_id": re.compile(r"[0-9a-f]{32}").fullmatch,
    "sender_id": re.compile(r"MG[0-9a-f]{32}|\+[1-9][0-9]{6,14}").fullmatch,
    "status": ("opt-in", "opt-out").__contains__,
    "source": ("website", "offline", "opt-in-message", "opt-out-message", "others").__contains__,
    "date_of_consent": lambda text: _is_past(text),
}
ACCOUNT_SCHEMA = _schema("api.v2010.account")
NUMBER_SCHEMA = _schema("api.v2010.account.incoming_phone_number")
GETS = {
    path: jsonschema.Draft202012Validator(
        _plain(CONTRACT["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"])
    )
    for path in (PATH, NUMBERS, ACCOUNT)
}
MESSAGE = jsonschema.Draft202012Validator(_schema("api.v2010.account.message"))


def _is_past(text):
    try:
        return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")) <= datetime.datetime.now(
            datetime.timezone.utc
        )
    except (ValueError, TypeError):
        return False


def _check_form(form):
    """Return the form's values in their types, having checked them against the description.

    :raises Refused: an unknown or ill-formed parameter, or what Twilio refuses beyond its description
    """
    values = {}
    for name, text in form:
        kind = FORM["properties"].get(name, {}).get("type")
        if kind == "array":
            values.setdefault(name, []).append(text)
        else:
            values[name] = _typed(kind, text)
    try:
        ORDER.validate(values)
    except jsonschema.ValidationError as error:
        raise Refused(400, 21604 if "'To' is" in error.message else 20001, error.message) from None
    digits = values["To"][1:]
    if not (values["To"].startswith("+") and digits.isascii() and digits.isdigit() and 7 <= len(digits) <= 15):
        raise Refused(400, 21211, f"Invalid 'To' Phone Number: {values['To']}")
    if not (values.get("From") or values.get("MessagingServiceSid")):
        raise Refused(400, 21603, "A 'From' phone number is required")
    if not (values.get("Body") or values.get("MediaUrl") or values.get("ContentSid")):
        raise Refused(400, 21602, "Message body is required")
    return values


def _typed(kind, text):
    try:
        return {"integer": int, "number": float}.get(kind, str)(text) if kind != "boolean" else text.lower() == "true"
    except ValueError:
        return text


def _message(account_sid, values):
    sid, now = "SM" + secrets.token_hex(16), format_datetime(datetime.datetime.now(datetime.timezone.utc))
    uri = f"/2010-04-01/Accounts/{account_sid}/Messages/{sid}"
    return {
        **dict.fromkeys(("error_code", "error_message", "price", "price_unit", "date_sent")),
        **{"sid": sid, "account_sid": account_sid, "api_version": "2010-04-01", "status": "queued"},
        **{"direction": "outbound-api", "num_media": "0", "num_segments": "1", "uri": f"{uri}.json"},
        **{"to": values["To"], "from": values.get("From"), "body": values.get("Body")},
        "messaging_service_sid": values.get("MessagingServiceSid"),
        "subresource_uris": {"media": f"{uri}/Media.json"},
        **dict.fromkeys(("date_created", "date_updated"), now),
    }


def _make_certificates(folder):
    """Write a throw-away authority to `folder` and return a TLS context with a certificate of it for Twilio's host."""
    authority_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    authority = _certificate("Loopback SMS provider", authority_key, None, authority_key)
    certificate = _certificate(API[0], key, authority, authority_key)
    (folder / "ca.pem").write_bytes(authority.public_bytes(serialization.Encoding.PEM))
    private = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    chain = folder / "server.pem"
    chain.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, *private) + certificate.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain)
    return context


def _certificate(name, key, issuer, issuer_key):
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.timezone.utc)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=365))
        .add_extension(x509.BasicConstraints(ca=not issuer, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
    )
    if issuer:
        builder = builder.add_extension(
            x509.SubjectAlternativeName([x509.DNSName(host) for host in API]), critical=False
        )
    else:
        usage = dict.fromkeys(KEY_USAGES, False) | {"key_cert_sign": True, "crl_sign": True}
        builder = builder.add_extension(x509.KeyUsage(**usage), critical=True)
    return builder.sign(issuer_key, hashes.SHA256())


def main():
    """Serve until stopped."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--dir", type=Path, required=True)
    parser.add_argument("--account-sid", default=ACCOUNT_SID)
    parser.add_argument("--auth-token", default=AUTH_TOKEN)
    options = parser.parse_args()
    with SmsProvider(options.dir, options.port, options.account_sid, options.auth_token):
        threading.Event().wait()


if __name__ == "__main__":
    main()
