"""SciPy's L-BFGS-B on ten standard problems: python tooling/oracle/lbfgsb.py > packages/gluon-train/test/fixtures/lbfgsb.json

Needs scipy. The problems are written again in packages/gluon-train/test/lbfgsb-problems.ts.
"""

import json
import sys

import numpy as np
import scipy
from scipy.optimize import minimize

INF = float("inf")


def rosenbrock(x):
    a, b = 1 - x[0], x[1] - x[0] ** 2
    return a * a + 100 * b * b, np.array([-2 * a - 400 * b * x[0], 200 * b])


def driver1(x):
    """The sample problem of the L-BFGS-B distribution."""
    r = x[1:] - x[:-1] ** 2
    g = np.zeros_like(x)
    g[0] = 2 * (x[0] - 1)
    g[1:] += 8 * r
    g[:-1] -= 16 * x[:-1] * r
    return (x[0] - 1) ** 2 + 4 * np.sum(r * r), g


def beale(x):
    c, g, f = np.array([1.5, 2.25, 2.625]), np.zeros(2), 0.0
    for k in range(3):
        p = k + 1
        r = c[k] - x[0] * (1 - x[1] ** p)
        f += r * r
        g += 2 * r * np.array([-(1 - x[1] ** p), x[0] * p * x[1] ** (p - 1)])
    return f, g


def himmelblau(x):
    a, b = x[0] ** 2 + x[1] - 11, x[0] + x[1] ** 2 - 7
    return a * a + b * b, np.array([4 * a * x[0] + 2 * b, 2 * a + 4 * b * x[1]])


def powell_singular(x):
    a, b, c, d = x[0] + 10 * x[1], x[2] - x[3], x[1] - 2 * x[2], x[0] - x[3]
    f = a * a + 5 * b * b + c**4 + 10 * d**4
    return f, np.array([2 * a + 40 * d**3, 20 * a + 4 * c**3, 10 * b - 8 * c**3, -10 * b - 40 * d**3])


def wood(x):
    a, b, c, d = x[1] - x[0] ** 2, x[3] - x[2] ** 2, x[1] + x[3] - 2, x[1] - x[3]
    f = 100 * a * a + (1 - x[0]) ** 2 + 90 * b * b + (1 - x[2]) ** 2 + 10 * c * c + 0.1 * d * d
    return f, np.array([-400 * a * x[0] - 2 * (1 - x[0]), 200 * a + 20 * c + 0.2 * d, -360 * b * x[2] - 2 * (1 - x[2]), 180 * b + 20 * c - 0.2 * d])


def broyden_tridiagonal(x):
    left = np.concatenate([[0.0], x[:-1]])
    right = np.concatenate([x[1:], [0.0]])
    r = (3 - 2 * x) * x - left - 2 * right + 1
    g = 2 * r * (3 - 4 * x)
    g[:-1] -= 2 * r[1:]
    g[1:] -= 4 * r[:-1]
    return float(r @ r), g


def trigonometric(x):
    n = len(x)
    i = np.arange(1, n + 1)
    r = n - np.sum(np.cos(x)) + i * (1 - np.cos(x)) - np.sin(x)
    g = 2 * np.sum(r) * np.sin(x) + 2 * r * (i * np.sin(x) - np.cos(x))
    return float(r @ r), g


def scaled_quadratic(x):
    n = len(x)
    k = 10.0 ** (4 * np.arange(n) / (n - 1))
    c = np.where(np.arange(n) % 2 == 0, 1.0, -1.0)
    s = np.sum(x)
    return float(0.5 * np.sum(k * (x - c) ** 2) + 0.5 * s * s), k * (x - c) + s


def hs45(x):
    p = np.prod(x)
    return 2 - p / 120, np.array([-np.prod(np.delete(x, i)) / 120 for i in range(len(x))])


PROBLEMS = [
    ("rosenbrock", rosenbrock, [-1.2, 1.0], None),
    ("driver1", driver1, [3.0] * 25, [(1.0, 100.0) if i % 2 == 0 else (-100.0, 100.0) for i in range(25)]),
    ("beale", beale, [1.0, 1.0], [(-4.5, 4.5)] * 2),
    ("himmelblau", himmelblau, [0.5, 0.5], [(0.0, 2.5), (-INF, 5.0)]),
    ("powellSingular", powell_singular, [3.0, -1.0, 0.0, 1.0], None),
    ("wood", wood, [-3.0, -1.0, -3.0, -1.0], [(-10.0, 10.0)] * 4),
    ("broydenTridiagonal", broyden_tridiagonal, [-1.0] * 50, None),
    ("trigonometric", trigonometric, [0.1] * 10, None),
    ("scaledQuadratic", scaled_quadratic, [0.0] * 30, [(-0.5, 0.75)] * 30),
    ("hs45", hs45, [2.0] * 5, [(0.0, float(i)) for i in range(1, 6)]),
]


def main():
    out = []
    for name, fun, start, bounds in PROBLEMS:
        for setting, options in (("default", {}), ("tight", {"ftol": 1e-14, "gtol": 1e-8})):
            result = minimize(fun, np.array(start), jac=True, method="L-BFGS-B", bounds=bounds, options=options)
            out.append(
                {
                    "problem": name,
                    "setting": setting,
                    "start": start,
                    "bounds": None if bounds is None else [[None if abs(v) == INF else v for v in pair] for pair in bounds],
                    "x": result.x.tolist(),
                    "value": float(result.fun),
                    "iterations": int(result.nit),
                    "evaluations": int(result.nfev),
                }
            )
    json.dump({"scipy": scipy.__version__, "runs": out}, sys.stdout, indent=1)
    sys.stdout.write("\n")


main()
