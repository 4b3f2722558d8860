"""A mail sink on loopback: takes every mail, keeps it in a folder, shows it in a browser, delivers nothing.

python dev/sink.py --smtp-port 8125 --http-port 8225 --dir .dev/mail
"""

import argparse
import html
import itertools
import json
import re
import socket
import tempfile
import threading
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple

from aiosmtpd.controller import Controller

HOST = "127.0.0.1"
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-src 'self'"
PAGE = "<!doctype html><meta charset=utf-8><title>Mail sink</title><style>body{{font:15px sans-serif;margin:2rem}}\
td,th{{padding:.3rem .8rem;text-align:left;border-bottom:1px solid #ddd}}iframe{{width:100%;height:60vh;border:1px \
solid #ddd}}pre{{white-space:pre-wrap}}</style>{}"


class Mail(NamedTuple):
    """One mail as it came: envelope and bytes."""

    number: int
    sender: str
    recipients: list[str]
    raw: bytes

    @property
    def message(self):
        """The parsed message."""
        return message_from_bytes(self.raw, policy=policy.default)


class MailSink:
    """SMTP server in a thread, with the mails it got; as a context manager it runs for the block."""

    def __init__(self, folder=None, port=0):
        self._temporary = None if folder else tempfile.TemporaryDirectory()
        self.folder = Path(folder or self._temporary.name)
        self.folder.mkdir(parents=True, exist_ok=True)
        self._lock = threading.Lock()
        self._mails = [self._load(json.loads(line)) for line in self._index_lines()]
        self._numbers = itertools.count(len(self._mails) + 1)
        # aiosmtpd wants to know its port beforehand.
        self.port = port or _free_port()
        self._controller = Controller(self, hostname=HOST, port=self.port, enable_SMTPUTF8=True, decode_data=False)

    def __enter__(self):
        self._controller.start()
        return self

    def __exit__(self, *_exception):
        self._controller.stop()
        if self._temporary:
            self._temporary.cleanup()

    @property
    def messages(self):
        """All mails, oldest first."""
        with self._lock:
            return list(self._mails)

    def recipients(self):
        """Return every address of every envelope, with repetition."""
        return [address for mail in self.messages for address in mail.recipients]

    def clear(self):
        """Forget all mails."""
        with self._lock:
            self._mails.clear()
            for path in self.folder.glob("*.eml"):
                path.unlink()
            self._index.unlink(missing_ok=True)

    async def handle_DATA(self, _server, _session, envelope):
        """Keep a mail; aiosmtpd calls this for each."""
        with self._lock:
            mail = Mail(next(self._numbers), envelope.mail_from, list(envelope.rcpt_tos), envelope.content)
            (self.folder / f"{mail.number}.eml").write_bytes(mail.raw)
            with self._index.open("a") as index:
                index.write(json.dumps([mail.number, mail.sender, mail.recipients]) + "\n")
            self._mails.append(mail)
        return "250 Kept"

    @property
    def _index(self):
        return self.folder / "index.jsonl"

    def _index_lines(self):
        return self._index.read_text().splitlines() if self._index.exists() else []

    def _load(self, entry):
        number, sender, recipients = entry
        return Mail(number, sender, recipients, (self.folder / f"{number}.eml").read_bytes())


class Handler(BaseHTTPRequestHandler):
    """The mails as pages."""

    sink: MailSink

    def do_GET(self):
        """Show the list, a mail, its HTML part or its source."""
        found = re.fullmatch(r"/(\d+)(\.html|\.eml)?", self.path)
        mail = found and next((mail for mail in self.sink.messages if mail.number == int(found[1])), None)
        if found and not mail:
            return self._answer(404, "No such mail")
        if not found:
            return self._answer(200, PAGE.format(self._list()))
        if found[2] == ".eml":
            return self._answer(200, mail.raw, "text/plain; charset=utf-8")
        part = mail.message.get_body(("html",))
        if found[2] == ".html":
            return self._answer(200, part.get_content() if part else "")
        return self._answer(200, PAGE.format(self._mail(mail, part)))

    def log_message(self, *_arguments):
        """Stay silent."""

    def _list(self):
        rows = "".join(
            f"<tr><td>{mail.number}<td><a href=/{mail.number}>{html.escape(str(mail.message['subject']))}</a>"
            f"<td>{html.escape(', '.join(mail.recipients))}"
            for mail in reversed(self.sink.messages)
        )
        return f"<h1>Mail sink</h1><table><tr><th>#<th>Subject<th>To{rows}</table>"

    def _mail(self, mail, part):
        headers = "\n".join(f"{name}: {value}" for name, value in mail.message.items())
        text = mail.message.get_body(("plain",))
        shown = f"<iframe sandbox src=/{mail.number}.html></iframe>" if part else ""
        return (
            f"<p><a href=/>All mails</a> · <a href=/{mail.number}.eml>Source</a>"
            f"<h1>{html.escape(str(mail.message['subject']))}</h1><p>To {html.escape(', '.join(mail.recipients))}"
            f"{shown}<pre>{html.escape(text.get_content() if text else '')}</pre><pre>{html.escape(headers)}</pre>"
        )

    def _answer(self, status, body, kind="text/html; charset=utf-8"):
        body = body if isinstance(body, bytes) else body.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        # A mail's HTML is somebody else's: it may show itself, and nothing more.
        self.send_header(
            "Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-src 'self'"
        )
        self.end_headers()
        self.wfile.write(body)


def _free_port():
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]


def main():
    """Serve until stopped."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--smtp-port", type=int, required=True)
    parser.add_argument("--http-port", type=int, required=True)
    parser.add_argument("--dir", type=Path, required=True)
    options = parser.parse_args()
    with MailSink(options.dir, options.smtp_port) as sink:
        Handler.sink = sink
        ThreadingHTTPServer((HOST, options.http_port), Handler).serve_forever()


if __name__ == "__main__":
    main()
