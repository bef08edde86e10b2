"""What else a Python or Node user could score with, on the same model and rows: time and wrong rows, as a markdown table.

Usage: peers.py MODEL_FOLDER [--passes N] [--core N] [--out FILE]

MODEL_FOLDER is one of train_models.py (`peers`: 300 trees x 31 leaves x 440 features). All on one core, one thread, passes interleaved, other rows in
every round. A peer that is not installed, or does not take the model, has a line that says so.
"""
import argparse
import ctypes
import importlib.metadata
import json
import os
import subprocess
import sys
import tempfile
import time

import lightgbm as lgb
import numpy as np

from differential import ROOT, Scorer, same_bits

SINGLE_ROWS, BATCH = 100, 1000


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("--passes", type=int, default=9)
    parser.add_argument("--core", type=int, default=os.cpu_count() - 1)
    parser.add_argument("--out")
    args = parser.parse_args()
    args.folder = os.path.abspath(args.folder)
    os.sched_setaffinity(0, {args.core})
    os.environ["OMP_NUM_THREADS"] = "1"
    case = json.load(open(os.path.join(args.folder, "case.json")))
    model = os.path.join(args.folder, "model.txt")
    x = np.fromfile(os.path.join(args.folder, "rows.f64"), dtype="<f8").reshape(-1, case["columns"])
    booster = lgb.Booster(model_file=model)
    exact = booster.predict(x, raw_score=True, num_threads=1)
    peers, absent = [], []
    for make in (native_fast, wasm, booster_predict, lleaves, onnx_float32, tl2cgen, m2cgen_c, m2cgen_javascript):
        started = time.time()
        try:
            peer = make(args.folder, model, x, case, booster)
            peers.append(dict(peer, prepared=time.time() - started, single=[], batch=[]))
        except Exception as error:  # a peer may fail in any way; the table says how
            absent.append(f"- {make.__name__}: {type(error).__name__}: {str(error).splitlines()[0][:200] if str(error) else ''}")
    for peer in peers:
        peer["wrong"] = wrong_rows(peer["scores"](), exact, case["ordinary"])
    turn = 0
    for _ in range(args.passes):
        for peer in peers:
            for _ in range(3):
                turn += 1
                start = turn * 1009 % (case["ordinary"] - BATCH)
                peer["single"].append(peer["time_single"](start, SINGLE_ROWS))
                if peer["time_batch"]:
                    peer["batch"].append(peer["time_batch"](start, BATCH))
    report = table(peers, absent, case, args)
    print(report)
    if args.out:
        open(args.out, "w").write(report + "\n")


def wrong_rows(scores, exact, ordinary):
    """Rows with another bit, rows further off than summing in other order or in float32 explains: of the first 1000 rows, and of the hostile ones."""
    scores = np.asarray(scores, dtype=np.float64).reshape(-1)
    noise = 1e-5 * np.abs(exact[:ordinary]).max()
    out = []
    for part in (slice(0, 1000), slice(ordinary, ordinary + 1000)):
        with np.errstate(invalid="ignore"):
            far = ~(np.abs(scores[part] - exact[part]) <= noise)
        out.append((int((~same_bits(scores[part], exact[part])).sum()), int(far.sum())))
    return out


def table(peers, absent, case, args):
    base_single, base_batch = np.median(peers[0]["single"]), np.median(peers[0]["batch"])
    cpu = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "unknown")
    lines = [
        f"{case['trees']} trees × {case['leaves']} leaves × {case['columns']} features; {cpu}, core {args.core}; Python {sys.version.split()[0]}, {args.passes} passes; medians, 99th percentile of the rounds in brackets.", "",
        "| | one row | ratio | per row of 1000 | ratio | ready after | wrong in some bit / down another branch, of 1000 rows | of 1000 hostile rows |", "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for peer in peers:
        single, batch = np.median(peer["single"]), np.median(peer["batch"]) if peer["batch"] else None
        (bits, branch), (hostile_bits, hostile_branch) = peer["wrong"]
        batch_cells = f"{batch:.2f} µs ({np.quantile(peer['batch'], 0.99):.2f}) | {batch / base_batch:.2f}" if batch else "– | –"
        lines.append(f"| {peer['name']} | {single:.2f} µs ({np.quantile(peer['single'], 0.99):.2f}) | {single / base_single:.2f} | {batch_cells} | {peer['prepared']:.1f} s | {bits} / {branch} | {hostile_bits} / {hostile_branch} |")
    return "\n".join(lines + ([""] + ["Not measured:", ""] + absent if absent else []))


def behind_a_pipe(name, command, folder, x, case, how_single):
    scorer = Scorer(command)
    scorer.ask(f"model {folder}/model.txt")
    scorer.ask(f"rows {folder}/rows.f64 {case['columns']}")
    timed = lambda how, start, n, block: np.frombuffer(scorer.ask(f"time {how} raw f64 {start} {n} {block}"), dtype="<f8")[1] / n / 1e3
    timed("fast", 0, 3000, 1), timed("mat", 0, 8000, 1000)
    return dict(name=name, scores=lambda: np.frombuffer(scorer.ask(f"dump mat raw f64 0 {len(x)}"), dtype="<f8"),
                time_single=lambda start, n: timed("fast", start, n, 1), time_batch=lambda start, n: timed("mat", start, n, n))


def native_fast(folder, model, x, case, booster):
    library = os.path.join(os.path.dirname(lgb.__file__), "lib", "lib_lightgbm.so")
    return behind_a_pipe(f"LightGBM {lgb.__version__}, C API: SingleRowFast, PredictForMat", [os.path.join(ROOT, "bench/.cache/harness"), library], folder, x, case, "fast")


def wasm(folder, model, x, case, booster):
    version = json.load(open(os.path.join(ROOT, "packages/lightgbm-wasm/package.json")))["version"]
    return behind_a_pipe(f"lightgbm-wasm {version}, Node", ["node", "--expose-gc", "--import", "tsx", "bench/lightgbm/scorer.ts"], folder, x, case, "fast")


def in_python(name, predict, x, prepare=lambda rows: rows):
    """`prepare` is what happens before the clock starts: it flatters the peer."""

    def time_single(start, n):
        cut = [prepare(x[row : row + 1]) for row in range(start, start + n)]
        started = time.perf_counter_ns()
        for row in cut:
            predict(row)
        return (time.perf_counter_ns() - started) / n / 1e3

    def time_batch(start, n):
        cut = prepare(x[start : start + n])
        started = time.perf_counter_ns()
        predict(cut)
        return (time.perf_counter_ns() - started) / n / 1e3

    return dict(name=name, scores=lambda: predict(prepare(x)), time_single=time_single, time_batch=time_batch)


def booster_predict(folder, model, x, case, booster):
    return in_python(f"LightGBM {lgb.__version__}, Python `Booster.predict`", lambda rows: booster.predict(rows, raw_score=True, num_threads=1), x)


def lleaves(folder, model, x, case, booster):
    import lleaves

    compiled = lleaves.Model(model_file=model)
    compiled.compile(raw_score=True)
    return in_python(f"lleaves {version('lleaves')}, llvmlite {version('llvmlite')}", lambda rows: compiled.predict(rows, n_jobs=1), x)


def onnx_float32(folder, model, x, case, booster):
    import onnxruntime
    from onnxmltools import convert_lightgbm
    from onnxmltools.convert.common.data_types import FloatTensorType

    graph = convert_lightgbm(booster, initial_types=[("x", FloatTensorType([None, case["columns"]]))], zipmap=False)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(graph.SerializeToString(), options, providers=["CPUExecutionProvider"])

    def float32(rows):
        with np.errstate(over="ignore"):
            return rows.astype(np.float32)

    return in_python(f"ONNX Runtime {version('onnxruntime')}, float32 (cast not counted)", lambda rows: session.run(None, {"x": rows})[0], x, float32)


def tl2cgen(folder, model, x, case, booster):
    import tl2cgen
    import treelite

    library = os.path.join(tempfile.mkdtemp(), "model.so")
    tl2cgen.export_lib(treelite.frontend.load_lightgbm_model(model), toolchain="gcc", libpath=library, params={"parallel_comp": 8}, nthread=1)
    predictor = tl2cgen.Predictor(library, nthread=1)
    return in_python(f"tl2cgen {version('tl2cgen')}, treelite {version('treelite')}", lambda rows: predictor.predict(tl2cgen.DMatrix(rows), pred_margin=True), x)


def m2cgen_c(folder, model, x, case, booster):
    code = generated(booster, "export_to_c")
    place = tempfile.mkdtemp()
    open(os.path.join(place, "model.c"), "w").write(code)
    subprocess.run(["gcc", "-O2", "-shared", "-fPIC", "-o", f"{place}/model.so", f"{place}/model.c", "-lm"], check=True)
    score = ctypes.CDLL(f"{place}/model.so").score
    score.restype, score.argtypes = ctypes.c_double, [ctypes.c_void_p]
    pointers = lambda rows: [rows.ctypes.data + k * rows.strides[0] for k in range(len(rows))]
    return in_python(f"m2cgen {version('m2cgen')}, C by gcc -O2, ctypes", lambda rows: [score(pointer) for pointer in rows], x, pointers)


def m2cgen_javascript(folder, model, x, case, booster):
    place = tempfile.mkdtemp()
    open(os.path.join(place, "model.cjs"), "w").write(generated(booster, "export_to_javascript") + "\nmodule.exports = score\n")
    open(os.path.join(place, "scorer.cjs"), "w").write(JAVASCRIPT_SCORER)
    peer = behind_a_pipe(f"m2cgen {version('m2cgen')}, JavaScript, Node", ["node", "--stack-size=4000", os.path.join(place, "scorer.cjs")], folder, x, case, "fast")
    return peer


def generated(booster, export):
    """m2cgen takes scikit-learn's wrapper, so the booster is put into one."""
    import m2cgen

    sys.setrecursionlimit(100_000)
    wrapper = lgb.LGBMRegressor()
    wrapper._Booster, wrapper.fitted_, wrapper._n_features = booster, True, booster.num_feature()
    return getattr(m2cgen, export)(wrapper)


JAVASCRIPT_SCORER = """
const score = require('./model.cjs')
const { readFileSync } = require('node:fs')
let rows, columns
const row = (k) => rows.subarray(k * columns, (k + 1) * columns)
const reply = (numbers) => process.stdout.write(`ok ${numbers.byteLength}\\n`, () => process.stdout.write(new Uint8Array(numbers.buffer)))
require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
  const [command, how, , , start, n] = line.split(' ')
  if (command === 'rows') {
    const bytes = readFileSync(how)
    rows = new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength))
    columns = Number(line.split(' ')[2])
    reply(Float64Array.of(rows.length / columns))
  } else if (command === 'dump') {
    reply(Float64Array.from({ length: Number(n) }, (_, k) => score(row(Number(start) + k))))
  } else if (command === 'time') {
    const cut = Array.from({ length: Number(n) }, (_, k) => row((Number(start) + k) % (rows.length / columns)))
    const cpu = process.cpuUsage()
    const started = process.hrtime.bigint()
    for (const one of cut) score(one)
    const elapsed = process.hrtime.bigint() - started
    const { user, system } = process.cpuUsage(cpu)
    reply(Float64Array.of((user + system) * 1000, Number(elapsed)))
  } else reply(new Float64Array(1))
})
"""


def version(name):
    return importlib.metadata.version(name)


if __name__ == "__main__":
    main()
