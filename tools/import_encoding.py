"""In which encoding a text file is written."""

import codecs
import re

SAMPLE = 65_536
BLOCK = 1 << 20
MARKS = [
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
]
#: What chardet, which Odoo's own import uses, says of most files in Latin letters, whichever of them it is.
_LATIN = re.compile(r"iso-8859-(1|2|9|15)|windows-125[024]|macroman|johab|tis-620", re.IGNORECASE)
#: Letters beyond ASCII of the languages that share these bytes, by encoding.
LETTERS = {
    "cp1252": ("äöüß", "éèêëàâîïôûùçœæ", "éëïöüèá", "åäöéü", "æøåéòôó", "áéíóúñü", "ãõáéíóúâêôàç", "àèéìòù"),
    "cp1250": ("ąćęłńóśźż", "áčďéěíňóřšťúůýž", "áäčďéíĺľňóôŕšťúýž", "áéíóöőúüű", "ăâîşţ", "čćđšž"),
    "iso-8859-2": ("ąćęłńóśźż", "áčďéěíňóřšťúůýž", "áäčďéíĺľňóôŕšťúýž", "áéíóöőúüű", "ăâîşţ", "čćđšž"),
    "cp1254": ("çğıİöşüâîi",),
}
SURE = 0.9


def detect(path: str) -> str | None:
    """Return Python's name of the encoding of the text file at `path`, None where it is no text."""
    with open(path, "rb") as file:
        head = file.read(SAMPLE)
        for mark, name in MARKS:
            if head.startswith(mark):
                return name
        if b"\0" in head:
            return None
        file.seek(0)
        foreign = _foreign(file)
    return "utf-8" if foreign is None else _guess(foreign)


def is_known(name: str) -> bool:
    """Return whether Python reads text in an encoding of this name."""
    try:
        return codecs.lookup(name)._is_text_encoding
    except (LookupError, ValueError):
        return False


def _foreign(file):
    """Return some lines that are no ASCII, None where all of the file is UTF-8."""
    decoder, found, is_utf8 = codecs.getincrementaldecoder("utf-8")(), b"", True
    while is_utf8 and (block := file.read(BLOCK)):
        try:
            decoder.decode(block)
        except UnicodeDecodeError:
            is_utf8 = False
    if is_utf8:
        return None
    file.seek(0)
    for line in file:
        if not line.isascii():
            found += line[:1000]
            if len(found) > SAMPLE:
                break
    return found


def _guess(content):
    import chardet

    name = (chardet.detect(content)["encoding"] or "").lower()
    if name and not _LATIN.fullmatch(name) and name != "ascii" and is_known(name):
        return name
    fits = {encoding: _fit(content, encoding) for encoding in LETTERS}
    best = max(fits, key=fits.get)
    return best if fits[best] >= SURE and fits[best] > fits["cp1252"] else "cp1252"


def _fit(content, encoding):
    """Return which part of the letters beyond ASCII one of the encoding's languages explains."""
    text = content.decode(encoding, errors="replace")
    letters = [char for char in text if ord(char) > 127 and char not in "€‚„…‘’“”–—•\xa0"]
    known = [letters + letters.upper() for letters in LETTERS[encoding]]
    return max(sum(char in language for char in letters) for language in known) / max(len(letters), 1)
