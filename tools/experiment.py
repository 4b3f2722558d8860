"""Statistics of proportions, to compare the conversion of several texts."""

import hashlib
import math
from collections.abc import Sequence
from statistics import NormalDist
from typing import NamedTuple

_normal = NormalDist()


class Interval(NamedTuple):
    """A rate with its confidence interval."""

    rate: float
    low: float
    high: float


def variant_of(key: str, weights: Sequence[int]) -> int:
    """Return the variant for a person: random across people, stable for each.

    :param key: names the campaign and the person
    :param weights: relative frequency of each variant; at least one above 0
    """
    drawn = int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], "big") % sum(weights)
    for number, weight in enumerate(weights):
        drawn -= weight
        if drawn < 0:
            return number
    raise AssertionError("unreachable: the draw is smaller than the sum of the weights")


def interval(successes: int, trials: int, confidence: float = 0.95) -> Interval:
    """Return the rate with its Wilson score interval, valid for few trials and rates near 0 or 1."""
    if not trials:
        return Interval(0.0, 0.0, 1.0)
    z = _normal.inv_cdf((1 + confidence) / 2)
    rate, square = successes / trials, z * z
    centre = (rate + square / (2 * trials)) / (1 + square / trials)
    half = z / (1 + square / trials) * math.sqrt(rate * (1 - rate) / trials + square / (4 * trials * trials))
    return Interval(rate, max(0.0, centre - half), min(1.0, centre + half))


def p_value(one: tuple[int, int], other: tuple[int, int]) -> float:
    """Return the probability of a difference at least this large by chance alone (two-sided z-test, pooled).

    :param one: successes and trials
    :param other: the same of the other variant
    """
    (won, tried), (other_won, other_tried) = one, other
    if not tried or not other_tried:
        return 1.0
    pooled = (won + other_won) / (tried + other_tried)
    error = math.sqrt(pooled * (1 - pooled) * (1 / tried + 1 / other_tried))
    if not error:
        return 1.0
    return 2 * (1 - _normal.cdf(abs(won / tried - other_won / other_tried) / error))


def winner(results: Sequence[tuple[int, int]], *, significance: float = 0.05, at_least: int = 100) -> int | None:
    """Return the number of the variant that is significantly better than every other, None if there is none.

    The significance level is corrected for the number of comparisons (Bonferroni).

    :param results: successes and trials of each variant
    :param at_least: minimum number of trials of each variant
    """
    if len(results) < 2 or any(tried < at_least for _won, tried in results):
        return None
    best = max(range(len(results)), key=lambda number: results[number][0] / results[number][1])
    rivals = [result for number, result in enumerate(results) if number != best]
    certain = all(p_value(results[best], rival) < significance / len(rivals) for rival in rivals)
    return best if certain else None
