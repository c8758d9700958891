"""Expected values of core-tensor's operations, by NumPy and SciPy: python core_tensor.py > tests/core/fixtures/numpy.json"""
import json
import sys

import numpy as np
from scipy import special

rng = np.random.default_rng(5)


def plain(a):
    a = np.asarray(a)
    flat = [("nan" if np.isnan(v) else "inf" if v == np.inf else "-inf" if v == -np.inf else float(v)) for v in a.astype(float).ravel()]
    return {"shape": list(a.shape), "values": flat}


cases = []


def case(op, args, result, **options):
    cases.append({"op": op, "args": [plain(a) for a in args], "options": options, "result": plain(result)})


x = np.round(rng.normal(size=(3, 4, 5)), 3)
for index, numpy_index in [
    ([0], np.s_[0]), ([-1], np.s_[-1]), ([[1, 3]], np.s_[1:3]), ([[], 2], np.s_[:, 2]), ([[], [None, None, -1]], np.s_[:, ::-1]),
    ([[], [], [3, None, -2]], np.s_[:, :, 3::-2]), (["...", 0], np.s_[..., 0]), ([None, [], 1], np.s_[None, :, 1]), ([[-2, None], [1, -1], [0, 5, 2]], np.s_[-2:, 1:-1, 0:5:2]),
    ([[5, 9]], np.s_[5:9]), ([[2, 1]], np.s_[2:1]), ([[], "...", None, [4, 0, -3]], np.s_[:, ..., None, 4:0:-3]), ([[], [], [-100, 100]], np.s_[:, :, -100:100]),
    ([[], [], [None, -100, -1]], np.s_[:, :, :-100:-1]),
]:
    case("slice", [x], x[numpy_index], index=index)
    y = x.copy()
    v = np.round(rng.normal(size=y[numpy_index].shape), 3)
    y[numpy_index] = v
    case("setSlice", [x, v], y, index=index)

a, b, c = (np.round(rng.normal(size=s), 3) for s in [(2, 3, 4), (2, 4, 5), (3, 5)])
for equation, operands in [
    ("bij,bjk->bik", [a, b]), ("bij,bjk", [a, b]), ("bij->jb", [a]), ("bij->", [a]), ("ii", [x[0, :3, :3]]), ("ii->i", [x[0, :3, :3]]), ("bij,bjk,ik->b", [a, b, c]),
    ("...ij,...jk->...ik", [a, b]), ("ij,ij->ij", [c, c]), ("i,j->ji", [c[0], c[:, 0]]), ("...i->...", [a]), ("bij,kj->ikb", [a, a[0]]), ("ij,jk,kl->il", [c, c.T, c]), ("i,i", [c[0], c[0]]),
    ("iij->j", [x[:, :3, :]]), ("ij,j->i", [c, c[0]]), ("b...,b...->...", [a, a]), ("ba,ab", [c, c.T]),
]:
    case("einsum", operands, np.einsum(equation, *operands), equation=equation)

for shapes in [((4,), (4,)), ((3, 4), (4,)), ((4,), (4, 2)), ((2, 3, 4), (4, 5)), ((2, 3, 4), (2, 4, 5)), ((1, 3, 4), (7, 4, 2)), ((3, 1, 2, 4), (2, 4, 3)), ((0, 4), (4, 2)), ((2, 0), (0, 3))]:
    p, q = (np.round(rng.normal(size=s), 3) for s in shapes)
    case("matmul", [p, q], p @ q)
for shapes in [((4,), (4,)), ((3, 4), (4,)), ((2, 3, 4), (4,)), ((2, 3, 4), (5, 4, 2)), ((), (3,)), ((3, 4), (4, 2))]:
    p, q = (np.round(rng.normal(size=s), 3) for s in shapes)
    case("dot", [p, q], np.dot(p, q))
case("outer", [a[0], c], np.outer(a[0], c))

for axis in [None, 0, -1, [0, 2], [1]]:
    ax = tuple(axis) if isinstance(axis, list) else axis
    for keep in [False, True]:
        o = {"axis": axis, "keepdims": keep}
        case("sum", [x], x.sum(axis=ax, keepdims=keep), **o)
        case("prod", [x], x.prod(axis=ax, keepdims=keep), **o)
        case("mean", [x], x.mean(axis=ax, keepdims=keep), **o)
        case("max", [x], x.max(axis=ax, keepdims=keep), **o)
        case("min", [x], x.min(axis=ax, keepdims=keep), **o)
        case("variance", [x], x.var(axis=ax, keepdims=keep), **o)
        case("variance", [x], x.var(axis=ax, keepdims=keep, ddof=1), correction=1, **o)
        case("std", [x], x.std(axis=ax, keepdims=keep), **o)
        case("logSumExp", [x * 400], special.logsumexp(x * 400, axis=ax, keepdims=keep), **o)
        case("norm", [x], np.sqrt((x * x).sum(axis=ax, keepdims=keep)), **o)
        case("norm", [x], np.abs(x).sum(axis=ax, keepdims=keep), ord=1, **o)
        case("norm", [x], (np.abs(x) ** 3).sum(axis=ax, keepdims=keep) ** (1 / 3), ord=3, **o)
        if not isinstance(axis, list):
            case("argmax", [x], x.argmax(axis=axis, keepdims=keep), **o)
            case("argmin", [x], x.argmin(axis=axis, keepdims=keep), **o)
inf = np.array([[-np.inf, -np.inf], [np.inf, 1.0], [np.nan, 0.0], [-np.inf, 2.0]])
case("logSumExp", [inf], special.logsumexp(inf, axis=1), axis=1, keepdims=False)
for axis in [-1, 0, 1]:
    case("softmax", [x * 300], special.softmax(x * 300, axis=axis), axis=axis)
    case("logSoftmax", [x * 300], special.log_softmax(x * 300, axis=axis), axis=axis)
    case("cumsum", [x], np.cumsum(x, axis=axis), axis=axis)
    case("cumprod", [x], np.cumprod(x, axis=axis), axis=axis)
    case("flip", [x], np.flip(x, axis=axis), axis=axis)
    case("roll", [x], np.roll(x, 2, axis=axis), axis=axis, shift=2)
    case("repeat", [x], np.repeat(x, 3, axis=axis), axis=axis, count=3)
    i = rng.integers(-x.shape[axis], x.shape[axis], size=(2, 2))
    case("take", [x, i], np.take(x, i, axis=axis), axis=axis)
    order = np.argsort(x, axis=axis, kind="stable")
    case("takeAlongAxis", [x, order], np.take_along_axis(x, order, axis=axis), axis=axis)
    case("sortValues", [x], np.sort(x, axis=axis), axis=axis)
    case("sortIndices", [np.round(x)], np.argsort(np.round(x), axis=axis, kind="stable"), axis=axis)
for reps in [[2], [2, 3], [1, 2, 1], [2, 1, 1, 2], [0, 1, 1]]:
    case("tile", [x], np.tile(x, reps), repeats=reps)
for offset in [-2, -1, 0, 1, 3]:
    case("tril", [x], np.tril(x, offset), offset=offset)
    case("triu", [x], np.triu(x, offset), offset=offset)
    case("diagonal", [x], np.diagonal(x, offset, -2, -1), offset=offset)
case("pad", [c], np.pad(c, [(1, 2), (0, 3)], constant_values=7), widths=[[1, 2], [0, 3]], value=7)
case("trace", [x], np.trace(x, axis1=-2, axis2=-1))
m = rng.normal(size=(2, 4, 4))
case("det", [m], np.linalg.det(m))
case("inv", [m], np.linalg.inv(m))
r = rng.normal(size=(2, 4, 3))
case("solve", [m, r], np.linalg.solve(m, r))
case("solve", [m[0], r[0, :, 0]], np.linalg.solve(m[0], r[0, :, 0]))
spd = m @ m.transpose(0, 2, 1) + np.eye(4)
case("cholesky", [spd], np.linalg.cholesky(spd))
case("logDet", [spd], np.linalg.slogdet(spd)[1])
case("choleskySolve", [spd, r], np.linalg.solve(spd, r))
case("linspace", [], np.linspace(0.1, 7.3, 11), start=0.1, stop=7.3, count=11)
case("eye", [], np.eye(3, 5, 1), n=3, columns=5, offset=1)
case("arange", [], np.arange(2, 9, 2.5), start=2, stop=9, step=2.5)
X, Z, w = rng.normal(size=(6, 3)), rng.normal(size=(4, 3)), np.array([0.5, 2.0, 1.5])
case("pairwiseSquaredDistance", [X, Z, w], (((X[:, None] - Z[None]) ** 2) * w).sum(-1))

json.dump({"numpy": np.__version__, "cases": cases}, sys.stdout, separators=(",", ":"))
