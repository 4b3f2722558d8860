import pytest

from ...tools.country_language import spoken


@pytest.mark.parametrize(
    ("country", "languages", "default", "said"),
    [
        ("FR", ["en_US", "fr_FR"], "en_US", "fr_FR"),
        ("NO", ["en_US", "nb_NO"], "en_US", "nb_NO"),
        ("BE", ["en_US", "fr_FR", "nl_NL", "nl_BE"], "en_US", "nl_BE"),
        ("BE", ["en_US", "fr_BE", "nl_BE"], "fr_BE", "fr_BE"),
        ("CH", ["de_DE", "de_CH", "fr_CH"], "de_DE", "de_CH"),
        ("RS", ["en_US", "sr@latin"], None, "sr@latin"),
        ("DE", ["en_US", "fr_FR"], "en_US", None),
        ("ZZ", ["en_US"], "en_US", None),
        (None, ["en_US"], "en_US", None),
        ("US", ["es_419", "en_US"], None, "en_US"),
    ],
)
def test_a_country_is_spoken_to_in_its_language(country, languages, default, said):
    assert spoken(country, languages, default) == said
