"""The transition table: every event in every state, and the fold that arrival order must not change."""

from datetime import datetime, timedelta
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from ...tools import transitions as t

NOW = datetime(2026, 3, 1, 12)
TYPES = [code for code, _label in t.EVENT_TYPES]
SOURCES = [code for code, _label in t.SOURCES]


def fact(kind, days=0, source="preference_page", **details):
    return t.Fact(kind, NOW + timedelta(days=days), source, **details)


def state_of(*facts):
    return t.fold(facts).state


def test_every_consent_event_leads_to_its_state_or_changes_nothing():
    for state, kind in product(t.CONSENT_STATE.values(), t.CONSENT_STATE):
        before = t.State(state=state, since=NOW)
        after = t.apply(before, fact(kind, 1, proven=True))
        if state in t.ALLOWED_FROM.get(kind, t.CONSENT_STATE.values()):
            assert after.state == t.CONSENT_STATE[kind]
        else:
            assert after is before


def test_silence_is_never_a_yes():
    harmless = [kind for kind in TYPES if kind not in t.GRANTS]
    for kind, other in product(harmless, harmless):
        facts = [fact(kind, until=NOW + timedelta(days=9)), fact(other, 1, until=NOW + timedelta(days=9))]
        assert t.fold(facts).state != t.GRANTED


def test_a_yes_that_nobody_proved_does_not_undo_a_no():
    for no, source in product(("refused", "withdrawn"), SOURCES):
        assert state_of(fact(no), fact("given", 1, source, proven=False)) == t.CONSENT_STATE[no]


def test_a_yes_that_the_person_proved_follows_a_no():
    for no in ("refused", "withdrawn"):
        assert state_of(fact(no), fact("given", 1, proven=True)) == t.GRANTED


def test_a_yes_older_than_a_no_does_not_undo_it_in_whatever_order_they_arrive():
    yes, no = fact("given", 0), fact("withdrawn", 1)
    assert state_of(yes, no) == state_of(no, yes) == t.WITHDRAWN


def test_at_the_same_instant_the_no_wins():
    assert state_of(fact("given", event_id=2), fact("withdrawn", event_id=1)) == t.WITHDRAWN


def test_a_no_repeated_keeps_the_date_of_the_first():
    folded = t.fold([fact("withdrawn"), fact("withdrawn", 5)])
    assert folded.since == NOW


def test_a_withdrawal_forgets_what_the_yes_rested_on_and_keeps_the_blocks():
    yes = fact("given", event_id=7, legal_basis="consent", notice_id=3, evidence_grade="A", valid_until=NOW)
    folded = t.fold([fact("restricted"), yes, fact("withdrawn", 1)])
    assert folded == t.State(state=t.WITHDRAWN, since=NOW + timedelta(days=1), restricted_at=NOW)


def test_each_block_is_set_and_lifted_apart_from_consent():
    for kind, column in t.BLOCK_SET_BY.items():
        until = NOW + timedelta(days=30)
        blocked = t.fold([fact("given"), fact(kind, 1, until=until)])
        assert getattr(blocked, column) == (until if kind == "paused" else NOW + timedelta(days=1))
        assert blocked.state == t.GRANTED
        [lift] = [lift for lift, lifted in t.BLOCK_CLEARED_BY.items() if lifted == column]
        assert getattr(t.apply(blocked, fact(lift, 2)), column) is None
        assert t.apply(blocked, fact(lift, 2, proven=False)) == blocked
        for other in t.BLOCK_CLEARED_BY.keys() - {lift}:
            assert t.apply(blocked, fact(other, 2)) == blocked


def test_a_retracted_no_never_was():
    yes, no = fact("given", event_id=1, valid_until=NOW), fact("withdrawn", 1, event_id=2, batch="file")
    back = fact("retracted", 3, event_id=4, undoes=2)
    own = fact("withdrawn", 2, event_id=3)
    assert t.fold([yes, no, back]) == t.fold([yes])
    assert t.fold([no, back]) == t.State()
    assert t.fold([yes, no, own, back]) == t.fold([yes, own])
    assert t.fold([fact("objected", event_id=2), back]) == t.State()


def test_nothing_but_a_no_is_retracted():
    for kind in t.PERMISSIVE - {"retracted"}:
        facts = [fact("objected", -1), fact(kind, event_id=2, proven=True)]
        assert t.fold([*facts, fact("retracted", 3, event_id=4, undoes=2)]) == t.fold(facts)


def test_a_no_is_news_while_the_one_that_stands_may_be_retracted():
    def is_news(known, new):
        return t.is_news(t.fold(known), t.fold([*known, new]), known, new)

    imported, own = fact("withdrawn", batch="file", event_id=1), fact("withdrawn", 1, event_id=2)
    assert is_news([imported], own)
    assert not is_news([imported, own], fact("withdrawn", 2))
    assert not is_news([imported], fact("withdrawn", 2, batch="file"))
    assert not is_news([own], imported._replace(occurred_at=own.occurred_at + timedelta(days=1)))
    assert is_news([own, fact("given", 2, proven=False, event_id=3)], fact("withdrawn", 3))
    stop = fact("objected", source="sms_keyword", event_id=1)
    assert t.must_outlive([stop], fact("objected", 1)) and not t.must_outlive([fact("objected")], stop)
    back = fact("retracted", 3, event_id=3, undoes=1)
    assert is_news([imported], back)
    assert not is_news([imported, own], back)


facts = st.builds(
    t.Fact,
    fact=st.sampled_from(TYPES),
    occurred_at=st.integers(0, 6).map(lambda days: NOW + timedelta(days=days)),
    source=st.sampled_from(SOURCES),
    until=st.just(NOW + timedelta(days=60)),
    proven=st.sampled_from([None, False, True]),
    undoes=st.sampled_from([None, 1, 2, 3]),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(facts, max_size=8), st.randoms(use_true_random=False))
def test_the_state_is_a_function_of_the_set_of_facts(some, random):
    some = [fact._replace(event_id=number) for number, fact in enumerate(some, start=1)]
    shuffled = some[:]
    random.shuffle(shuffled)
    assert t.fold(some) == t.fold(shuffled)


@settings(max_examples=300, deadline=None)
@given(st.lists(facts, max_size=8))
def test_applying_in_order_of_time_equals_the_fold(some):
    some = sorted((fact._replace(event_id=number) for number, fact in enumerate(some, start=1)), key=t.order)
    some = [one._replace(undoes=None) for one in some]
    state = t.State()
    for one in some:
        state = t.apply(state, one)
    assert state == t.fold(some)


@settings(max_examples=300, deadline=None)
@given(st.lists(facts, max_size=8), st.sampled_from(["refused", "withdrawn"]))
def test_whatever_came_before_a_no_now_leaves_no_yes(some, no):
    assert state_of(*some, fact(no, 7)) in t.SAID_NO
