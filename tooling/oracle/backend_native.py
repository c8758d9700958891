"""A kernel matrix of condition 1e10: its factor by LAPACK, exact columns of the inverse of the factor's product, and LAPACK's error in them.

    python tooling/oracle/backend_native.py > packages/backend-native/test/fixtures/inverse.json
"""
import base64
import json
import struct
import sys

import numpy as np
from mpmath import mp, mpf
from scipy.linalg.lapack import dpotrf, dpotri

mp.prec = 300
n = 150
columns = [0, 63, 64, 100, 149]
rng = np.random.default_rng(9)
x = np.sort(rng.uniform(0, 5, n))
a = np.exp(-0.5 * (x[:, None] - x[None, :]) ** 2)
low, high = 1e-16, 1.0
for _ in range(200):  # the jitter that makes the condition number 1e10
    middle = np.sqrt(low * high)
    if np.linalg.cond(a + middle * np.eye(n)) > 1e10:
        low = middle
    else:
        high = middle
a += high * np.eye(n)
factor, info = dpotrf(a, lower=1, clean=1)
assert info == 0
inverse, info = dpotri(factor, lower=1)
assert info == 0
inverse = np.tril(inverse) + np.tril(inverse, -1).T
exact_factor = [[mpf(float(factor[i, j])) for j in range(i + 1)] for i in range(n)]


def exact_column(k):
    y = [mpf(0)] * n
    for i in range(n):
        y[i] = (mpf(i == k) - sum(exact_factor[i][j] * y[j] for j in range(i))) / exact_factor[i][i]
    for i in reversed(range(n)):
        y[i] = (y[i] - sum(exact_factor[j][i] * y[j] for j in range(i + 1, n))) / exact_factor[i][i]
    return y


exact = [exact_column(k) for k in columns]
scale = max(abs(v) for column in exact for v in column)
error = max(abs(mpf(float(inverse[i, k])) - column[i]) for k, column in zip(columns, exact) for i in range(n)) / scale


def pack(values):
    return base64.b64encode(struct.pack(f"<{len(values)}d", *values)).decode()


json.dump(
    {
        "n": n,
        "condition": np.linalg.cond(a),
        "lowerFactor": pack([float(factor[i, j]) for i in range(n) for j in range(i + 1)]),
        "columns": columns,
        "inverse": [pack([float(v) for v in column]) for column in exact],
        "lapackError": float(error),
    },
    sys.stdout,
    indent=1,
)
print()
