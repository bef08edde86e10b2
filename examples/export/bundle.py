"""What every script here writes: a bundle of barcast with its model, model.json and golden rows.

Golden rows are made of the features' own numbers, so that the service proves at every load that it computes what the library computed.
"""
import hashlib
import json
import math
from pathlib import Path

import numpy as np


def golden_rows(n_features, n_rows=8, seed=7, mean=0.0, scale=1.0):
    """Rows to be scored by the library; float32 numbers, as the runtimes take them."""
    return (np.random.default_rng(seed).normal(size=(n_rows, n_features)) * scale + mean).astype(np.float32)


def write_bundle(folder, model, family, file, names, rows, raw, *, version, timeframe, catalogue, base_bars, buffer_bars, output, horizon_bars, **more):
    """model: bytes of the model file. rows: [n, features]; raw: what the library gave for them, [n] or [n, outputs]. more: further members of model.json."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / file).write_bytes(model)
    manifest = {
        'version': version,
        'timeframe': timeframe,
        'features': {'catalogue': catalogue, 'base_bars': base_bars, 'buffer_bars': buffer_bars},
        'family': family,
        'file': file,
        'feature_names': list(names),
        'output': output,
        'horizon_bars': horizon_bars,
        'sha256': hashlib.sha256(model).hexdigest(),
        **more,
    }
    (folder / 'model.json').write_text(json.dumps(manifest, indent=2) + '\n')
    raw = np.asarray(raw, dtype=np.float64).reshape(len(rows), -1)
    with open(folder / 'golden.jsonl', 'w') as out:
        for row, scores in zip(rows, raw):
            line = {'features': dict(zip(names, map(cell, row))), 'raw': [cell(score) for score in scores]}
            out.write(json.dumps(line) + '\n')
    print(f'{folder}: {file} ({len(model)} bytes), {len(names)} features, {len(rows)} golden rows')


def cell(value):
    value = float(value)
    if math.isnan(value):
        return None
    return value if math.isfinite(value) else ('inf' if value > 0 else '-inf')


def arguments(parser):
    """Options that all scripts share."""
    parser.add_argument('out', help='folder of the bundle; its name is the name of the model')
    parser.add_argument('--features', required=True, help='names in the order of the training, with commas, or a file with one per line')
    parser.add_argument('--catalogue', default='multi-timeframe')
    parser.add_argument('--timeframe', default='1h')
    parser.add_argument('--base-bars', type=int, default=720)
    parser.add_argument('--buffer-bars', type=int, default=6)
    parser.add_argument('--output', default='score', choices=['log_return', 'return', 'probability_up', 'class_probabilities', 'score'])
    parser.add_argument('--horizon', type=int, required=True, help='bars ahead')
    parser.add_argument('--version', default='1')
    return parser


def names_of(options):
    path = Path(options.features)
    text = path.read_text() if path.is_file() else options.features.replace(',', '\n')
    return [name.strip() for name in text.splitlines() if name.strip()]


def manifest_of(options):
    return {
        'version': options.version,
        'timeframe': options.timeframe,
        'catalogue': options.catalogue,
        'base_bars': options.base_bars,
        'buffer_bars': options.buffer_bars,
        'output': options.output,
        'horizon_bars': options.horizon,
    }
