"""Train a LightGBM model on a table of features and write it as a bundle that barcast serves.

    python train.py table.csv ../models/my-model --symbol BTCUSDT --target y_logret_168h --horizon 168

table.csv has one row per bar: `timestamp` (open of the bar, UTC, oldest first), the target, and feature columns named as
the catalogue names them (docs/features.md). Every other column that is not a target (y_…) becomes a feature of the model.
Needs lightgbm, numpy and pandas.
"""

import argparse
import hashlib
import json
import math
from pathlib import Path

import lightgbm
import numpy
import pandas

OBJECTIVES = {  # what the target is -> how LightGBM learns it
    "log_return": {"objective": "huber", "alpha": 0.1},
    "return": {"objective": "huber", "alpha": 0.1},
    "probability_up": {"objective": "binary"},
    "score": {"objective": "regression"},
}


def main():
    options = read_options()
    # round_trip: pandas' default parser is off in the last bit now and then, and thresholds are learned from last bits.
    table = pandas.read_csv(options.table, float_precision="round_trip")
    names = [name for name in table.columns if name != "timestamp" and not name.startswith("y_") and name != options.target]
    if not names:
        raise SystemExit(f"{options.table} has no feature columns")
    train, held_out = split(table, options)

    params = dict(OBJECTIVES[options.output], learning_rate=0.02, num_leaves=15, min_data_in_leaf=40, feature_fraction=0.3,
                  bagging_fraction=0.7, bagging_freq=1, lambda_l2=5.0, seed=42, deterministic=True, force_row_wise=True, verbosity=-1)
    if options.quantile is not None:
        params.update(objective="quantile", alpha=options.quantile)
    data = lightgbm.Dataset(train[names].to_numpy(), train[options.target].to_numpy(), feature_name=names)
    booster = lightgbm.train(params, data, options.rounds)

    write_bundle(booster, held_out[names], options)
    print(f"{options.bundle}: {len(names)} features, {len(train)} rows to train, {len(held_out)} rows held out")


def split(table, options):
    """The last part of the table is held out. Rows whose target reaches into it are not trained on either."""
    first_held_out = int(len(table) * (1 - options.held_out))
    train = table.iloc[: max(0, first_held_out - options.horizon)]
    train = train[numpy.isfinite(train[options.target])]
    if train.empty:
        raise SystemExit(f"{len(table)} rows are too few for a horizon of {options.horizon} bars")
    return train, table.iloc[first_held_out:]


def write_bundle(booster, held_out, options):
    """A bundle is a folder: the model, what it promises, and rows that whoever loads it can check it with."""
    bundle = Path(options.bundle)
    bundle.mkdir(parents=True, exist_ok=True)
    booster.save_model(bundle / "model.txt")

    manifest = {"version": options.version, "symbol": options.symbol, "timeframe": options.timeframe,
                "features": {"catalogue": "multi-timeframe", "base_bars": options.base_bars, "buffer_bars": options.buffer_bars},
                "output": options.output, "quantile": options.quantile, "horizon_bars": options.horizon,
                "sha256": hashlib.sha256((bundle / "model.txt").read_bytes()).hexdigest()}
    stated = {key: value for key, value in manifest.items() if value is not None}
    (bundle / "model.json").write_text(json.dumps(stated, indent=2) + "\n")

    # The rows are scored by the saved file: that is what will be served.
    saved = lightgbm.Booster(model_file=bundle / "model.txt")
    names = saved.feature_name()
    with open(bundle / "golden.jsonl", "w") as file:
        for row in evenly_spaced(held_out.to_numpy(dtype=float), 12):
            raw = numpy.ravel(saved.predict(row.reshape(1, -1), raw_score=True)).tolist()
            file.write(json.dumps({"features": dict(zip(names, map(cell, row))), "raw": raw}, separators=(",", ":")) + "\n")


def evenly_spaced(rows, count):
    return rows[numpy.unique(numpy.linspace(0, len(rows) - 1, min(count, len(rows))).astype(int))]


def cell(value):
    """JSON has neither NaN nor infinities."""
    if math.isnan(value):
        return None
    return float(value) if math.isfinite(value) else "inf" if value > 0 else "-inf"


def read_options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("table", help="CSV of features and target")
    parser.add_argument("bundle", help="folder to write; its name is the model's name")
    parser.add_argument("--target", required=True, help="column to learn")
    parser.add_argument("--horizon", type=int, required=True, help="bars after which the target is known")
    parser.add_argument("--output", choices=sorted(OBJECTIVES), default="log_return", help="what the target is")
    parser.add_argument("--quantile", type=float, help="learn this quantile of the target, e.g. 0.05")
    parser.add_argument("--symbol", help="left out: the model is for any symbol")
    parser.add_argument("--timeframe", default="1h", help="timeframe of the candles")
    parser.add_argument("--base-bars", type=int, default=720, help="bars that the features look back on")
    parser.add_argument("--buffer-bars", type=int, default=6, help="bars before them, for whole resampled rows")
    parser.add_argument("--version", default="1", help="version of the model")
    parser.add_argument("--rounds", type=int, default=300, help="trees")
    parser.add_argument("--held-out", type=float, default=0.2, help="part of the table, at its end, that is not trained on")
    return parser.parse_args()


if __name__ == "__main__":
    main()
