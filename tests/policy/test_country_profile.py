from odoo.exceptions import ValidationError
from odoo.tests import tagged

from ...exceptions import ConsentError
from ..cases.story import CARLA, ConsentCase

SHIPPED = {"NL", "BE", "NO", "SE", "DK", "DE", "AT", "CH", "FR", "GB", "US", "CA"}


@tagged("post_install", "-at_install")
class TestCountryProfile(ConsentCase):
    def test_the_shipped_countries_have_a_profile_with_its_source_to_be_verified(self):
        profiles = self.env["consent.country.profile"].search([])
        self.assertEqual(set(profiles.country_id.mapped("code")), SHIPPED)
        self.assertTrue(all(profile.source and profile.verify for profile in profiles))

    def test_a_profile_is_found_by_country_and_changes_hold_at_once(self):
        profiles = self.env["consent.country.profile"]
        self.assertEqual(profiles._for_country_code("de").digital_age, 16)
        self.assertFalse(profiles._for_country_code("JP"))
        self.assertFalse(profiles._for_country_code(None))
        japan = profiles.create({"country_id": self.env.ref("base.jp").id, "digital_age": 15})
        self.assertEqual(profiles._for_country_code("JP"), japan)
        japan.unlink()
        self.assertFalse(profiles._for_country_code("JP"))

    def test_impossible_hours_and_ages_are_refused(self):
        profile = self.env["consent.country.profile"]._for_country_code("NL")
        for values in ({"quiet_from": 25}, {"quiet_to": -1}, {"digital_age": 99}, {"soft_opt_in_months": -1}):
            with self.assertRaises(ValidationError):
                profile.write(values)

    def test_a_childs_yes_needs_a_parents_where_the_age_is_known(self):
        child = {"birth_date": "2014-06-01", "occurred_at": "2026-02-01 10:00:00"}  # eleven; Belgium: thirteen
        with self.assertRaises(ConsentError) as refusal:
            self.yes(CARLA, **child)
        self.assertEqual(refusal.exception.code, "too_young")
        self.assertFalse(self.record(CARLA), "nothing was written")
        event = self.env["consent.event"].browse(self.yes(CARLA, guardian="Her mother, Chiara Costa", **child))
        self.assertEqual(event._evidence()["guardian"], "Her mother, Chiara Costa")

    def test_the_age_is_that_of_the_country_and_of_the_purpose(self):
        fourteen = {"birth_date": "2012-01-01", "occurred_at": "2026-02-01 10:00:00"}
        self.yes(CARLA, **fourteen)  # Belgium: thirteen
        with self.assertRaises(ConsentError):
            self.yes("kim@lumen.example", country="NL", **fourteen)
        with self.assertRaises(ConsentError):
            self.yes("+31612345678", channel="sms", **fourteen)
        self.news.purpose_id.min_age = 18
        with self.assertRaises(ConsentError):
            self.yes("lou@lumen.example", **fourteen)

    def test_nobody_is_asked_for_their_age(self):
        self.news.purpose_id.min_age = 18
        self.assertTrue(self.yes(CARLA))

    def test_an_impossible_birth_date_is_refused(self):
        with self.assertRaises(ConsentError) as refusal:
            self.yes(CARLA, birth_date="soon")
        self.assertEqual(refusal.exception.code, "impossible_date")
