"""A Keras model (.keras, .h5 or a SavedModel) as ONNX.

python keras_to_onnx.py model.keras OUT --features a,b,c --horizon 12 [--length 60]
Needs tensorflow and tf2onnx. A .keras file with Lambda layers holds code and is refused by Keras (safe mode stays on).
"""
import argparse

import tensorflow as tf
import tf2onnx

from bundle import arguments, golden_rows, manifest_of, names_of, write_bundle

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument('model')
parser.add_argument('--length', type=int)
options = arguments(parser).parse_args()
features = names_of(options)
model = tf.keras.models.load_model(options.model, compile=False)
length = options.length or 1
shape = [length, len(features)] if options.length else [len(features)]
names = [name if back == 0 else f'{name}@{back}' for back in range(length - 1, -1, -1) for name in features]
rows = golden_rows(len(names))
batch = rows.reshape(len(rows), *shape)
function = tf.function(lambda x: model(x, training=False), input_signature=[tf.TensorSpec([None, *shape], tf.float32, name='input')])
graph, _ = tf2onnx.convert.from_function(function, input_signature=function.input_signature, opset=17)
raw = model(batch, training=False).numpy()
write_bundle(options.out, graph.SerializeToString(), 'onnx', 'model.onnx', names, rows, raw, **manifest_of(options), onnx={'input': 'input', 'shape': shape})
