"""A pickled CatBoostRegressor or CatBoostClassifier (or a .cbm file) as ONNX.

python catboost_to_onnx.py model.pkl OUT --features a,b,c --horizon 12
Opening a pickle runs what is in it: do it where the model was trained, never on a server. A .cbm file runs nothing.
"""
import argparse
import tempfile
from pathlib import Path

import catboost
import joblib
import numpy as np

from bundle import arguments, golden_rows, manifest_of, names_of, write_bundle

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument('model')
options = arguments(parser).parse_args()
names = names_of(options)
model = catboost.CatBoost().load_model(options.model) if options.model.endswith('.cbm') else joblib.load(options.model)
path = Path(tempfile.mkdtemp()) / 'model.onnx'
model.save_model(str(path), format='onnx')
rows = golden_rows(len(names))
is_classifier = isinstance(model, catboost.CatBoostClassifier)
raw = model.predict_proba(rows) if is_classifier else model.predict(rows)
more = {'onnx': {'input': 'features', 'output': 'probabilities' if is_classifier else 'predictions', 'shape': [len(names)]}}
write_bundle(options.out, path.read_bytes(), 'onnx', 'model.onnx', names, rows, np.asarray(raw), **manifest_of(options), **more)
