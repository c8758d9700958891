"""A kernel matrix of condition 1e10: its factor by LAPACK, exact columns of the inverse of the factor's product, and LAPACK's error in them.

    python tooling/oracle/inverse.py wasm > packages/backend-wasm/test/fixtures/inverse.json
    python tooling/oracle/inverse.py native > packages/backend-native/test/fixtures/inverse.json
"""
import base64
import json
import struct
import sys

import numpy as np
from mpmath import mp, mpf
from scipy.linalg.lapack import dpotrf, dpotri

mp.prec = 300


def kernel_matrix(n, length, seed):
    """exp(-d²/2) at n random points of [0, length], with the jitter that makes the condition number 1e10."""
    x = np.sort(np.random.default_rng(seed).uniform(0, length, n))
    a = np.exp(-0.5 * (x[:, None] - x[None, :]) ** 2)
    low, high = 1e-16, 1.0
    for _ in range(200):
        middle = np.sqrt(low * high)
        if np.linalg.cond(a + middle * np.eye(n)) > 1e10:
            low = middle
        else:
            high = middle
    return a + high * np.eye(n)


def exact_column(factor, k):
    """Column k of the inverse of factor · factorᵀ, by substitution in 300 bits."""
    n = len(factor)
    y = [mpf(0)] * n
    for i in range(n):
        y[i] = (mpf(i == k) - sum(factor[i][j] * y[j] for j in range(i))) / factor[i][i]
    for i in reversed(range(n)):
        y[i] = (y[i] - sum(factor[j][i] * y[j] for j in range(i + 1, n))) / factor[i][i]
    return y


def solved(a, columns):
    """The lower factor, the exact columns, and LAPACK's largest error in them relative to their largest element."""
    n = len(a)
    factor, info = dpotrf(a, lower=1, clean=1)
    assert info == 0
    inverse, info = dpotri(factor, lower=1)
    assert info == 0
    inverse = np.tril(inverse) + np.tril(inverse, -1).T
    rows = [[mpf(float(factor[i, j])) for j in range(i + 1)] for i in range(n)]
    exact = [exact_column(rows, k) for k in columns]
    scale = max(abs(v) for column in exact for v in column)
    error = max(abs(mpf(float(inverse[i, k])) - column[i]) for k, column in zip(columns, exact) for i in range(n)) / scale
    return factor, [[float(v) for v in column] for column in exact], float(error)


def pack(values):
    return base64.b64encode(struct.pack(f"<{len(values)}d", *values)).decode()


def wasm():
    """The whole inverse, and the factor as a square."""
    n = 70
    a = kernel_matrix(n, 3, 4)
    factor, exact, error = solved(a, range(n))
    return {"n": n, "condition": np.linalg.cond(a), "factor": pack(factor.flatten()), "inverse": pack(np.array(exact).T.flatten()), "lapackError": error}


def native():
    """Some columns, and the rows of the lower triangle."""
    n = 150
    columns = [0, 63, 64, 100, 149]
    a = kernel_matrix(n, 5, 9)
    factor, exact, error = solved(a, columns)
    lower = [float(factor[i, j]) for i in range(n) for j in range(i + 1)]
    return {"n": n, "condition": np.linalg.cond(a), "lowerFactor": pack(lower), "columns": columns, "inverse": [pack(c) for c in exact], "lapackError": error}


json.dump({"wasm": wasm, "native": native}[sys.argv[1]](), sys.stdout, indent=1)
print()
