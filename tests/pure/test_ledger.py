"""The chain's arithmetic: what is spelled once for a batch must be what each event's own JSON would be."""

import hashlib
import json
from datetime import datetime

from hypothesis import given
from hypothesis import strategies as st

from ...tools import ledger

TIMES = st.one_of(st.none(), st.datetimes())
VALUES = {
    "format": st.just(1),
    "seq": st.integers(1),
    **{name: TIMES for name in ("occurred_at", "recorded_at", "valid_until", "until")},
    **{name: st.one_of(st.none(), st.integers()) for name in ("company_id", "purpose_id", "topic_id", "actor_id")},
}
EVENTS = st.fixed_dictionaries(
    {name: VALUES.get(name, st.one_of(st.none(), st.text(max_size=8))) for name in ledger.CHAINED[1]}
)


def plain(value):
    return value.isoformat(timespec="microseconds")


@given(st.lists(EVENTS, min_size=1, max_size=3), EVENTS)
def test_a_link_is_the_hash_of_the_canonical_json_of_all_that_it_covers(events, other):
    for event in [*events, other | {name: events[0][name] for name in ledger.OWN}, *events]:
        text = json.dumps(event, sort_keys=True, separators=(",", ":"), default=plain)
        assert ledger.canonical_json(event) == text
        assert ledger.link("before", event) == hashlib.sha256(("before" + text).encode()).hexdigest()


def test_format_1_never_changes():
    event = dict.fromkeys(ledger.CHAINED[1]) | {"format": 1, "seq": 7, "type": "given", "actor_label": "Zoë “Z”"}
    event["occurred_at"] = datetime(2026, 1, 5, 10, 30)
    assert ledger.link(ledger.genesis("x"), event) == "769fa60e965be4b8b20dfe610816beb91b9ec0a6739ede7192081531dcc3f023"
