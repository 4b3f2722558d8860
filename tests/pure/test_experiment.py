from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from ...tools import experiment

counts = st.integers(1, 5000).flatmap(lambda tried: st.tuples(st.integers(0, tried), st.just(tried)))


@given(counts, st.sampled_from([0.9, 0.95, 0.99]))
def test_intervals_are_scipys(result, confidence):
    ours = experiment.interval(*result, confidence)
    theirs = stats.binomtest(*result).proportion_ci(confidence, method="wilson")
    assert ours.low == pytest.approx(theirs.low, abs=1e-9)
    assert ours.high == pytest.approx(theirs.high, abs=1e-9)


@given(counts, counts)
def test_p_values_are_scipys(one, other):
    table = [[one[0], one[1] - one[0]], [other[0], other[1] - other[0]]]
    ours = experiment.p_value(one, other)
    if 0 in (one[0] + other[0], sum(one[1:] + other[1:]) - one[0] - other[0]):
        assert ours == 1.0  # all or none said yes: no difference, and scipy refuses
    else:
        assert ours == pytest.approx(stats.chi2_contingency(table, correction=False).pvalue, abs=1e-9)


def test_nothing_is_known_of_what_nobody_saw():
    assert experiment.interval(0, 0) == (0.0, 0.0, 1.0)
    assert experiment.p_value((0, 0), (1, 2)) == 1.0


def test_people_are_spread_by_weight_and_keep_their_variant():
    drawn = Counter(experiment.variant_of(f"7:{person}", [1, 3]) for person in range(20_000))
    assert stats.binomtest(drawn[1], 20_000, 0.75).pvalue > 0.001
    assert experiment.variant_of("7:anna", [1, 3]) == experiment.variant_of("7:anna", [1, 3])
    assert {experiment.variant_of(f"7:{person}", [0, 1]) for person in range(100)} == {1}


def test_a_winner_beats_every_rival_beyond_chance_and_not_too_early():
    assert experiment.winner([(60, 200), (20, 200)]) == 0
    assert experiment.winner([(60, 200), (20, 200), (58, 200)]) is None
    assert experiment.winner([(30, 99), (1, 99)]) is None
    assert experiment.winner([(50, 200), (52, 200)]) is None
    assert experiment.winner([(60, 200)]) is None
    assert experiment.winner([(0, 200), (0, 200)]) is None
