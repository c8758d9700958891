"""Fixture of @matheron/backend-cpu's own tests, computed with NumPy.

    python -m venv /tmp/oracle && /tmp/oracle/bin/pip install numpy
    /tmp/oracle/bin/python tooling/oracle/backend_cpu.py

writes packages/backend-cpu/test/fixtures/numpy.json. Numbers that JSON doesn't have stand as strings ("NaN", "Infinity", "-0").
"""
import json
import math
import os

import numpy as np

OUT = os.path.join(os.path.dirname(__file__), '..', '..', 'packages', 'backend-cpu', 'test', 'fixtures', 'numpy.json')
np.seterr(all='ignore')
rng = np.random.RandomState(5)


def number(v):
    v = v.item() if hasattr(v, 'item') else v
    if isinstance(v, bool):
        return int(v)
    if isinstance(v, float):
        if math.isnan(v):
            return 'NaN'
        if math.isinf(v):
            return 'Infinity' if v > 0 else '-Infinity'
        if v == 0 and math.copysign(1, v) < 0:
            return '-0'
    return v


def packed(x):
    x = np.asarray(x)
    name = {'float64': 'float64', 'float32': 'float32', 'int32': 'int32', 'bool': 'bool'}[x.dtype.name]
    return {'dtype': name, 'shape': list(x.shape), 'values': [number(v) for v in np.ascontiguousarray(x).ravel()]}


specials = [0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 1.5, 2.5, -2.5, 3.0, -3.0, 7.25, -7.25, 1e300, -1e-300, np.inf, -np.inf, np.nan]
integers = [0, 1, -1, 2, -2, 3, -3, 7, -7, 13, 65537, -65537, 2147483647, -2147483648]


def pairs(values, dtype):
    a = np.array([p for p in values for _ in values], dtype=dtype)
    b = np.array([q for _ in values for q in values], dtype=dtype)
    return a, b


cases = []


def binary(op, f, a, b):
    cases.append({'method': 'binary', 'op': op, 'inputs': [packed(a), packed(b)], 'output': packed(f(a, b).astype(a.dtype))})


for dtype in (np.float64, np.float32):
    with np.errstate(over='ignore'):
        a, b = pairs(specials, dtype)
    for op, f in {'add': np.add, 'sub': np.subtract, 'mul': np.multiply, 'div': np.divide, 'mod': np.mod, 'pow': np.power, 'atan2': np.arctan2,
                  'maximum': np.maximum, 'minimum': np.minimum}.items():
        binary(op, f, a, b)
a, b = pairs(integers, np.int32)
for op, f in {'add': np.add, 'sub': np.subtract, 'mul': np.multiply, 'mod': np.mod, 'maximum': np.maximum, 'minimum': np.minimum}.items():
    binary(op, f, a, b)
keep = b >= 0
binary('pow', np.power, a[keep], b[keep])
a, b = pairs([False, True], bool)
for op, f in {'logicalAnd': np.logical_and, 'logicalOr': np.logical_or, 'logicalXor': np.logical_xor}.items():
    binary(op, f, a, b)
for values, dtype in ((specials, np.float64), (integers, np.int32), ([False, True], bool)):
    a, b = pairs(values, dtype)
    for op, f in {'equal': np.equal, 'notEqual': np.not_equal, 'less': np.less, 'lessEqual': np.less_equal, 'greater': np.greater, 'greaterEqual': np.greater_equal}.items():
        cases.append({'method': 'compare', 'op': op, 'inputs': [packed(a), packed(b)], 'output': packed(f(a, b))})

halves = np.array(specials + [2 ** 52 + 1.0, 2 ** 52 - 0.5, 4503599627370495.5, 0.49999999999999994, -0.49999999999999994, 123456.5, -123457.5])
for op, f in {'neg': np.negative, 'abs': np.abs, 'square': np.square, 'floor': np.floor, 'ceil': np.ceil, 'round': np.rint, 'trunc': np.trunc, 'sqrt': np.sqrt,
              'reciprocal': np.reciprocal, 'isnan': np.isnan, 'isinf': np.isinf, 'isfinite': np.isfinite, 'logicalNot': np.logical_not}.items():
    cases.append({'method': 'unary', 'op': op, 'inputs': [packed(halves)], 'output': packed(f(halves))})
ints = np.array(integers, np.int32)
for op, f in {'neg': np.negative, 'abs': np.abs, 'sign': np.sign, 'square': np.square, 'relu': lambda x: np.maximum(x, 0), 'floor': lambda x: x, 'round': lambda x: x,
              'isnan': np.isnan, 'isfinite': np.isfinite, 'logicalNot': np.logical_not}.items():
    cases.append({'method': 'unary', 'op': op, 'inputs': [packed(ints)], 'output': packed(f(ints))})

x = rng.randn(3, 4, 5)
holes = x.copy()
holes[1, 2, 3] = np.nan
holes[0, 0, 0] = -np.inf
n = rng.randint(-50, 50, (3, 4, 5)).astype(np.int32)
flags = rng.rand(3, 4, 5) < 0.7
for axes in ([0], [1], [2], [0, 1], [0, 2], [1, 2], [0, 1, 2], []):
    t = tuple(axes)
    for data in (x, x.astype(np.float32), n, holes):
        for op, f in {'sum': np.sum, 'prod': np.prod, 'max': np.max, 'min': np.min}.items():
            with np.errstate(all='ignore'):
                cases.append({'method': 'reduce', 'op': op, 'axes': axes, 'inputs': [packed(data)], 'output': packed(np.asarray(f(data, axis=t, **({'dtype': data.dtype} if op in ('sum', 'prod') else {}))))})
    for op, f in {'any': np.any, 'all': np.all}.items():
        cases.append({'method': 'reduce', 'op': op, 'axes': axes, 'inputs': [packed(flags)], 'output': packed(np.asarray(f(flags, axis=t)))})
ties = np.round(x)
ties[1, 2, 3] = np.nan
for axis in range(3):
    for data in (x, ties, n, holes.astype(np.float32)):
        for op, f in {'argmax': np.argmax, 'argmin': np.argmin}.items():
            cases.append({'method': 'argReduce', 'op': op, 'axis': axis, 'inputs': [packed(data)], 'output': packed(f(data, axis=axis).astype(np.int32))})
        for op, f in {'sum': np.cumsum, 'prod': np.cumprod}.items():
            cases.append({'method': 'cumulative', 'op': op, 'axis': axis, 'inputs': [packed(data)], 'output': packed(f(data, axis=axis, dtype=data.dtype))})
        cases.append({'method': 'sort', 'axis': axis, 'inputs': [packed(data)], 'output': packed(np.sort(data, axis=axis, kind='stable')),
                      'indices': packed(np.argsort(data, axis=axis, kind='stable').astype(np.int32))})
index = np.array([2, -1, 0, 0, -3, 1], np.int32)
updates = rng.randn(3, 6, 5)
for axis in range(3):
    cases.append({'method': 'gather', 'axis': axis, 'inputs': [packed(x), packed(index)], 'output': packed(np.take(x, index, axis=axis))})
scattered = x.copy()
np.add.at(scattered, (slice(None), index), updates)
cases.append({'method': 'scatterAdd', 'axis': 1, 'inputs': [packed(x), packed(index), packed(updates)], 'output': packed(scattered)})

for shape_a, shape_b in (((2, 3), (3, 4)), ((5, 2, 3), (5, 3, 4)), ((2, 3, 4, 1), (2, 3, 1, 5)), ((7, 9), (9, 1)), ((1, 9), (9, 11)), ((33, 40), (40, 37)), ((0, 3), (3, 2)), ((2, 0), (0, 3)), ((0, 2, 3), (0, 3, 2))):
    p, q = rng.randn(*shape_a), rng.randn(*shape_b)
    cases.append({'method': 'matmul', 'inputs': [packed(p), packed(q)], 'output': packed(p @ q)})
    p, q = (rng.randint(-2 ** 30, 2 ** 30, s).astype(np.int32) for s in (shape_a, shape_b))
    cases.append({'method': 'matmul', 'inputs': [packed(p), packed(q)], 'output': packed(p @ q)})

os.makedirs(os.path.dirname(OUT), exist_ok=True)
with open(OUT, 'w') as f:
    f.write('[\n' + ',\n'.join(json.dumps(c) for c in cases) + '\n]\n')
print(len(cases), 'cases')
