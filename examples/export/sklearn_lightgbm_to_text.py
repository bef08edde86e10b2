"""A pickled LGBMRegressor or LGBMClassifier (pickle or joblib, also one named model.txt) as LightGBM's text.

python sklearn_lightgbm_to_text.py model.pkl OUT --features a,b,c --horizon 12
Opening a pickle runs what is in it: do it where the model was trained, never on a server.
"""
import argparse

import joblib

from bundle import arguments, golden_rows, manifest_of, names_of, write_bundle

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument('pickle')
options = arguments(parser).parse_args()
names = names_of(options)
model = joblib.load(options.pickle)
booster = getattr(model, 'booster_', model)
if booster.num_feature() != len(names):
    raise SystemExit(f'the model takes {booster.num_feature()} features, {len(names)} are named')
text = booster.model_to_string(num_iteration=booster.best_iteration)
rows = golden_rows(len(names)).astype('float64')
raw = booster.predict(rows, raw_score=True, num_iteration=booster.best_iteration)
write_bundle(options.out, text.encode(), 'lightgbm', 'model.txt', names, rows, raw, **manifest_of(options))
