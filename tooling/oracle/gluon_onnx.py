"""Layers by the reference implementations of ONNX (plain NumPy), and CTC by summing over all paths: tests/gluon/fixtures/onnx.json.

    python tooling/oracle/gluon_onnx.py > tests/gluon/fixtures/onnx.json
"""
# f32: attributes or constants that the reference holds in float32.
import itertools
import json

import numpy as np
from onnx import TensorProto, helper
from onnx.reference import ReferenceEvaluator

rng = np.random.default_rng(11)
out = {}


def draw(*shape):
    return np.round(rng.uniform(-1, 1, size=shape), 3)


def run(op, inputs, outputs=1, **attributes):
    names = [f"i{k}" if v is not None else "" for k, v in enumerate(inputs)]
    results = [f"o{k}" for k in range(outputs)]
    node = helper.make_node(op, names, results, **attributes)
    kinds = {np.dtype("float64"): TensorProto.DOUBLE, np.dtype("float32"): TensorProto.FLOAT, np.dtype("int64"): TensorProto.INT64, np.dtype("int32"): TensorProto.INT32}
    given = {n: v for n, v in zip(names, inputs) if v is not None}
    graph = helper.make_graph(
        [node], "g",
        [helper.make_tensor_value_info(n, kinds[v.dtype], v.shape) for n, v in given.items()],
        [helper.make_tensor_value_info(r, TensorProto.DOUBLE, None) for r in results],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)])
    return ReferenceEvaluator(model).run(None, given)


def case(name, x, y, params=None, **more):
    out[name] = {"x": x.tolist(), "y": np.asarray(y).tolist(), "params": {k: v.tolist() for k, v in (params or {}).items()}, **more}


def both(sizes):
    return [*sizes, *sizes]


def conv(name, x, w, b, **at):
    (y,) = run("Conv", [x, w, b], **at)
    case(name, x, y, {"weight": w, "bias": b})


conv("conv1d", draw(2, 4, 9), draw(6, 2, 3), draw(6), strides=[2], pads=both([2]), dilations=[2], group=2)
conv("conv2d", draw(2, 3, 7, 6), draw(4, 3, 3, 2), draw(4), strides=[2, 1], pads=both([1, 2]), dilations=[1, 2])
conv("conv2d_depthwise", draw(1, 3, 5, 5), draw(6, 1, 3, 3), draw(6), group=3, pads=both([1, 1]))
conv("conv3d", draw(1, 2, 5, 4, 6), draw(3, 2, 2, 3, 2), draw(3), strides=[2, 1, 2], pads=both([1, 0, 1]))


def transposed(name, x, w, b, **at):
    # Group by group: the reference knows only one.
    groups = at.pop("group", 1)
    y = np.concatenate([run("ConvTranspose", list(part), **at)[0] for part in zip(np.split(x, groups, 1), np.split(w, groups), np.split(b, groups))], axis=1)
    case(name, x, y, {"weight": w, "bias": b})


transposed("conv1d_transpose", draw(2, 4, 5), draw(4, 3, 3), draw(3), strides=[2], pads=both([1]), output_padding=[1])
transposed("conv2d_transpose", draw(1, 4, 3, 4), draw(4, 2, 3, 2), draw(4), strides=[2, 3], pads=both([1, 0]), output_padding=[1, 2], group=2)
transposed("conv2d_transpose_dilated", draw(1, 2, 4, 3), draw(2, 3, 2, 3), draw(3), dilations=[2, 1])
transposed("conv3d_transpose", draw(1, 2, 2, 3, 2), draw(2, 2, 2, 2, 3), draw(2), strides=[1, 2, 2])

x = draw(2, 2, 9)
case("maxpool1d", x, run("MaxPool", [x], kernel_shape=[3], strides=[2], pads=both([1]))[0])
x = draw(1, 2, 6, 7)
case("maxpool2d_ceil", x, run("MaxPool", [x], kernel_shape=[3, 2], strides=[2, 2], ceil_mode=1)[0])
case("avgpool2d", x, run("AveragePool", [x], kernel_shape=[3, 2], strides=[2, 1], pads=both([1, 1]), count_include_pad=1)[0])
case("avgpool2d_without_padding", x, run("AveragePool", [x], kernel_shape=[3, 2], strides=[2, 1], pads=both([1, 1]), count_include_pad=0)[0])
x = draw(1, 2, 4, 4, 5)
case("maxpool3d", x, run("MaxPool", [x], kernel_shape=[2, 2, 2], strides=[2, 1, 2])[0])
case("global_maxpool3d", x, x.max(axis=(2, 3, 4), keepdims=True))
case("global_avgpool3d", x, run("GlobalAveragePool", [x])[0])

x = draw(2, 3, 4)
gamma, beta = draw(3), draw(3)
case("instance_norm", x, run("InstanceNormalization", [x, gamma, beta], epsilon=1e-5)[0], {"gamma": gamma, "beta": beta})
gamma, beta = draw(4), draw(4)
case("layer_norm", x, run("LayerNormalization", [x, gamma, beta], axis=-1, epsilon=1e-5, outputs=1)[0], {"gamma": gamma, "beta": beta})
mean, variance = draw(3), np.abs(draw(3))
gamma, beta = draw(3), draw(3)
case("batch_norm", x, run("BatchNormalization", [x, gamma, beta, mean, variance], epsilon=1e-5)[0], {"gamma": gamma, "beta": beta, "running_mean": mean, "running_var": variance})

x = draw(2, 3, 2) * 3
slope = draw(3, 1)
case("prelu", x, run("PRelu", [x, slope])[0], {"alpha": slope.reshape(3)})
case("elu", x, run("Elu", [x], alpha=0.7)[0], f32=True)
case("selu", x, run("Selu", [x], alpha=1.6732632423543772, gamma=1.0507009873554805)[0], f32=True)
case("gelu", x, run("Gelu", [x])[0], f32=True)
x = draw(1, 12, 2, 3)
case("pixelshuffle2d", x, run("DepthToSpace", [x], blocksize=2, mode="CRD")[0])
x = draw(1, 2, 4, 5)
case("reflectpad", x, run("Pad", [x, np.array([0, 0, 2, 1, 0, 0, 1, 3], dtype=np.int64)], mode="reflect")[0])


def gates(w, order):
    """ONNX's order of gates out of Gluon's; `order` lists Gluon's positions."""
    return np.concatenate([np.split(w, len(order))[k] for k in order])


def recurrent(name, op, order, directions, hidden=3, inputs=2, time=4, batch=2, **at):
    x = draw(time, batch, inputs)
    sides = ["l", "r"][:directions]
    n = len(order)
    params = {}
    for side in sides:
        params[f"{side}0_i2h_weight"] = draw(n * hidden, inputs)
        params[f"{side}0_h2h_weight"] = draw(n * hidden, hidden)
        params[f"{side}0_i2h_bias"] = draw(n * hidden)
        params[f"{side}0_h2h_bias"] = draw(n * hidden)
    weight = np.stack([gates(params[f"{s}0_i2h_weight"], order) for s in sides])
    recurrence = np.stack([gates(params[f"{s}0_h2h_weight"], order) for s in sides])
    bias = np.stack([np.concatenate([gates(params[f"{s}0_i2h_bias"], order), gates(params[f"{s}0_h2h_bias"], order)]) for s in sides])
    begin = [draw(directions, batch, hidden) for _ in range(2 if op == "LSTM" else 1)]
    # One direction at a time: the reference knows only one.
    outputs, finals = [], []
    for k, _ in enumerate(sides):
        own = x if k == 0 else x[::-1]
        given = [own, weight[k : k + 1], recurrence[k : k + 1], bias[k : k + 1], None, *[b[k : k + 1] for b in begin]]
        result = run(op, given, outputs=3 if op == "LSTM" else 2, hidden_size=hidden, **at)
        y = result[0][:, 0]
        outputs.append(y if k == 0 else y[::-1])
        finals.append([r[0] for r in result[1:]])
    case(name, x, np.concatenate(outputs, axis=-1), params, begin=[b.tolist() for b in begin], states=[np.stack([f[j] for f in finals]).tolist() for j in range(len(begin))])


recurrent("rnn", "RNN", [0], 2, activations=["Tanh"])
recurrent("gru", "GRU", [1, 0, 2], 2, linear_before_reset=1)
recurrent("lstm", "LSTM", [0, 3, 1, 2], 2)


def ctc(logits, label):
    """Minus the log of the summed probability of all paths that read as the label; the last class is the blank."""
    time, classes = logits.shape
    p = np.exp(logits) / np.exp(logits).sum(-1, keepdims=True)
    total = 0.0
    for path in itertools.product(range(classes), repeat=time):
        merged = [c for k, c in enumerate(path) if k == 0 or path[k - 1] != c]
        if [c for c in merged if c != classes - 1] == list(label):
            total += np.prod([p[t, c] for t, c in enumerate(path)])
    return -np.log(total)


labels = [[0, 1], [1, 1], [2], []]
x = draw(4, 5, 4) * 2
case("ctc", x, [ctc(v, lab) for v, lab in zip(x, labels)], label=[lab + [-1] * (2 - len(lab)) for lab in labels])
lengths = [3, 5, 4, 2]
case("ctc_lengths", x, [ctc(v[:n], lab) for v, lab, n in zip(x, labels, lengths)], label=[lab + [0] * (2 - len(lab)) for lab in labels], pred_lengths=lengths, label_lengths=[len(lab) for lab in labels])
print(json.dumps(out, separators=(",", ":")))
