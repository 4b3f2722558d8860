import unittest
from datetime import datetime, timedelta

from ...tools import quiet_hours, twilio_codes
from ...tools.quiet_hours import Rule


class TestQuietHours(unittest.TestCase):
    night = [Rule(21, 8)]

    def at(self, text, zones=("Europe/Brussels",), rules=None):
        return quiet_hours.next_open(datetime.fromisoformat(text), zones, self.night if rules is None else rules)

    def test_what_comes_at_night_waits_for_the_morning_of_the_recipient(self):
        for now, then in (
            ("2026-01-15 12:00", "2026-01-15 12:00"),
            ("2026-01-15 19:59", "2026-01-15 19:59"),
            ("2026-01-15 20:00", "2026-01-16 07:00"),
            ("2026-01-15 23:30", "2026-01-16 07:00"),
            ("2026-01-15 05:00", "2026-01-15 07:00"),
            ("2026-07-15 19:00", "2026-07-16 06:00"),  # summer time
            ("2026-03-28 21:00", "2026-03-29 06:00"),  # the night that the clocks change
        ):
            self.assertEqual(self.at(now), datetime.fromisoformat(then), now)

    def test_all_zones_that_a_number_may_be_in_count(self):
        zones = ("America/New_York", "America/Los_Angeles")
        self.assertEqual(self.at("2026-01-15 13:30", zones), datetime(2026, 1, 15, 16))
        self.assertEqual(self.at("2026-01-16 02:30", zones), datetime(2026, 1, 16, 16))

    def test_sundays_and_hours_add_up(self):
        rules = [Rule(22, 8), Rule(sundays=True)]
        self.assertEqual(self.at("2026-01-17 22:30", rules=rules), datetime(2026, 1, 19, 7))
        self.assertEqual(self.at("2026-01-18 10:00", rules=rules), datetime(2026, 1, 19, 7))

    def test_rules_that_never_open_say_so(self):
        self.assertIsNone(self.at("2026-01-15 12:00", rules=[Rule(0, 12), Rule(12, 24)]))
        self.assertEqual(self.at("2026-01-15 23:00", rules=[Rule(9, 9)]), datetime(2026, 1, 15, 23))

    def test_the_provider_may_try_until_it_gets_quiet(self):
        now = datetime(2026, 1, 15, 19, 50)
        seconds = quiet_hours.seconds_open(now, ("Europe/Brussels",), self.night, 36000)
        self.assertTrue(480 <= seconds <= 600, seconds)
        self.assertEqual(quiet_hours.seconds_open(now - timedelta(hours=9), ("Europe/Brussels",), [], 36000), 36000)

    def test_numbers_know_their_zones(self):
        self.assertEqual(quiet_hours.zones("+32470000001"), ("Europe/Brussels",))
        self.assertGreater(len(quiet_hours.zones("+12025550100")), 0)
        self.assertEqual(quiet_hours.zones("nonsense"), ())


class TestTwilioCodes(unittest.TestCase):
    def test_only_a_stop_is_a_stop(self):
        self.assertEqual([code for code in range(20000, 32000) if twilio_codes.lesson(code) == "stopped"], [21610])
        self.assertEqual(twilio_codes.lesson("30004"), twilio_codes.HELD)
        for nonsense in (None, "", "x", 1, [], "30004 "):
            twilio_codes.lesson(nonsense)

    def test_the_status_counts_where_there_is_no_code(self):
        self.assertEqual(twilio_codes.code_of(429, {}), 20429)
        self.assertEqual(twilio_codes.code_of(400, {"code": 21610}), 21610)
        self.assertEqual(twilio_codes.code_of(500, {"code": "x"}), 0)
