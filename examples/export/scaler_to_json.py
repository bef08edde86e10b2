"""A pickled sklearn StandardScaler as scaler.json, and as the member "scaling" of a model.json.

python scaler_to_json.py scaler.pkl scaler.json --features a,b,c [--into BUNDLE/model.json] [--clip 10]
Opening a pickle runs what is in it: do it where the model was trained, never on a server.
"""
import argparse
import json
from pathlib import Path

import joblib

from bundle import names_of

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument('pickle')
parser.add_argument('out')
parser.add_argument('--features', required=True, help='names in the order in which the scaler was fitted')
parser.add_argument('--into', help='a model.json that gets the scaling')
parser.add_argument('--clip', type=float)
options = parser.parse_args()
names = names_of(options)
scaler = joblib.load(options.pickle)
own = getattr(scaler, 'feature_names_in_', None)
if own is not None and list(own) != names:
    raise SystemExit(f'the scaler was fitted on {list(own)}')
if len(scaler.mean_) != len(names):
    raise SystemExit(f'the scaler has {len(scaler.mean_)} features, {len(names)} are named')
scaling = {'mean': [float(value) for value in scaler.mean_], 'scale': [float(value) for value in scaler.scale_]}
Path(options.out).write_text(json.dumps({**scaling, 'feature_names': names}, indent=2) + '\n')
if options.into:
    path = Path(options.into)
    manifest = json.loads(path.read_text())
    manifest['scaling'] = {**scaling, **({} if options.clip is None else {'clip': options.clip})}
    path.write_text(json.dumps(manifest, indent=2) + '\n')
    # Golden rows were scored as the model takes them; from now on they are scaled before.
    golden = path.parent / 'golden.jsonl'
    rows = [json.loads(line) for line in golden.read_text().splitlines()]
    places = list(enumerate(manifest['feature_names']))
    for row in rows:
        row['features'] = {name: row['features'][name] * scaling['scale'][k % len(names)] + scaling['mean'][k % len(names)] for k, name in places}
    golden.write_text(''.join(json.dumps(row) + '\n' for row in rows))
print(f'{options.out}: {len(names)} features')
