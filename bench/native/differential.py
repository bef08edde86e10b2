"""Random models, LightGBM against lightgbm-wasm, compared bit by bit.

Usage: differential.py [--models N] [--seed N] [--first N] [--keep FOLDER] [--node-options "..."] [--kinds trained,written] [--scorer "COMMAND"]

Half of the models are trained with random data, objectives and parameters; the other half are written by hand as random text: any structure, any
decision type, thresholds that training would hardly give. Each is asked for raw scores, leaves, contributions and outputs, of all iterations and of a
slice, as float64 and float32, row by row, 2 to 63 rows at a time and all at once. A model that differs is kept in FOLDER with its rows.
Model I of seed S is always the same; --first I --models 1 repeats it. With --scorer "bench/.cache/harness LIB_LIGHTGBM_SO" LightGBM's own single-row calls
take the place of lightgbm-wasm: a check of this script.
"""
import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

import lightgbm as lgb
import numpy as np

import rows as row_makers
import written

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--models", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--keep", default=os.path.join(ROOT, "bench/.cache/differences"))
    parser.add_argument("--node-options", default="")
    parser.add_argument("--kinds", default="trained,written")
    parser.add_argument("--scorer", default="")
    parser.add_argument("--package", default="lightgbm-wasm", help="what the scorer imports: another build of the package")
    args = parser.parse_args()
    command = args.scorer.split() or ["node", "--expose-gc", *args.node_options.split(), "--import", "tsx", "bench/lightgbm/scorer.ts", args.package]
    scorer = Scorer(command)
    failed, checked, values, worst_ulp, refused, inexact = 0, 0, 0, 0, {}, {}
    for index in range(args.first, args.first + args.models):
        if checked and checked % 50 == 0:
            print(f"{checked} models compared, {failed} differ", file=sys.stderr, flush=True)
        rng = np.random.default_rng([args.seed, index])
        kinds = args.kinds.split(",")
        kind = kinds[index % len(kinds)]
        try:
            text, x, about = (trained if kind == "trained" else written.model)(rng)
        except lgb.basic.LightGBMError as error:
            refused[str(error)[:60]] = refused.get(str(error)[:60], 0) + 1
            continue
        with tempfile.TemporaryDirectory() as folder:
            model, data = os.path.join(folder, "model.txt"), os.path.join(folder, "rows.f64")
            with open(model, "w", newline="\n") as file:
                file.write(text)
            np.ascontiguousarray(x).astype("<f8").tofile(data)
            checked += 1
            try:
                differences, count, ulp, off = compare(scorer, model, data, text, x, about, rng)
            except ScorerDied as died:
                differences, count, ulp, off = [f"the scorer died: {died}"], 0, 0, 0
                scorer = Scorer(command)
            values += count
            worst_ulp = max(worst_ulp, ulp)
            if off:
                inexact[about["objective"]] = inexact.get(about["objective"], 0) + off
            if differences:
                failed += 1
                kept = os.path.join(args.keep, f"seed-{args.seed}-model-{index}")
                os.makedirs(kept, exist_ok=True)
                shutil.copy(model, kept)
                shutil.copy(data, kept)
                with open(os.path.join(kept, "about.json"), "w") as file:
                    json.dump(dict(about=about, columns=x.shape[1], differences=differences), file, indent=1, default=str)
                print(f"model {index} ({kind}) {json.dumps(about, default=str)[:300]}", *differences[:6], f"kept in {kept}", sep="\n  ", flush=True)
    print(f"{checked} models, {values} values, {failed} models differ; outputs at most {worst_ulp} ulp off {inexact}; not trainable: {refused}")
    sys.exit(1 if failed else 0)


def compare(scorer, model, data, text, x, about, rng):
    booster = lgb.Booster(model_str=text)
    iterations = booster.current_iteration()
    scorer.ask(f"model {model}")
    scorer.ask(f"rows {data} {x.shape[1]}")
    differences, count, worst_ulp, off = [], 0, 0, 0
    slices = [{}]
    if iterations > 1:
        start = int(rng.integers(0, iterations))
        slices.append(dict(start_iteration=start, num_iteration=int(rng.choice([-1, 0, 1, 3, iterations]))))
    if about.get("early_stop"):
        slices.append(about["early_stop"])
    kinds = [("raw", dict(raw_score=True)), ("leaf", dict(pred_leaf=True)), ("contrib", dict(pred_contrib=True)), ("pred", {})]
    for extra in slices:
        for kind, options in kinds:
            for dtype in ("f64", "f32"):
                # The middle rows: half ordinary, half hostile. Contributions of large trees take a second per row.
                n = len(x) if kind != "contrib" else min(len(x), 40 if len(text) < 300_000 else 6)
                first = 0 if kind != "contrib" else max(0, 60 - n // 2)
                part = x[first : first + n] if dtype == "f64" else as_float32(x[first : first + n])
                if "pred_early_stop" in extra and kind in ("leaf", "contrib"):
                    continue
                try:
                    native = np.asarray(booster.predict(np.ascontiguousarray(part), num_threads=1, **options, **extra), dtype=np.float64).reshape(-1)
                except lgb.basic.LightGBMError as error:
                    native = str(error)
                for how in ("fast", "mixed", "mat"):
                    words = " ".join(f"{key}={str(value).lower()}" for key, value in extra.items())
                    where = f"{kind} {dtype} {how} {words}".strip()
                    try:
                        ours = np.frombuffer(scorer.ask(f"dump {how} {kind} {dtype} {first} {n} {words}".strip()), dtype="<f8")
                    except ScorerError as error:
                        if not isinstance(native, str):
                            differences.append(f"{where}: refused by us only: {error}")
                        continue
                    if isinstance(native, str):
                        differences.append(f"{where}: refused by LightGBM only: {native}")
                        continue
                    if ours.shape != native.shape:
                        differences.append(f"{where}: {ours.shape} values instead of {native.shape}")
                        continue
                    count += len(native)
                    if kind == "pred":
                        ulp = distance_ulp(ours, native)
                        worst_ulp = max(worst_ulp, int(ulp.max(initial=0)))
                        off += int((ulp > 0).sum())
                        wrong = np.flatnonzero(ulp > 4)
                    else:
                        wrong = np.flatnonzero(~same_bits(ours, native))
                    if len(wrong):
                        per_row = len(native) // n
                        at = wrong[0]
                        differences.append(f"{where}: {len(wrong)} of {len(native)}; row {first + at // per_row} output {at % per_row}: {ours[at]!r} instead of {native[at]!r}")
    return differences, count, worst_ulp, off


def as_float32(x):
    with np.errstate(over="ignore"):
        return x.astype(np.float32)


def same_bits(a, b):
    return (a.view(np.int64) == b.view(np.int64)) | (np.isnan(a) & np.isnan(b))


def distance_ulp(a, b):
    def ordered(x):
        bits = x.view(np.int64).astype(object)
        return np.array([bit if bit >= 0 else -(bit & 0x7FFFFFFFFFFFFFFF) for bit in bits], dtype=object)

    out = np.zeros(len(a), dtype=np.int64)
    unequal = np.flatnonzero(~same_bits(a, b) & (a != b))
    if len(unequal):
        out[unequal] = [min(abs(p - q), 2**62) for p, q in zip(ordered(a[unequal]), ordered(b[unequal]))]
        out[unequal[np.isnan(a[unequal]) | np.isnan(b[unequal])]] = 2**62
    return out


class ScorerError(Exception):
    pass


class ScorerDied(Exception):
    pass


class Scorer:
    """bench/lightgbm/scorer.ts, or what speaks like it, behind a pipe."""

    def __init__(self, command):
        self.process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def ask(self, line):
        try:
            self.process.stdin.write(line.encode() + b"\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            raise ScorerDied(line) from None
        head = self.process.stdout.readline().decode()
        if not head:
            raise ScorerDied(line)
        if head.startswith("error"):
            raise ScorerError(head[6:].strip())
        return self.process.stdout.read(int(head.split()[1]))


OBJECTIVES = ["regression", "regression_l1", "huber", "fair", "quantile", "mape", "poisson", "gamma", "tweedie", "binary", "cross_entropy",
              "cross_entropy_lambda", "multiclass", "multiclassova", "lambdarank", "rank_xendcg", "reg_sqrt", "custom"]


def trained(rng):
    """A model trained on random data with random parameters."""
    pick = lambda *values: values[int(rng.integers(len(values)))]
    n, columns = int(rng.integers(300, 3000)), int(rng.integers(1, 40))
    linear, boosting, objective = rng.random() < 0.15, pick("gbdt", "gbdt", "gbdt", "gbdt", "dart", "rf"), pick(*OBJECTIVES)
    x = data(rng, n, columns, pick)
    cardinalities = [int(rng.choice([2, 4, 20, 33, 64, 65, 300, 3000])) for _ in range(int(rng.integers(1, 5)))] if rng.random() < 0.45 else []
    if cardinalities:
        x = np.hstack([x, row_makers.categories(rng, n, cardinalities, nan=pick(0.0, 0.05))])
    order = rng.permutation(x.shape[1])
    x = np.ascontiguousarray(x[:, order])
    categorical = [int(np.flatnonzero(order == columns + k)[0]) for k in range(len(cardinalities))]
    params = dict(
        objective=objective, boosting=boosting, num_leaves=int(pick(2, 3, 7, 15, 31, 31, 63, 127, 256, 300)), learning_rate=pick(0.05, 0.1, 0.5, 1.0),
        max_bin=int(pick(2, 15, 63, 255, 255, 255, 1000, 5000)), min_data_in_leaf=int(pick(1, 5, 20)), min_data_in_bin=int(pick(1, 3)),
        min_sum_hessian_in_leaf=pick(0.0, 1e-3), use_missing=bool(rng.random() < 0.85), zero_as_missing=bool(rng.random() < 0.2), max_depth=int(pick(-1, -1, 3, 12)),
        min_data_per_group=int(pick(1, 5, 100)), cat_smooth=pick(1.0, 10.0), cat_l2=pick(0.0, 10.0), max_cat_threshold=int(pick(1, 32, 1000)), max_cat_to_onehot=int(pick(1, 4, 100)),
        feature_fraction=pick(1.0, 0.5), extra_trees=bool(rng.random() < 0.1), path_smooth=pick(0.0, 0.0, 1.0), boost_from_average=bool(rng.random() < 0.7),
        linear_tree=bool(linear), verbosity=-1, num_threads=1, seed=int(rng.integers(1_000_000)), deterministic=True, feature_pre_filter=False,
    )
    if boosting == "rf":
        params.update(bagging_freq=1, bagging_fraction=0.7)
    y = target(rng, x, categorical)
    extra = {}
    if objective in ("poisson", "gamma", "tweedie", "mape"):
        y = np.exp(np.clip(y * 0.5, -5, 5)) + 1e-3
    elif objective == "binary":
        y, params["sigmoid"] = (y > np.median(y)).astype(float), pick(1.0, 1.0, 0.3, 2.5)
    elif objective.startswith("cross_entropy"):
        y = 1 / (1 + np.exp(-y))
    elif objective.startswith("multiclass"):
        count = int(pick(2, 3, 5, 17))
        y = np.searchsorted(np.quantile(y, np.linspace(0, 1, count + 1)[1:-1]), y).astype(float)
        params.update(num_class=count, sigmoid=pick(1.0, 1.7))
    elif objective in ("lambdarank", "rank_xendcg"):
        y = np.searchsorted(np.quantile(y, [0.3, 0.6, 0.9]), y).astype(float)
        groups = n // 50
        extra["group"] = [50] * (groups - 1) + [n - 50 * (groups - 1)]
    elif objective == "reg_sqrt":
        params.update(objective="regression", reg_sqrt=True)
    elif objective == "custom":
        params["objective"] = (lambda p, d: (p - d.get_label(), np.ones_like(p)))
    iterations = int(pick(1, 2, 5, 20, 60))
    dataset = lgb.Dataset(x, y, params={k: v for k, v in params.items() if k != "objective"}, categorical_feature=categorical, **extra)
    text = lgb.train(params, dataset, iterations).model_to_string()
    about = {k: v for k, v in params.items() if not callable(v)} | dict(iterations=iterations, categorical=categorical, columns=x.shape[1])
    if rng.random() < 0.4:
        about["early_stop"] = dict(pred_early_stop=True, pred_early_stop_freq=int(pick(1, 2, 5, 10)), pred_early_stop_margin=float(pick(0.1, 0.5, 1.5, 10.0)))
    held = x[rng.permutation(n)[:60]]
    return text, np.vstack([held, row_makers.hostile(rng, held, text, 140, set(categorical))]), about


def data(rng, n, columns, pick):
    x = row_makers.plain(rng, n, columns, nan=pick(0.0, 0.0, 0.05, 0.4), zero=pick(0.0, 0.05, 0.6), scales=np.exp(rng.normal(size=columns) * pick(0.5, 3.0)))
    if rng.random() < 0.3:
        x[:, ::2] *= pick(1e-35, 1e-36, 1e-300, 1e150, 1e-308)
    if rng.random() < 0.25:
        column = int(rng.integers(columns))
        x[rng.random(n) < 0.2, column] = pick(np.inf, -np.inf, 1e300, -1.0000000180025095e-35, 5e-324, -0.0)
    if rng.random() < 0.2:
        x[:, int(rng.integers(columns))] = rng.choice([1.0, np.nextafter(1.0, 2), np.nextafter(1.0, 0), 2.0], n)
    if rng.random() < 0.15:
        x[:, int(rng.integers(columns))] = pick(0.0, np.nan, 7.0)
    return x


def target(rng, x, categorical):
    z = np.nan_to_num(x, posinf=0, neginf=0)
    with np.errstate(over="ignore", invalid="ignore"):
        z = np.nan_to_num((z - z.mean(axis=0)) / (z.std(axis=0) + 1e-300), posinf=0, neginf=0)
    y = np.tanh(z) @ rng.normal(size=x.shape[1]) + np.sin(2 * z[:, 0]) + 0.5 * np.isnan(x).sum(axis=1)
    for column in categorical:
        codes = np.nan_to_num(x[:, column]).astype(int)
        y = y + rng.normal(size=codes.max() + 1)[codes]
    return (y - y.mean()) / (y.std() + 1e-12) + rng.normal(size=len(x)) * 0.2


if __name__ == "__main__":
    main()
