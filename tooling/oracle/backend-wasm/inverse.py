"""A kernel matrix of condition 1e10, its factor by LAPACK, the exact inverse of that factor's product, and LAPACK's error.

    python tooling/oracle/backend-wasm/inverse.py > packages/backend-wasm/test/fixtures/inverse.json
"""
import base64
import json
import struct
import sys

import numpy as np
from mpmath import mp
from scipy.linalg.lapack import dpotrf, dpotri

mp.prec = 300
n = 70
rng = np.random.default_rng(4)
x = np.sort(rng.uniform(0, 3, n))
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
exact_factor = mp.matrix(factor.tolist())
exact = (exact_factor * exact_factor.T) ** -1
inverse, info = dpotri(factor, lower=1)
assert info == 0
inverse = np.tril(inverse) + np.tril(inverse, -1).T
reference = np.array([[float(exact[i, j]) for j in range(n)] for i in range(n)])
scale = max(abs(exact[i, j]) for i in range(n) for j in range(n))
error = max(abs(mp.mpf(inverse[i, j]) - exact[i, j]) for i in range(n) for j in range(n)) / scale


def pack(m):
    return base64.b64encode(struct.pack(f"<{m.size}d", *m.flatten())).decode()


json.dump({"n": n, "condition": np.linalg.cond(a), "factor": pack(factor), "inverse": pack(reference), "lapackError": float(error)}, sys.stdout, indent=1)
print()
