"""Small models of every family, on features of every shape: python make_families.py CANDLES.csv.gz http://127.0.0.1:8080

Asks a running barcast (with the sample models) for the features and predictions, learns the log return of the next 24 bars, and writes the bundles
beside this script. They show how a model is laid out; nobody should trade with them. Needs lightgbm, xgboost, onnx, numpy and pandas.
"""

import hashlib
import json
import sys
import urllib.request
from pathlib import Path

import lightgbm
import numpy
import onnx
import pandas
import xgboost

HERE = Path(__file__).parent
HORIZON, BARS, WINDOW = 24, 1500, 726
CHANNELS = ["open", "high", "low", "close", "volume"]
TREND = ["close_logret_current_1H", "close_logret_lag_3_1H", "close_rsi_14_1H", "close_ret_zscore_20_1H", "close_rsi_14_4H", "close_ret_zscore_20_4H", "close_rsi_14_12H", "close_rsi_14_1D"]
INDICATORS = ["rsi_14", "ret_1d", "bb_position", "macd_hist"]
MEMBERS = {"btcusdt-logret-168h": 1, "btcusdt-up-24h": 1, "btcusdt-move-24h": 3}


def main():
    candles = pandas.read_csv(sys.argv[1], float_precision="round_trip").tail(BARS + WINDOW + HORIZON)
    candles = candles.rename(columns={candles.columns[0]: "timestamp"})
    closes = numpy.log(candles["close"].to_numpy())
    target = (closes[HORIZON:] - closes[:-HORIZON])[-BARS:]
    body = {"timeframe": "1h", "candles": {name: candles[name].tolist()[:-HORIZON] for name in ["timestamp", *CHANNELS]}}
    body["bars"] = {"from": body["candles"]["timestamp"][-BARS]}

    window = {"catalogue": "multi-timeframe", "base_bars": 720, "buffer_bars": 6}
    rows = features(body, window, TREND)
    booster = xgboost.train(
        {"max_depth": 3, "eta": 0.1, "objective": "reg:squarederror", "nthread": 1, "seed": 1}, xgboost.DMatrix(rows, target, feature_names=TREND), 20
    )
    for name, file in {"day-xgboost-json": "booster.json", "day-xgboost-ubj": "model.ubj"}.items():
        folder(name)
        booster.save_model(HERE / name / file)
        golden = [(row, booster.predict(xgboost.DMatrix(row[None], feature_names=TREND), output_margin=True)) for row in evenly(rows)]
        write(name, window, file, golden, TREND, family="xgboost", file=file)

    for kind in ["returns", "log_returns", "minmax", "none"]:
        window = {"catalogue": "raw-sequence", "base_bars": 24, "buffer_bars": 0}
        tree_bundle(f"day-sequence-{kind.replace('_', '-')}", body, target, window, sequence([f"{kind}.{channel}" for channel in CHANNELS], 24))
    names = sequence(INDICATORS, 8)
    tree_bundle("day-sequence-features", body, target, {"catalogue": "foxml", "base_bars": 260, "buffer_bars": 7}, names)
    tree_bundle("day-long-history", body, target, {"catalogue": "foxml", "base_bars": 900, "buffer_bars": 7}, names, extra=200)

    training_run(train(rows, target, TREND))
    stacked(body, target)


def training_run(booster):
    """A folder of runs as the training pipeline of trading_cex leaves it: `trend` is the newest of them."""
    run = HERE / "trend" / f"run_20251008_145809_lgbm_y_logret_{HORIZON}h_huber"
    run.mkdir(parents=True, exist_ok=True)
    booster.save_model(run / "model.txt")
    target = {"variable": f"y_logret_{HORIZON}h", "objective": {"name": "huber", "params": {}}}
    (run / "run_metadata.json").write_text(json.dumps({"timestamp": "2025-10-08 14:58:09", "target": target["variable"], "model_type": "lgbm"}, indent=2) + "\n")
    (run / "pipeline_config.json").write_text(json.dumps({"target": target, "model": {"type": "lgbm", "params": {}}}, indent=2) + "\n")
    gains = zip(booster.feature_name(), booster.feature_importance("gain"), booster.feature_importance("split"))
    lines = [f"{name},{gain},{split}" for name, gain, split in sorted(gains, key=lambda row: -row[1])]
    (run / "feature_importance.csv").write_text("\n".join(["feature,importance_gain,importance_split", *lines]) + "\n")


def tree_bundle(name, body, target, window, names, extra=0):
    if extra:
        body = {**body, "bars": {"from": body["candles"]["timestamp"][-BARS + extra]}}
        target = target[extra:]
    rows = features(body, window, names)
    booster = train(rows, target, names)
    folder(name)
    booster.save_model(HERE / name / "model.txt")
    write(name, window, "model.txt", [(row, booster.predict(row[None], raw_score=True)) for row in evenly(rows)], names)


def stacked(body, target):
    """A model of predictions, as trees and as a network. Inputs: what the members predict, classes by number."""
    answer = post("/predict?store=false", {**body, "models": list(MEMBERS)})
    columns = {name: [numpy.ravel(each["y_pred"]) for each in answer["predictions"] if each["model"]["name"] == name] for name in MEMBERS}
    rows = numpy.hstack([numpy.array(columns[name]) for name in MEMBERS])
    names = [label for name, size in MEMBERS.items() for label in ([name] if size == 1 else [f"{name}.{k}" for k in range(size)])]
    ensemble = {"rule": "stacked", "members": list(MEMBERS)}

    booster = train(rows, target, names)
    folder("day-stacked")
    booster.save_model(HERE / "day-stacked/model.txt")
    write("day-stacked", None, "model.txt", [(row, booster.predict(row[None], raw_score=True)) for row in evenly(rows)], names, ensemble=ensemble)

    scale = rows.std(axis=0)
    weights = numpy.linalg.lstsq((rows - rows.mean(axis=0)) / scale, target, rcond=None)[0].astype(numpy.float32).reshape(-1, 1)
    graph = onnx.helper.make_graph(
        [onnx.helper.make_node("MatMul", ["input", "weights"], ["output"])],
        "linear",
        [onnx.helper.make_tensor_value_info("input", onnx.TensorProto.FLOAT, ["N", len(names)])],
        [onnx.helper.make_tensor_value_info("output", onnx.TensorProto.FLOAT, ["N", 1])],
        [onnx.numpy_helper.from_array(weights, "weights")],
    )
    network = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 13)])
    network.ir_version = 8
    folder("day-stacked-onnx")
    onnx.save(network, HERE / "day-stacked-onnx/model.onnx")
    scaling = {"mean": rows.mean(axis=0).tolist(), "scale": scale.tolist()}
    scored = [(row, ((row - rows.mean(axis=0)) / scale).astype(numpy.float32) @ weights) for row in evenly(rows)]
    more = {"family": "onnx", "trained_family": "ridge", "feature_names": names, "scaling": scaling, "ensemble": ensemble}
    write("day-stacked-onnx", None, "model.onnx", scored, names, **more)


def train(rows, target, names):
    params = {"num_leaves": 8, "learning_rate": 0.1, "min_data_in_leaf": 40, "verbosity": -1, "seed": 1, "deterministic": True, "num_threads": 1}
    return lightgbm.train(params, lightgbm.Dataset(rows, target, feature_name=names), 12)


def sequence(names, length):
    """Every feature of `length` bars, oldest bar first; `name@3` is three bars back."""
    return [name if back == 0 else f"{name}@{back}" for back in range(length - 1, -1, -1) for name in names]


def features(body, window, names):
    answer = post("/features", {**body, **window, "names": names})
    assert answer["columns"] == names, answer["columns"]
    return numpy.array([[numpy.nan if cell is None else float(cell) for cell in row] for row in answer["rows"]])


def post(path, body):
    request = urllib.request.Request(sys.argv[2] + path, json.dumps(body).encode(), {"content-type": "application/json"})
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def folder(name):
    (HERE / name).mkdir(exist_ok=True)


def evenly(rows):
    return rows[numpy.linspace(0, len(rows) - 1, 6).astype(int)]


def write(name, window, written, golden, names, **more):
    manifest = {"version": "1", "timeframe": "1h", "features": window, "output": "log_return"}
    manifest |= {"horizon_bars": HORIZON, "target": f"y_logret_{HORIZON}h", **more, "sha256": digest(HERE / name / written)}
    (HERE / name / "model.json").write_text(json.dumps({key: value for key, value in manifest.items() if value is not None}, indent=2) + "\n")
    cell = lambda value: None if numpy.isnan(value) else float(value)
    lines = [json.dumps({"features": dict(zip(names, map(cell, row))), "raw": [float(v) for v in numpy.ravel(raw)]}) for row, raw in golden]
    (HERE / name / "golden.jsonl").write_text("\n".join(lines) + "\n")


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


main()
