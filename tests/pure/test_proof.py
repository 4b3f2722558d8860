"""What proves a yes after a no, when a yes passes an objection, and how times are read."""

from datetime import date, datetime, timedelta, timezone

import pytest

from ...tools import evidence, objection, reversal, times
from ...tools import transitions as t

NOW = datetime(2026, 3, 1, 12)


def test_the_persons_own_act_proves_a_yes_on_any_basis():
    for source in t.OWN_WORD:
        assert evidence.is_proven(source, "D", basis="legitimate_interest")
    assert evidence.is_proven("web_form", "B", proof=evidence.LOGIN)
    for source in ("web_form", "sale", "import", "api"):
        assert not evidence.is_proven(source, "C", document=True)


def test_what_staff_write_down_needs_a_note_or_a_document():
    for source in t.STAFF:
        assert evidence.is_proven(source, "C")
        assert not evidence.is_proven(source, "D")
        assert not evidence.is_proven(source, "C", basis="soft_opt_in")


def test_an_import_needs_a_document_and_a_second_person_and_another_system_the_officers_trust():
    assert evidence.is_proven("import", "C", document=True, proof=evidence.APPROVAL)
    assert not evidence.is_proven("import", "C", proof=evidence.APPROVAL)
    assert evidence.is_proven("api", "C", proof=evidence.CLIENT)
    assert not evidence.is_proven("api", "D", proof=evidence.CLIENT)


def test_a_confirmation_is_asked_for_only_while_the_act_is_fresh():
    assert evidence.is_fresh(NOW - timedelta(days=7), NOW)
    assert not evidence.is_fresh(NOW - timedelta(days=7, seconds=1), NOW)


def test_an_objection_is_passed_by_a_later_proven_yes_only():
    yes = t.State(state=t.GRANTED, since=NOW, proven=True)
    assert not objection.holds(yes, None)
    assert not objection.holds(yes, NOW - timedelta(seconds=1))
    for topic, objected_at in [
        (yes, NOW),
        (yes, NOW + timedelta(seconds=1)),
        (yes._replace(proven=False), NOW - timedelta(days=1)),
        (yes._replace(state=t.EXPIRED), NOW - timedelta(days=1)),
        (t.State(), NOW),
    ]:
        assert objection.holds(topic, objected_at)


def test_a_step_that_undoes_a_no_is_told_from_one_that_does_not():
    yes = t.State(state=t.GRANTED, since=NOW, proven=True)
    no, objected = t.State(state=t.WITHDRAWN, since=NOW), t.State(objected_at=NOW - timedelta(days=1))
    assert reversal.undoes_no(no, yes, [])
    assert reversal.undoes_no(t.State(), yes, [objected])
    assert reversal.undoes_no(objected, t.State(), [])
    assert not reversal.undoes_no(t.State(), yes, [])
    assert not reversal.undoes_no(yes, yes, [objected])
    assert not reversal.undoes_no(t.State(), yes._replace(proven=False), [objected])


def test_a_time_is_read_with_its_offset():
    noon = datetime(2026, 3, 1, 12)
    for text in ("2026-03-01 12:00:00", "2026-03-01T12:00:00Z", "2026-03-01T13:00:00+01:00", "2026-03-01 07:00-05:00"):
        assert times.read(text) == noon
    assert times.read(noon.replace(tzinfo=timezone(timedelta(hours=-1)))) == noon + timedelta(hours=1)


def test_a_date_is_its_first_or_last_moment_in_its_zone():
    day, zone = date(2026, 3, 1), "America/New_York"
    assert times.read(day, zone) == times.read("2026-03-01", zone) == datetime(2026, 3, 1, 5)
    assert times.read(day, zone, last=True) == datetime(2026, 3, 2, 5) - times.TINY
    assert times.read(date(2026, 3, 29), "Europe/Brussels", last=True) == datetime(2026, 3, 29, 22) - times.TINY


@pytest.mark.parametrize("value", ["soon", "2026-02-30", "20260301", True, 7, [1], "9999-12-31", "2026-03-01 25:00"])
def test_what_is_no_time_is_an_error(value):
    with pytest.raises(ValueError):
        times.read(value, last=True)
