"""Train the models of the scorer's benchmark with LightGBM and write held-out rows for them.

Usage: train_models.py OUT_DIR [--seed N] [--threads N] [--only NAME,NAME]

One folder per model: model.txt; rows.f64, row-major [(ordinary + hostile) x columns] float64; case.json with the shapes. A folder that is
complete is kept. `a` to `e` and `peers` are timed, the others are only for correctness.
"""
import argparse
import json
import os
import time

import lightgbm as lgb
import numpy as np

import rows

ORDINARY, HOSTILE = 4000, 1000


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("out")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--only", default="")
    args = parser.parse_args()
    only = set(filter(None, args.only.split(",")))
    for index, (name, make) in enumerate(MODELS.items()):
        folder = os.path.join(args.out, name)
        if (only and name not in only) or os.path.exists(os.path.join(folder, "case.json")):
            continue
        started = time.time()
        rng = np.random.default_rng([args.seed, index])
        case = write(folder, name, rng, args, **make(rng))
        print(f"{name:24s} {case['trees']:5d} trees {case['nodes']:7d} nodes {time.time() - started:6.1f} s", flush=True)


def write(folder, name, rng, args, data, target, params, iterations, categorical=(), timed=False, predict=""):
    params = {"verbosity": -1, "num_threads": args.threads, "deterministic": True, "seed": args.seed, "learning_rate": 0.1, **params}
    held = (ORDINARY if timed else 1000)
    # Shuffled, because neighbouring bars take nearly the same ways and teach the branch predictor what a request a minute never would.
    train, held_out = data[:-held], rng.permutation(data[-held:])
    dataset = lgb.Dataset(train, target[:-held], params=params, categorical_feature=list(categorical))
    booster = lgb.train(params, dataset, iterations)
    text = booster.model_to_string()
    hostile = rows.hostile(rng, held_out, text, HOSTILE, set(categorical))
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, "model.txt"), "w", newline="\n") as file:
        file.write(text)
    np.vstack([held_out, hostile]).astype("<f8").tofile(os.path.join(folder, "rows.f64"))
    leaves = [int(line[11:]) for line in text.splitlines() if line.startswith("num_leaves=")]
    case = dict(name=name, lightgbm=lgb.__version__, seed=args.seed, params={k: v for k, v in params.items() if k != "num_threads"}, columns=data.shape[1],
                ordinary=held, hostile=HOSTILE, outputs=booster.num_model_per_iteration(), trees=booster.num_trees(), nodes=sum(leaves) - len(leaves),
                leaves=max(leaves), categorical=list(categorical), timed=timed, predict=predict, text_bytes=len(text.encode()))
    with open(os.path.join(folder, "case.json"), "w") as file:
        json.dump(case, file, indent=1)
    return case


def signal(x):
    """A target with interactions, steps and meaning in the missing values, of about unit size whatever the columns."""
    filled = np.nan_to_num(x, posinf=0, neginf=0)
    z = (filled - filled.mean(axis=0)) / (filled.std(axis=0) + 1e-12)
    weights = np.random.default_rng(5).normal(size=x.shape[1]) / np.sqrt(x.shape[1])
    return (np.sin(z[:, 0] * 2) + z[:, 1] * z[:, 2] * 0.5 + (z[:, 3] > 0.3) * 0.8 + 0.3 * np.isnan(x[:, 4]) + np.tanh(z) @ weights
            + np.where(z[:, 8] > 0, z[:, 9], z[:, 10]) * 0.5)


def noisy(rng, x, noise=0.5):
    return signal(x) + rng.normal(size=len(x)) * noise


def binary(rng, x, noise=0.5):
    return (noisy(rng, x, noise) > 0.4).astype(float)


def classes(rng, x, count=3):
    y = noisy(rng, x)
    return np.searchsorted(np.quantile(y, np.linspace(0, 1, count + 1)[1:-1]), y).astype(float)


def model_a(rng):
    x = rows.market(rng, 34_000, 400)
    return dict(data=x, target=noisy(rng, x), params=dict(objective="regression", num_leaves=63), iterations=500, timed=True)


def model_b(rng):
    x = rows.market(rng, 24_000, 60)
    return dict(data=x, target=noisy(rng, x), params=dict(objective="regression", num_leaves=31), iterations=150, timed=True)


def model_c(rng):
    n = 34_000
    cats = rows.categories(rng, n, (4, 12, 60, 300, 1000))
    x = np.hstack([rows.plain(rng, n, 75, nan=0.06), cats])
    codes = np.nan_to_num(cats).astype(int)
    effects = [np.random.default_rng(9 + k).normal(size=c) for k, c in enumerate((4, 12, 60, 300, 1000))]
    y = noisy(rng, x) + sum(effect[codes[:, k]] * 0.6 for k, effect in enumerate(effects))
    return dict(data=x, target=(y > np.median(y)).astype(float), iterations=300, categorical=range(75, 80), timed=True,
                params=dict(objective="binary", num_leaves=63, min_data_per_group=20))


def model_d(rng):
    x = rows.plain(rng, 34_000, 100)
    return dict(data=x, target=classes(rng, x), params=dict(objective="multiclass", num_class=3, num_leaves=31), iterations=300, timed=True)


def model_e(rng):
    x = rows.plain(rng, 24_000, 200)
    return dict(data=x, target=noisy(rng, x), params=dict(objective="regression", num_leaves=127, learning_rate=0.02, min_data_in_leaf=10), iterations=2000, timed=True)


def peers(rng):
    x = rows.market(rng, 24_000, 440)
    return dict(data=x, target=noisy(rng, x), params=dict(objective="regression", num_leaves=31), iterations=300, timed=True)


def small(make_target, params, iterations=60, columns=30, n=6000, nan=0.05, zero=0.05, cardinalities=(), predict=""):
    """A model that is only for correctness."""

    def make(rng):
        x = rows.plain(rng, n, columns, nan=nan, zero=zero)
        if cardinalities:
            x = np.hstack([x, rows.categories(rng, n, cardinalities)])
        y = make_target(rng, x)
        if cardinalities and params["objective"] == "regression":
            y = y + (np.nan_to_num(x[:, -1]) % 7) * 0.4 + (np.nan_to_num(x[:, columns]) % 3) * 0.4
        return dict(data=x, target=y, params={"num_leaves": 31, **params}, iterations=iterations, predict=predict,
                    categorical=range(columns, columns + len(cardinalities)))

    return make


def positive(rng, x):
    return np.exp(signal(x) * 0.5) * rng.gamma(2, 1, len(x)) + 1e-3


def probability(rng, x):
    return 1 / (1 + np.exp(-noisy(rng, x)))


REGRESSION = dict(objective="regression")
CATEGORIES = dict(min_data_per_group=5, cat_smooth=1.0, max_cat_threshold=256)
MODELS = {
    "a": model_a, "b": model_b, "c": model_c, "d": model_d, "e": model_e, "peers": peers,
    "zero-as-missing": small(noisy, {**REGRESSION, "zero_as_missing": True}, zero=0.3),
    "zero-as-missing-categories": small(noisy, {**REGRESSION, **CATEGORIES, "zero_as_missing": True}, zero=0.3, cardinalities=(4, 40, 400)),
    "zero-as-missing-no-nan": small(noisy, {**REGRESSION, "zero_as_missing": True}, nan=0, zero=0.4),
    "random-forest": small(noisy, {**REGRESSION, "boosting": "rf", "bagging_freq": 1, "bagging_fraction": 0.7, "feature_fraction": 0.7}),
    "random-forest-binary": small(binary, {"objective": "binary", "boosting": "rf", "bagging_freq": 1, "bagging_fraction": 0.7}),
    "dart": small(noisy, {**REGRESSION, "boosting": "dart", "drop_rate": 0.3}),
    "multiclassova": small(classes, {"objective": "multiclassova", "num_class": 3, "sigmoid": 1.7}),
    "multiclass-40": small(lambda rng, x: classes(rng, x, 40), {"objective": "multiclass", "num_class": 40, "num_leaves": 7}, iterations=12),
    "cross-entropy-no-missing": small(probability, {"objective": "cross_entropy", "use_missing": False}),
    "cross-entropy-lambda": small(probability, {"objective": "cross_entropy_lambda"}),
    "poisson": small(positive, {"objective": "poisson"}),
    "tweedie": small(positive, {"objective": "tweedie"}),
    "linear": small(noisy, {**REGRESSION, "linear_tree": True, "num_leaves": 15}, nan=0, iterations=30),
    "linear-nan": small(noisy, {**REGRESSION, "linear_tree": True, "num_leaves": 15}, nan=0.2, iterations=30),
    "linear-categories": small(noisy, {**REGRESSION, **CATEGORIES, "linear_tree": True, "num_leaves": 31}, iterations=30, cardinalities=(5, 60)),
    "linear-binary": small(binary, {"objective": "binary", "linear_tree": True, "num_leaves": 63}, iterations=30),
    "bins-1000": small(noisy, {**REGRESSION, "max_bin": 1023, "num_leaves": 127, "min_data_in_bin": 1, "min_data_in_leaf": 2}, columns=12, iterations=120, n=12_000),
    "bins-60000": small(noisy, {**REGRESSION, "max_bin": 60_000, "num_leaves": 255, "min_data_in_bin": 1, "min_data_in_leaf": 1}, columns=12, iterations=300, n=12_000),
    "leaves-300": small(noisy, {**REGRESSION, "num_leaves": 300, "min_data_in_leaf": 2}, iterations=20),
    "leaves-511": small(noisy, {**REGRESSION, "num_leaves": 511, "min_data_in_leaf": 1}, iterations=40),
    "leaves-2000": small(noisy, {**REGRESSION, "num_leaves": 2000, "min_data_in_leaf": 1}, iterations=45, n=12_000),
    "leaves-5000": small(noisy, {**REGRESSION, "num_leaves": 5000, "min_data_in_leaf": 1, "min_data_in_bin": 1, "min_sum_hessian_in_leaf": 0}, iterations=6, n=16_000),
    "categories-thousands": small(noisy, {**REGRESSION, **CATEGORIES, "num_leaves": 63, "max_cat_threshold": 2000, "min_data_per_group": 1, "cat_l2": 1.0},
                                  columns=11, n=20_000, cardinalities=(4, 300, 5000, 3000)),
    "nodes-70000": small(noisy, {**REGRESSION, "num_leaves": 255, "min_data_in_leaf": 2}, iterations=280, columns=20),
    "chain": small(noisy, {**REGRESSION, "num_leaves": 200, "max_depth": -1, "min_data_in_leaf": 1, "min_sum_hessian_in_leaf": 0, "feature_fraction": 0.1}, columns=12, iterations=40),
    "early-stop-binary": small(binary, {"objective": "binary"}, iterations=120, predict="pred_early_stop=true pred_early_stop_freq=5 pred_early_stop_margin=3"),
    "early-stop-multiclass": small(classes, {"objective": "multiclass", "num_class": 3}, iterations=60, predict="pred_early_stop=true pred_early_stop_freq=4 pred_early_stop_margin=1.5"),
}

if __name__ == "__main__":
    main()
