"""A pickled XGBRegressor or XGBClassifier (or a Booster) as UBJSON, which barcast scores bit for bit.

python xgboost_to_ubj.py model.pkl OUT --features a,b,c --horizon 12
Opening a pickle runs what is in it: do it where the model was trained, never on a server.
"""
import argparse

import joblib
import xgboost

from bundle import arguments, golden_rows, manifest_of, names_of, write_bundle

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument('pickle')
options = arguments(parser).parse_args()
names = names_of(options)
model = joblib.load(options.pickle)
booster = model.get_booster() if hasattr(model, 'get_booster') else model
best = getattr(model, 'best_iteration', None) if hasattr(model, 'early_stopping_rounds') and model.early_stopping_rounds else None
if best is not None:
    booster = booster[: best + 1]
booster.feature_names = None
rows = golden_rows(len(names))
raw = booster.predict(xgboost.DMatrix(rows), output_margin=True)
write_bundle(options.out, bytes(booster.save_raw('ubj')), 'xgboost', 'model.ubj', names, rows, raw, **manifest_of(options))
