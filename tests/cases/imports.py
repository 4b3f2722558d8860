import base64

from .story import BEN, CARLA, ConsentStory

NEW = "nora@fair.example"
FILE = f"""E-mail;When;Answer;Name
{NEW};05.01.2026;yes;Nora
{CARLA.upper()};06.01.2026;ja;Carla
{BEN};07.01.2026;yes;Ben
otto@fair.example;07.01.2026;nein;Otto
not an address;07.01.2026;yes;X
{NEW};05.01.2026;yes;Nora
pia@fair.example;2026;yes;Pia
"""


class ImportStory(ConsentStory):
    """The story, and lists of what people answered at a fair."""

    def upload(self, text=FILE, name="fair.csv", proposals=True, **values):
        """Return an import whose user said what the file is, and took what its values probably mean."""
        content = text if isinstance(text, bytes) else text.encode()
        common = {"topic_id": self.news.id, "wording": "Send me news about lamps.", "place": "Light fair"}
        common |= {"collected_by": "Stand 7", "tz": "UTC"}
        file = base64.b64encode(content)
        batch = self.env["consent.import"].create({**common, "name": name, "file": file, **values})
        if "kind" not in values:
            batch.kind = "answer" if batch.value_ids else "yes"
        if proposals:
            batch.action_use_proposals()
        return batch

    def record_all(self, batch):
        """Check and record it, as the scheduler does."""
        if batch.state == "draft":
            batch.action_check()
        batch.action_record()
        batch.sudo()._advance()
        self.env.invalidate_all()

    def counts(self, batch):
        return (batch.yes_count, batch.no_count, batch.skipped_count, batch.error_count)

    def granted(self, address):
        about = [("contact_point_id.address", "=", address), ("state", "=", "granted")]
        return self.env["consent.record"].search(about).topic_id

    def events_of(self, batch):
        return self.env["consent.event"].search_count([("batch", "=", batch.reference)])

    def outcomes(self, batch):
        return {line.line: line.outcome for line in batch.line_ids}
