"""The model of breakout-1h: python make_model.py. It learned made-up rows of the two features, and one of them three bars back. Needs lightgbm and numpy."""

import hashlib
import json
from pathlib import Path

import lightgbm
import numpy

NAMES = ["above_highest_20", "volume_ratio_10", "volume_ratio_10@3"]
folder = Path(__file__).parent / "breakout-1h"
random = numpy.random.default_rng(1)
rows = numpy.column_stack([random.normal(-0.01, 0.01, 600), random.lognormal(0, 0.3, 600), random.lognormal(0, 0.3, 600)])
target = 0.2 * numpy.maximum(rows[:, 0], 0) + 0.001 * (rows[:, 1] > rows[:, 2]) + random.normal(0, 0.001, 600)
params = {"num_leaves": 8, "learning_rate": 0.1, "verbosity": -1, "seed": 1, "deterministic": True, "num_threads": 1}
booster = lightgbm.train(params, lightgbm.Dataset(rows, target, feature_name=NAMES), 10)
booster.save_model(folder / "model.txt")

saved = lightgbm.Booster(model_file=folder / "model.txt")
golden = [{"features": dict(zip(NAMES, row)), "raw": saved.predict([row], raw_score=True).tolist()} for row in rows[::100].tolist()]
(folder / "golden.jsonl").write_text("".join(json.dumps(line) + "\n" for line in golden))
manifest = {
    "version": "1",
    "timeframe": "1h",
    "features": {"catalogue": "breakout", "base_bars": 21, "buffer_bars": 3},
    "output": "log_return",
    "horizon_bars": 4,
    "sha256": hashlib.sha256((folder / "model.txt").read_bytes()).hexdigest(),
}
(folder / "model.json").write_text(json.dumps(manifest, indent=2) + "\n")
