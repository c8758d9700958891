"""Fixtures of the dense linear algebra of @matheron/backend-cpu: what LAPACK reaches, through SciPy.

    python -m venv /tmp/oracle && /tmp/oracle/bin/pip install -r tooling/oracle/requirements.txt
    /tmp/oracle/bin/python tooling/oracle/linalg.py

writes packages/backend-cpu/test/fixtures/linalg.json: per case a recipe for its matrix, a few of its elements, LAPACK's eigenvalues or
singular values, and the residuals of LAPACK's factors, computed in extended precision. The matrix is an orthogonal transform of a
diagonal of powers of two, made by +, −, × and ÷ alone in a fixed order, so that packages/backend-cpu/test/matrices.ts repeats it bit
for bit and only the recipe is stored.
"""
import json
import os

import numpy as np
import scipy.linalg as sl
from scipy.linalg import lapack

OUT = os.path.join(os.path.dirname(__file__), '..', '..', 'packages', 'backend-cpu', 'test', 'fixtures', 'linalg.json')


def direction(n, key):
    return [((i * 7919 + key * 104729 + 31) % 997) / 997 - 0.4 for i in range(n)]


def reflect_rows(a, m, n, key):
    """a := (I - 2 u u^T / u^T u) a"""
    u = direction(m, key)
    square = 0.0
    for i in range(m):
        square += u[i] * u[i]
    for j in range(n):
        s = 0.0
        for i in range(m):
            s += u[i] * a[i][j]
        s = 2 * s / square
        for i in range(m):
            a[i][j] -= s * u[i]


def reflect_columns(a, m, n, key):
    u = direction(n, key)
    square = 0.0
    for j in range(n):
        square += u[j] * u[j]
    for i in range(m):
        s = 0.0
        for j in range(n):
            s += u[j] * a[i][j]
        s = 2 * s / square
        for j in range(n):
            a[i][j] -= s * u[j]


def matrix(kind, m, n, exponent, rank):
    a = [[0.0] * n for _ in range(m)]
    k = min(m, n)
    for i in range(min(k, rank)):
        value = 2.0 ** -((i * exponent) // max(1, k - 1))
        a[i][i] = -value if kind == 'symmetric' and i % 2 == 1 else value
    for key in (1, 2):
        reflect_rows(a, m, n, key)
        reflect_columns(a, m, n, key if kind != 'general' else key + 2)
    if kind != 'general':
        for i in range(n):
            for j in range(i):
                a[j][i] = a[i][j]
    return np.array(a, dtype=np.float64).reshape(m, n)


def ratio(difference, *scales):
    x = np.sqrt(np.sum(np.asarray(difference, np.longdouble) ** 2))
    for scale in scales:
        x = x / np.sqrt(np.sum(np.asarray(scale, np.longdouble) ** 2))
    return float(x)


def orthogonality(q):
    w = q.astype(np.longdouble)
    return ratio(w.T @ w - np.eye(q.shape[1]))


def spd(a):
    n = len(a)
    wide = a.astype(np.longdouble)
    factor = sl.cholesky(a, lower=True)
    l = factor.astype(np.longdouble)
    inverse, info = lapack.dpotri(factor, lower=1)
    assert info == 0
    inverse = np.tril(inverse) + np.tril(inverse, -1).T
    b = matrix('general', n, 7, 3, 7)
    x = sl.solve_triangular(factor, b, lower=True)
    y = sl.solve_triangular(factor, b, lower=True, trans='T')
    return {
        'cholesky': ratio(wide - l @ l.T, a),
        'inverse': ratio(wide @ inverse - np.eye(n)),
        'solve': ratio(l @ x - b, factor, x),
        'solveTransposed': ratio(l.T @ y - b, factor, y),
    }


def symmetric(a):
    values, vectors = sl.eigh(a, driver='ev')
    v = vectors.astype(np.longdouble)
    return {'residual': ratio(a @ v - v * values, a), 'orthogonality': orthogonality(vectors), 'values': values.tolist()}


def general(a):
    m, n = a.shape
    wide = a.astype(np.longdouble)
    p, l, u = sl.lu(a, p_indices=True)
    q, r = sl.qr(a, mode='economic')
    qp, rp, columns = sl.qr(a, mode='economic', pivoting=True)
    us, s, vt = sl.svd(a, full_matrices=False, lapack_driver='gesvd')
    return {
        'lu': ratio(wide - l.astype(np.longdouble)[p] @ u, a),
        'qr': ratio(wide - q.astype(np.longdouble) @ r, a),
        'qrOrthogonality': orthogonality(q),
        'pivotedQr': ratio(wide[:, columns] - qp.astype(np.longdouble) @ rp, a),
        'pivotedQrOrthogonality': orthogonality(qp),
        'svd': ratio(wide - (us.astype(np.longdouble) * s) @ vt, a),
        'leftOrthogonality': orthogonality(us),
        'rightOrthogonality': orthogonality(vt.T),
        'values': s.tolist(),
    }


MEASURES = {'spd': spd, 'symmetric': symmetric, 'general': general}


def main():
    recipes = []
    for n in (1, 2, 5, 20, 33, 40, 100):
        for exponent in (7, 20, 33, 40):  # conditions 1.3e2, 1e6, 8.6e9, 1.1e12
            recipes += [('spd', n, n, exponent, n), ('symmetric', n, n, exponent, n)]
    for m, n in ((1, 1), (1, 4), (4, 1), (6, 6), (40, 40), (40, 23), (23, 40), (40, 7), (7, 40), (90, 70)):
        for exponent in (7, 40):
            recipes.append(('general', m, n, exponent, min(m, n)))
    recipes += [('general', m, n, 10, rank) for m, n, rank in ((20, 20, 11), (40, 12, 5), (12, 40, 1), (36, 36, 0))]
    recipes += [('symmetric', 24, 24, 10, 9)]
    cases = []
    for kind, m, n, exponent, rank in recipes:
        a = matrix(kind, m, n, exponent, rank)
        if rank == 0:
            lapack_values = {'values': [0.0] * min(m, n)}
        else:
            lapack_values = MEASURES[kind](a)
        cases.append({'kind': kind, 'm': m, 'n': n, 'exponent': exponent, 'rank': rank, 'corner': [a[0, 0], a[m - 1, n - 1], a[m // 2, n // 3]], 'lapack': lapack_values})
    with open(OUT, 'w') as file:
        file.write('[\n' + ',\n'.join(json.dumps(case) for case in cases) + '\n]\n')


main()
