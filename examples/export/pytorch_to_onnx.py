"""A PyTorch module as ONNX, in one file with its weights inside.

python pytorch_to_onnx.py my_network:Net weights.pth OUT --features a,b,c --length 60 --horizon 3
`my_network:Net` is the module's class, importable from here, made without arguments (or with --arguments '{"hidden": 32}'); the weights are a state_dict.
A TorchScript file (.pt) is taken with the class left as `-`. Weights are read with weights_only=True, which runs nothing.
With --length the input is [batch, length, features], oldest bar first; without it [batch, features].
"""
import argparse
import importlib
import json
import sys
import tempfile
from pathlib import Path

import torch

from bundle import arguments, golden_rows, manifest_of, names_of, write_bundle

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument('network')
parser.add_argument('weights')
parser.add_argument('--arguments', default='{}')
parser.add_argument('--length', type=int)
options = arguments(parser).parse_args()
features = names_of(options)
if options.network == '-':
    network = torch.jit.load(options.weights, map_location='cpu')
else:
    sys.path.insert(0, '.')
    module, name = options.network.split(':')
    network = getattr(importlib.import_module(module), name)(**json.loads(options.arguments))
    network.load_state_dict(torch.load(options.weights, map_location='cpu', weights_only=True))
network.eval()
length = options.length or 1
shape = [length, len(features)] if options.length else [len(features)]
# The name of a feature k bars back is name@k: oldest bar first.
names = [name if back == 0 else f'{name}@{back}' for back in range(length - 1, -1, -1) for name in features]
rows = golden_rows(len(names))
batch = torch.from_numpy(rows.reshape(len(rows), *shape))
path = Path(tempfile.mkdtemp()) / 'model.onnx'
torch.onnx.export(network, (batch,), str(path), input_names=['input'], output_names=['output'], dynamic_axes={'input': {0: 'n'}, 'output': {0: 'n'}}, opset_version=17, dynamo=False)
with torch.no_grad():
    raw = network(batch).reshape(len(rows), -1).numpy()
write_bundle(options.out, path.read_bytes(), 'onnx', 'model.onnx', names, rows, raw, **manifest_of(options), onnx={'input': 'input', 'output': 'output', 'shape': shape})
