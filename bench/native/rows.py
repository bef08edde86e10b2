"""Rows for training and for held-out scoring: market-like, plain, and hostile.

Every function takes a numpy Generator and gives row-major [n x columns] float64.
"""
import numpy as np

ZERO_EDGE = 1.0000000180025095e-35
SPECIAL = np.array([np.nan, 0.0, -0.0, np.inf, -np.inf, 5e-324, -5e-324, 1e-36, -1e-36, 1e-35, -1e-35, ZERO_EDGE, -ZERO_EDGE,
                    np.nextafter(ZERO_EDGE, 1), -np.nextafter(ZERO_EDGE, 1), 1e300, -1e300])
ODD_CATEGORIES = np.array([-1.0, -0.5, -0.4, 0.9, 3.7, 31.0, 31.999, 32.0, 33.0, 1e5, 1e10, 2.0**31 - 1, 2.0**31, 2.0**32 + 1, 3e9,
                           np.inf, -np.inf, 1e20, np.nan, 1e300, -1e300])


def market(rng, n, columns):
    """Indicators of a random walk in several timeframes: continuous values, multiples of 100/14, calendar sines, small integers."""
    warm_up = 24 * 64
    bars = n + warm_up
    volatility = 0.004 * np.exp(_smooth(rng.normal(size=bars), 200) * 8)
    returns = rng.standard_t(4, size=bars) * volatility
    close = 30_000 * np.exp(np.cumsum(returns))
    high, low = close * np.exp(np.abs(rng.normal(size=bars)) * volatility), close * np.exp(-np.abs(rng.normal(size=bars)) * volatility)
    volume = np.exp(_smooth(rng.normal(size=bars), 12) * 3 + rng.normal(size=bars) * 0.4) * 100
    out = []
    hour = np.arange(bars) % 24
    for period, clock in ((24, hour), (7, np.arange(bars) // 24 % 7), (12, np.arange(bars) // 720 % 12)):
        out += [np.sin(2 * np.pi * clock / period), np.cos(2 * np.pi * clock / period), clock.astype(float)]
    for window in (14, 5, 7, 10, 20, 25, 30, 3, 40, 50, 60, 12, 9, 16, 28, 45):
        for step in (1, 4, 12, 24):
            c, h, l, v = (x[step - 1 :: step] for x in (close, high, low, volume))
            for column in _indicators(c, h, l, v, window):
                out.append(np.concatenate([np.zeros(step - 1), np.repeat(column, step)])[:bars])
    if len(out) < columns:
        raise ValueError(f"market() has only {len(out)} columns")
    return np.ascontiguousarray(np.column_stack([x[warm_up:] for x in out[:columns]]))


def _indicators(close, high, low, volume, window):
    change = np.diff(close, prepend=close[0])
    log = np.log(close)
    up, down = _rolling_mean(np.maximum(change, 0), window), _rolling_mean(np.maximum(-change, 0), window)
    mean = _rolling_mean(close, window)
    view = np.lib.stride_tricks.sliding_window_view
    since_high = window - 1 - np.argmax(view(_padded(high, window), window), axis=1)
    since_low = window - 1 - np.argmin(view(_padded(low, window), window), axis=1)
    top, bottom = view(_padded(high, window), window).max(axis=1), view(_padded(low, window), window).min(axis=1)
    return [
        log - _shifted(log, window), close / mean - 1, np.sqrt(_rolling_mean((close - mean) ** 2, window)) / close,
        100 - 100 / (1 + up / np.maximum(down, 1e-12)), 100 * (window - since_high) / window, 100 * (window - since_low) / window,
        (close - bottom) / np.maximum(top - bottom, 1e-12), np.log(volume / _rolling_mean(volume, window)),
    ]


def _padded(x, window):
    return np.concatenate([np.full(window - 1, x[0]), x])


def _rolling_mean(x, window):
    total = np.cumsum(np.concatenate([np.zeros(1), _padded(x, window)]))
    return (total[window:] - total[:-window]) / window


def _shifted(x, by):
    return np.concatenate([np.full(by, x[0]), x[:-by]])


def _smooth(x, window):
    return _rolling_mean(x, window)


def plain(rng, n, columns, nan=0.0, zero=0.0, scales=None):
    """Normal values of various scales, some columns rounded, with a share of NaN and of zeros."""
    scales = np.exp(np.linspace(-2, 2, columns)) if scales is None else scales
    x = rng.normal(size=(n, columns)) * scales
    x[:, 5::7] = np.round(x[:, 5::7] * 4) / 4
    x[rng.random(x.shape) < nan] = np.nan
    x[rng.random(x.shape) < zero] = 0.0
    return x


def categories(rng, n, cardinalities, nan=0.03):
    """One column for each cardinality, small numbers more frequent."""
    x = np.column_stack([np.floor(rng.random(n) ** 2 * c) for c in cardinalities])
    x[rng.random(x.shape) < nan] = np.nan
    return x


def hostile(rng, ordinary, model_text, n, categorical=()):
    """Ordinary rows of which 2-100 % of the cells were replaced: special values, thresholds and one ulp beside, odd categories."""
    columns = ordinary.shape[1]
    x = ordinary[rng.integers(0, len(ordinary), n)].copy()
    by_feature = thresholds(model_text, columns)
    share = np.where(np.arange(n) % 10 == 0, 1.0, rng.uniform(0.02, 1.0, n))
    replaced = rng.random(x.shape) < share[:, None]
    on_threshold = rng.random(x.shape) < 0.5
    x[replaced] = rng.choice(SPECIAL, size=int(replaced.sum()))
    for column in range(columns):
        if column in categorical:
            rows = np.flatnonzero(replaced[:, column])
            x[rows, column] = np.where(rng.random(len(rows)) < 0.5, rng.choice(ODD_CATEGORIES, len(rows)), rng.integers(0, 5000, len(rows)) + rng.choice([0, 0.5], len(rows)))
            continue
        t = by_feature[column]
        if len(t) == 0:
            continue
        rows = np.flatnonzero(replaced[:, column] & on_threshold[:, column])
        picked = rng.choice(t, size=len(rows))
        beside = np.where(rng.random(len(rows)) < 0.5, -np.inf, np.inf)
        with np.errstate(over="ignore", under="ignore"):
            x[rows, column] = np.where(rng.random(len(rows)) < 0.34, picked, np.nextafter(picked, beside))
    special = np.concatenate([SPECIAL, [1.0]])
    x[: len(special)] = special[:, None]
    return np.ascontiguousarray(x)


def thresholds(model_text, columns):
    """Per feature the distinct thresholds of its numeric splits."""
    found = [[] for _ in range(columns)]
    split, decision = [], []
    for line in model_text.splitlines():
        key, _, value = line.partition("=")
        if key == "split_feature":
            split = [int(v) for v in value.split()]
        elif key == "threshold":
            values = [float(v) for v in value.split()]
        elif key == "decision_type":
            decision = [int(v) for v in value.split()]
            for feature, threshold, kind in zip(split, values, decision):
                if not kind & 1:
                    found[feature].append(threshold)
    return [np.unique(np.array(t, dtype=np.float64)) for t in found]
