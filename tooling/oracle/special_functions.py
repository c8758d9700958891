"""Fixtures of the special functions of @matheron/backend-cpu, computed with mpmath.

    python -m venv /tmp/oracle && /tmp/oracle/bin/pip install -r tooling/oracle/requirements.txt
    /tmp/oracle/bin/python tooling/oracle/special_functions.py

writes packages/backend-cpu/test/fixtures/special-functions.json: per function a list of [x, f(x)], NaN, ±Infinity and -0 as strings.
Arguments are spread evenly (by the golden ratio) over each range, on a logarithmic scale where the range is given by exponents, with
both neighbours of each point where an implementation usually changes its formula. `--points N --out FILE` writes a denser set.
"""
import argparse
import json
import math
import os

import mpmath as mp

mp.mp.dps = 50
OUT = os.path.join(os.path.dirname(__file__), '..', '..', 'packages', 'backend-cpu', 'test', 'fixtures', 'special-functions.json')
INF = math.inf


def erfcx(x):
    return mp.exp(x * x) * mp.erfc(x)


def erfcx_any(x):
    return 1 / (x * mp.sqrt(mp.pi)) if x > 1e20 else erfcx(x)


def erfinv(y):
    if abs(y) == 1:
        return mp.sign(y) * mp.inf
    if abs(y) > 1:
        return mp.nan
    if abs(y) < 0.5:
        return mp.erfinv(y)
    q = 1 - abs(y)
    x = mp.sqrt(-mp.log(q))
    for _ in range(200):
        step = (mp.erfc(x) - q) / (-2 / mp.sqrt(mp.pi) * mp.exp(-x * x))
        x -= step / (1 + x * step)
        if abs(step) < mp.mpf(10) ** -45:
            return x * mp.sign(y)
    raise ArithmeticError(y)


def lgamma(x):
    if x == mp.floor(x) and x <= 0:
        return mp.inf
    return mp.re(mp.loggamma(x)) if x > 0 else mp.log(abs(mp.pi / mp.sin(mp.pi * x))) - mp.loggamma(1 - x)


def digamma(x):
    return mp.nan if x == mp.floor(x) and x <= 0 else mp.digamma(x)


def log_normal_cdf(x):
    if x < -1e15:
        return -x * x / 2 - mp.log(-x * mp.sqrt(2 * mp.pi))
    return mp.log(mp.erfc(-x / mp.sqrt(2)) / 2) if x < 0 else mp.log1p(-mp.erfc(x / mp.sqrt(2)) / 2)


def softplus(x):
    return mp.log1p(mp.exp(x)) if x < 100 else x + mp.log1p(mp.exp(-x))


def sigmoid(x):
    return 1 / (1 + mp.exp(-x))


# name: (function, ranges (a, b), decades (sign, exponent a, exponent b), breakpoints, exact values)
FUNCTIONS = {
    'erf': (mp.erf, [(-1, 1), (0, 6)], [(1, -320, 0), (-1, -20, 0)], [0.84375, 0.85, 1.25, 6], [(0.0, 0.0), (-0.0, -0.0), (INF, 1), (-INF, -1)]),
    'erfc': (mp.erfc, [(-1, 1), (-6, 28), (26, 27.3)], [(1, -20, 1.4), (-1, -20, 1)], [0.25, 0.5, 0.84375, 0.85, 1.25, 3, 27.2], [(0.0, 1), (INF, 0), (-INF, 2)]),
    'erfcx': (erfcx_any, [(-1, 4), (-26.6, 0), (0, 60)], [(1, -20, 300), (-1, -20, 1.4)], [0.85, 1.25, 3, 28], [(0.0, 1), (INF, 0), (-INF, INF)]),
    'erfinv': (erfinv, [(-1, 1), (0.7, 1)], [(1, -320, 0), (-1, -20, 0)], [0.5, 0.8, 0.85, 1 - math.exp(-9)], [(0.0, 0.0), (-0.0, -0.0), (1.0, INF), (-1.0, -INF), (1.5, math.nan)]),
    'lgamma': (lgamma, [(0, 4), (0.8, 1.2), (1.8, 2.2), (3, 40), (-2, 0), (-40, -2)], [(1, -320, 306), (-1, -300, 1)], [0.875, 1, 2, 3, 8, -1, -2, -3], [(0.0, INF), (INF, INF), (-INF, INF), (-5.0, INF)]),
    'digamma': (digamma, [(0, 4), (1.4, 1.5), (2, 40), (-1, 0), (-20, -1)], [(1, -300, 300), (-1, -300, 1)], [1, 1.4616321449683622, 2, 4, 10], [(0.0, -INF), (-0.0, INF), (INF, INF), (-INF, math.nan), (-3.0, math.nan)]),
    'logNormalCdf': (log_normal_cdf, [(-3, 3), (-40, 38), (36, 38.4)], [(-1, -20, 150), (1, -20, 1)], [0], [(INF, 0), (-INF, -INF)]),
    'softplus': (softplus, [(-40, 40), (-745, -700)], [(1, -20, 300), (-1, -20, 2.8)], [0], [(INF, INF), (-INF, 0)]),
    'sigmoid': (sigmoid, [(-40, 40), (-745, -700)], [(1, -20, 2), (-1, -20, 2.8)], [0], [(INF, 1), (-INF, 0)]),
    'logSigmoid': (lambda x: -softplus(-x), [(-40, 40), (700, 745)], [(-1, -20, 300), (1, -20, 2.8)], [0], [(INF, 0), (-INF, -INF)]),
}


def spread(count):
    golden = (math.sqrt(5) - 1) / 2
    return [(0.5 + i * golden) % 1 for i in range(count)]


def arguments(ranges, decades, breakpoints, points):
    count = max(1, points // (len(ranges) + len(decades)))
    for a, b in ranges:
        yield from (a + (b - a) * t for t in spread(count))
    for sign, a, b in decades:
        yield from (sign * 10.0 ** (a + (b - a) * t) for t in spread(count))
    for x in breakpoints:
        yield from (math.nextafter(x, -INF), float(x), math.nextafter(x, INF))


def encode(x):
    x = float(x)
    if math.isnan(x):
        return 'NaN'
    if math.isinf(x):
        return 'Infinity' if x > 0 else '-Infinity'
    return '-0' if x == 0 and math.copysign(1, x) < 0 else x


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--points', type=int, default=150)
    parser.add_argument('--out', default=OUT)
    options = parser.parse_args()
    table = {}
    for name, (f, ranges, decades, breakpoints, exact) in FUNCTIONS.items():
        rows = [[encode(x), encode(y)] for x, y in exact] + [['NaN', 'NaN']]
        for x in arguments(ranges, decades, breakpoints, options.points):
            if x != 0:
                rows.append([encode(x), encode(f(mp.mpf(x)))])
        table[name] = rows
    with open(options.out, 'w') as file:
        file.write('{\n' + ',\n'.join('"{}": [\n{}\n]'.format(name, ',\n'.join(json.dumps(row) for row in rows)) for name, rows in table.items()) + '\n}\n')


main()
