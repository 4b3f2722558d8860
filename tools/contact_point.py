"""Stub by the lead until helper's real one lands; overwrite freely."""
import hashlib, hmac, re
from typing import NamedTuple
EMAIL, SMS, WEB = "email", "sms", "web"
CHANNELS = (EMAIL, SMS, WEB)
E164 = r"^\+[1-9][0-9]{6,14}$"
PLAIN_EMAIL = r"^[a-z0-9_+-]+(\.[a-z0-9_+-]+)*@([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$"
class Addresses(NamedTuple):
    usable: tuple
    unusable: tuple
def canonical_email(t):
    t=(t or '').strip().lower(); return t if re.match(PLAIN_EMAIL,t) else None
def canonical_emails(t):
    from odoo.tools.mail import email_normalize_all
    f=email_normalize_all(t); return Addresses(tuple(x for x in f if canonical_email(x)), tuple(x for x in f if not canonical_email(x)))
def is_e164(t): return bool(re.match(E164,t))
def canonical(c,t,country=None):
    return canonical_email(t) if c==EMAIL else (t if is_e164(t) else None)
def mask(c,a): return a[:1]+'•••'+a[-4:]
def address_hash(k,c,a): return hmac.new(k,f"{c}:{a}".encode(),hashlib.sha256).hexdigest()
