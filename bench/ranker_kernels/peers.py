"""The peers of bench/ranker, run by a Python that has onnx, onnxruntime, xgboost and numpy.

    peers.py make DIR                 the cases: weights, rows, models in every form
    peers.py onnx DIR MODEL SCORES    times one ONNX model on mmoe.rows, and writes its scores
    peers.py xgboost DIR CASE SCORES  times in-place prediction through XGBoost's C API; margins, then predictions
    peers.py auc DIR A B              the largest difference of a head's AUC between two files of scores of mmoe.eval

Times are of one thread, in its CPU time: the least of some rounds of ten calls. ONNX models are run behind
winnow_hold_cpu (LD_PRELOAD), which tells what the processor showed them.
"""

import ctypes
import json
import sys
import time
from pathlib import Path

import numpy as np

ROWS, INPUTS, HIDDEN, OUTPUTS, EXPERTS, HEADS, HEAD_HIDDEN = 300, 128, 256, 128, 6, 5, 64
SAMPLE, EVAL = 512, 40_000
TREES, DEPTH, FEATURES = 500, 6, 100
F = np.float32


def layer(rng, inputs, outputs, gain):
    return ((rng.standard_normal((inputs, outputs)) / np.sqrt(inputs) * gain).astype(F),
            (rng.standard_normal(outputs) * 0.1).astype(F))


def rows_of(rng, count):
    return rng.standard_normal((count, INPUTS)).astype(F)


def make_mmoe(folder):
    rng = np.random.default_rng(7)
    model = {"first": [layer(rng, INPUTS, HIDDEN, 1.4) for _ in range(EXPERTS)],
             "second": [layer(rng, HIDDEN, OUTPUTS, 1.4) for _ in range(EXPERTS)],
             "gates": [layer(rng, INPUTS, EXPERTS, 1.0) for _ in range(HEADS)],
             "head": [layer(rng, OUTPUTS, HEAD_HIDDEN, 1.4) for _ in range(HEADS)],
             # Strong enough that labels can be told apart.
             "output": [layer(rng, HEAD_HIDDEN, 1, 4.0) for _ in range(HEADS)]}
    sample = rows_of(rng, SAMPLE)
    rows_of(rng, ROWS).tofile(folder / "mmoe.rows")
    rows_of(rng, EVAL).tofile(folder / "mmoe.eval")
    with open(folder / "mmoe.bin", "wb") as out:
        np.array([INPUTS, EXPERTS, HIDDEN, OUTPUTS, HEADS, HEAD_HIDDEN], np.uint32).tofile(out)
        for name in ("first", "second", "gates", "head", "output"):
            for weights, bias in model[name]:
                weights.tofile(out)
                bias.tofile(out)
        sample.tofile(out)
    return model, sample


def build_onnx(model, path, joined):
    """joined: the experts' first layers as one product."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper
    nodes, constants = [], []

    def constant(name, value):
        constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def node(kind, inputs, output, **attributes):
        outputs = [output] if isinstance(output, str) else output
        nodes.append(helper.make_node(kind, inputs, outputs, name=outputs[0] + "_node", **attributes))
        return output

    def linear(x, parts, name):
        return node("Gemm", [x, constant(name + "_w", parts[0]), constant(name + "_b", parts[1])], name)

    if joined:
        weights, bias = (np.concatenate(parts, axis) for parts, axis in zip(zip(*model["first"]), (1, 0)))
        node("Split", [node("Relu", [linear("x", (weights, bias), "all")], "all_relu")],
             [f"hidden{e}" for e in range(EXPERTS)], axis=1)
    for e in range(EXPERTS):
        if not joined:
            node("Relu", [linear("x", model["first"][e], f"first{e}")], f"hidden{e}")
        node("Relu", [linear(f"hidden{e}", model["second"][e], f"second{e}")], f"expert{e}")
    node("Concat", [f"expert{e}" for e in range(EXPERTS)], "side_by_side", axis=1)
    node("Reshape", ["side_by_side", constant("expert_shape", np.array([0, EXPERTS, OUTPUTS], np.int64))], "experts")
    gates = tuple(np.concatenate(parts, axis) for parts, axis in zip(zip(*model["gates"]), (1, 0)))
    linear("x", gates, "gate_logits")
    node("Reshape", ["gate_logits", constant("gate_shape", np.array([0, HEADS, EXPERTS], np.int64))], "gates3")
    node("MatMul", [node("Softmax", ["gates3"], "gates", axis=2), "experts"], "mixed")
    node("Split", ["mixed"], [f"mixed{t}" for t in range(HEADS)], axis=1)
    for t in range(HEADS):
        node("Reshape", [f"mixed{t}", constant(f"flat{t}", np.array([0, OUTPUTS], np.int64))], f"input{t}")
        node("Relu", [linear(f"input{t}", model["head"][t], f"head{t}")], f"head_relu{t}")
        node("Sigmoid", [linear(f"head_relu{t}", model["output"][t], f"logit{t}")], f"y{t}")
    node("Concat", [f"y{t}" for t in range(HEADS)], "y", axis=1)
    graph = helper.make_graph(nodes, "mmoe", [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["rows", INPUTS])],
                              [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["rows", HEADS])], constants)
    built = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)])
    built.ir_version = 8
    onnx.checker.check_model(built)
    onnx.save(built, path)


def quantize_onnx(folder, sample):
    """ONNX Runtime's own quantisations, calibrated on the same rows; the bench takes the fastest."""
    from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_dynamic, quantize_static

    class Reader(CalibrationDataReader):
        def __init__(self):
            self.batches = iter([{"x": sample}])

        def get_next(self):
            return next(self.batches, None)

    for form in ("separate", "joined"):
        source = folder / f"fp32-{form}.onnx"
        quantize_dynamic(source, folder / f"int8-dynamic-{form}.onnx", weight_type=QuantType.QInt8, reduce_range=True)
        for name, quant_format in (("qdq", QuantFormat.QDQ), ("qoperator", QuantFormat.QOperator)):
            quantize_static(source, folder / f"int8-{name}-{form}.onnx", Reader(), quant_format=quant_format,
                            activation_type=QuantType.QUInt8, weight_type=QuantType.QInt8, reduce_range=True)


def make_trees(folder, case, missing):
    import xgboost
    rng = np.random.default_rng(3)
    x = rng.standard_normal((20_000, FEATURES)).astype(F)
    truth = (x @ rng.standard_normal(FEATURES)) / 5 + np.sin(x[:, 0] * 2) * x[:, 1] + x[:, 2] * x[:, 3]
    y = (truth + rng.standard_normal(len(x)) * 0.5 > 0).astype(int)
    rows = rng.standard_normal((ROWS, FEATURES)).astype(F)
    x[rng.random(x.shape) < missing] = np.nan
    rows[rng.random(rows.shape) < missing] = np.nan
    booster = xgboost.train({"objective": "binary:logistic", "max_depth": DEPTH, "tree_method": "hist", "max_bin": 256,
                             "eta": 0.05, "min_child_weight": 0.1, "base_score": 0.5, "nthread": 1},
                            xgboost.DMatrix(x, label=y, nthread=1), TREES)
    booster.save_model(folder / f"{case}.json")
    rows.tofile(folder / f"{case}.rows")


def make(folder):
    model, sample = make_mmoe(folder)
    for form in ("separate", "joined"):
        build_onnx(model, folder / f"fp32-{form}.onnx", form == "joined")
    quantize_onnx(folder, sample)
    make_trees(folder, "trees", missing=0.0)
    make_trees(folder, "trees-missing", missing=0.1)


def least_us(call, rounds=30):
    for _ in range(20):
        call()
    least = float("inf")
    for _ in range(rounds):
        start = time.thread_time()
        for _ in range(10):
            call()
        least = min(least, (time.thread_time() - start) / 10)
    return least * 1e6


def onnx_times(folder, model, scores):
    import onnxruntime
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(folder / model, options, providers=["CPUExecutionProvider"])
    rows = np.fromfile(folder / "mmoe.rows", F).reshape(-1, INPUTS)
    binding = session.io_binding()
    binding.bind_ortvalue_input("x", onnxruntime.OrtValue.ortvalue_from_numpy(rows))
    output = onnxruntime.OrtValue.ortvalue_from_numpy(np.zeros((len(rows), HEADS), F))
    binding.bind_ortvalue_output("y", output)
    us = least_us(lambda: session.run_with_iobinding(binding))
    output.numpy().tofile(scores)
    in_sight = ctypes.CDLL(None).cpu_level_in_sight
    in_sight.restype = ctypes.c_char_p
    return {"us": us, "version": onnxruntime.__version__, "cpu": in_sight().decode()}


def xgboost_times(folder, case, scores):
    import xgboost
    from xgboost.core import _LIB
    booster = xgboost.Booster({"nthread": 1}, model_file=folder / f"{case}.json")
    rows = np.fromfile(folder / f"{case}.rows", F).reshape(-1, FEATURES)
    array = json.dumps({"data": [rows.ctypes.data, True], "shape": list(rows.shape), "typestr": "<f4",
                        "version": 3}).encode()
    shape, dims = ctypes.POINTER(ctypes.c_uint64)(), ctypes.c_uint64()
    result = ctypes.POINTER(ctypes.c_float)()

    def predict(kind):
        config = json.dumps({"type": kind, "training": False, "iteration_begin": 0, "iteration_end": 0,
                             "missing": float("nan"), "strict_shape": False, "cache_id": 0}).encode()

        def call():
            if _LIB.XGBoosterPredictFromDense(booster.handle, array, config, None, ctypes.byref(shape),
                                              ctypes.byref(dims), ctypes.byref(result)) != 0:
                sys.exit("error: XGBoost's prediction failed")
        return call

    predict(1)()
    margins = np.ctypeslib.as_array(result, (len(rows),)).copy()
    us = least_us(predict(0))
    predictions = np.ctypeslib.as_array(result, (len(rows),)).copy()
    np.concatenate([margins, predictions]).astype(F).tofile(scores)
    return {"us": us, "version": xgboost.__version__}


def auc(scores, labels):
    """With ties counted half."""
    _, inverse, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    positives = labels.sum()
    return (ranks[labels].sum() - positives * (positives + 1) / 2) / (positives * (len(labels) - positives))


def auc_difference(a, b):
    """Labels are drawn from the first file's probabilities."""
    exact, other = (np.fromfile(path, F).reshape(-1, HEADS) for path in (a, b))
    labels = np.random.default_rng(11).random(exact.shape) < exact
    each = [(auc(exact[:, t], labels[:, t]), auc(other[:, t], labels[:, t])) for t in range(HEADS)]
    return {"auc": [e for e, _ in each], "largest": max(abs(e - o) for e, o in each)}


def main():
    command, folder, *rest = sys.argv[1:]
    folder = Path(folder)
    if command == "make":
        make(folder)
    elif command == "onnx":
        print(json.dumps(onnx_times(folder, *rest)))
    elif command == "xgboost":
        print(json.dumps(xgboost_times(folder, *rest)))
    elif command == "auc":
        print(json.dumps(auc_difference(*rest)))


if __name__ == "__main__":
    main()
