"""Correctly rounded values of the vectorised functions, for packages/backend-wasm/test/fixtures/accuracy.json.

    python tooling/oracle/backend-wasm/accuracy.py [points per function] > packages/backend-wasm/test/fixtures/accuracy.json

Each entry is { x, y?, z }: little-endian float64 in base64; z is mpmath's value in 100 digits, rounded once.
Points: uniform and logarithmic over every range where an implementation changes its method, the whole exponent range,
neighbours of the points where results overflow, underflow or vanish, subnormals, zeros, infinities, NaN.
"""
import base64
import json
import math
import random
import struct
import sys

from mpmath import mp, mpf

mp.dps = 100
mp.prec = 400
count = int(sys.argv[1]) if len(sys.argv) > 1 else 600
random.seed(20261125)
inf, nan = math.inf, math.nan


def uniform(a, b):
    return lambda: random.uniform(a, b)


def logarithmic(a, b, signed=True):
    return lambda: (random.choice((-1, 1)) if signed else 1) * math.exp2(random.uniform(a, b))


def near(*points):
    def draw():
        x = random.choice(points)
        for _ in range(random.choice((0, 1, 2, 3))):
            x = math.nextafter(x, random.choice((-inf, inf)))
        return x
    return draw


def close(*points):
    return lambda: random.choice(points) * (1 + random.choice((-1, 1)) * math.exp2(random.uniform(-52, -2)))


any_size = logarithmic(-1074, 1023.99)
any_positive = logarithmic(-1074, 1023.99, False)
subnormal = logarithmic(-1074, -1022)
special = [0.0, -0.0, inf, -inf, nan, 5e-324, -5e-324, 2.2250738585072014e-308, 1.7976931348623157e308, -1.7976931348623157e308, 1.0, -1.0, 2.0, 0.5, -0.5]
half_pi = float(mp.pi / 2)



functions = {
    "exp": (mp.exp, [uniform(-746, 710), uniform(-1, 1), any_size, near(709.782712893384, -745.1332191019412, -708.3964185322641, 0.34657359027997264), uniform(-746, -707)]),
    "expm1": (mp.expm1, [uniform(-45, 710), uniform(-1, 1), any_size, near(709.782712893384, 0.34657359027997264, -0.34657359027997264, -37.4), subnormal, uniform(-3, 3)]),
    "log": (mp.log, [any_positive, uniform(0, 4), close(1.0), near(1.0, math.sqrt(0.5), math.sqrt(2)), logarithmic(-1074, -1022, False), uniform(-2, 0)]),
    "log1p": (mp.log1p, [uniform(-1, 4), any_positive, logarithmic(-60, 0), near(-1.0, math.sqrt(0.5) - 1, math.sqrt(2) - 1), subnormal, close(-1.0), uniform(-3, -1)]),
    "tanh": (mp.tanh, [uniform(-25, 25), uniform(-1, 1), any_size, near(0.55, -0.55, 22.0, 19.06), subnormal]),
    "sigmoid": (lambda x: 1 / (1 + mp.exp(-x)), [uniform(-750, 750), uniform(-40, 40), uniform(-2, 2), any_size, near(-745.1332191019412, -708.3964185322641, 37.0)]),
    "softplus": (lambda x: mp.log1p(mp.exp(x)), [uniform(-750, 750), uniform(-40, 40), uniform(-2, 2), any_size, near(-745.1332191019412, -708.3964185322641, 37.0)]),
    "sin": (mp.sin, [uniform(-7, 7), uniform(-1e6, 1e6), any_size, lambda: random.randint(-500000, 500000) * half_pi, near(half_pi, 2 * half_pi, 823549.0), subnormal, logarithmic(-40, 0)]),
    "cos": (mp.cos, [uniform(-7, 7), uniform(-1e6, 1e6), any_size, lambda: random.randint(-500000, 500000) * half_pi, near(half_pi, 3 * half_pi, 823549.0), subnormal, logarithmic(-40, 0)]),
    "erf": (mp.erf, [uniform(-7, 7), uniform(-1.2, 1.2), any_size, near(1.0, -1.0, 6.0, 5.92), subnormal, logarithmic(-1022, 3)]),
    "lgamma": (mp.loggamma, [uniform(0, 3), uniform(0, 20), any_positive, close(1.0, 2.0), near(0.7, 1.5, 2.5, 8.0, 1.0, 2.0), logarithmic(-1074, 0, False), uniform(2, 9)]),
    "sqrt": (mp.sqrt, [any_positive, uniform(0, 4), logarithmic(-1074, -1022, False), uniform(-1, 0)]),
}


def reflected(x):
    return mp.log(abs(mp.gamma(mpf(x))))


def value(name, f, x):
    """IEEE results at special points, else f in 100 digits rounded once."""
    if math.isnan(x):
        return nan
    if x == 0 and name in ("expm1", "log1p", "tanh", "sin", "erf", "sqrt"):
        return x
    limits = {
        "exp": (0.0, inf), "expm1": (-1.0, inf), "log": (nan, inf), "log1p": (nan, inf), "tanh": (-1.0, 1.0), "sigmoid": (0.0, 1.0), "softplus": (0.0, inf),
        "sin": (nan, nan), "cos": (nan, nan), "erf": (-1.0, 1.0), "lgamma": (inf, inf), "sqrt": (nan, inf),
    }
    if math.isinf(x):
        return limits[name][x > 0]
    if name == "log" or name == "sqrt":
        if x < 0:
            return nan
        if x == 0:
            return -inf
    if name == "log1p":
        if x < -1:
            return nan
        if x == -1:
            return -inf
    if name == "lgamma":
        if x == 0 or (x < 0 and x == math.floor(x)):
            return inf
        if x in (1.0, 2.0):
            return 0.0
        if x < 0:
            return rounded(reflected(x)) if x > -100 else None
        if x > 1e305 * 2.5:
            return rounded(mpf(x) * (mp.log(mpf(x)) - 1))
    if name in ("exp", "expm1", "softplus") and x > 800:
        return inf if name != "softplus" else x
    if name in ("exp", "softplus") and x < -800:
        return 0.0
    if name == "expm1" and x < -800:
        return -1.0
    if name == "tanh" and abs(x) > 400:
        return math.copysign(1.0, x)
    if name == "sigmoid" and abs(x) > 800:
        return 1.0 if x > 0 else 0.0
    if name == "softplus" and x > 100:
        return x
    if name == "erf" and abs(x) > 30:
        return math.copysign(1.0, x)
    if name in ("sin", "cos") and abs(x) > 1e20:
        with mp.workprec(1600):
            return rounded(f(mpf(x)))
    return rounded(f(mpf(x)))


def rounded(m):
    """Nearest float64 with ties to even, subnormals and overflow included."""
    if m == 0:
        return 0.0
    sign, man, exponent, bits = m._mpf_
    top = exponent + bits  # 2^(top-1) <= |m| < 2^top
    lowest = max(top - 53, -1074)
    scaled = mpf(man) * mpf(2) ** (exponent - lowest)
    n = int(mp.floor(scaled))
    rest = scaled - n
    if rest > mpf(1) / 2 or (rest == mpf(1) / 2 and n % 2):
        n += 1
    try:
        r = math.ldexp(float(n), lowest)
    except OverflowError:
        r = inf
    return -r if sign else r


def pack(values):
    return base64.b64encode(struct.pack(f"<{len(values)}d", *values)).decode()


out = {}
for name, (f, draws) in functions.items():
    xs = [x for x in special]
    while len(xs) < count:
        try:
            xs.append(float(draws[len(xs) % len(draws)]()))
        except OverflowError:
            pass
    pairs = [(x, z) for x in xs if (z := value(name, f, x)) is not None]
    if name == "lgamma":  # near a zero on the negative axis only the absolute error can be small; tested apart
        pairs = [(x, z) for x, z in pairs if x >= 0 or x != x or z == inf]
    out[name] = {"x": pack([p[0] for p in pairs]), "z": pack([p[1] for p in pairs])}

negative = [random.uniform(-20, 0) for _ in range(count // 4)] + [-math.exp2(random.uniform(-300, 0)) for _ in range(count // 4)]
out["lgammaNegative"] = {"x": pack(negative), "z": pack([value("lgamma", mp.loggamma, x) for x in negative])}

draws = [
    lambda: (random.uniform(0, 10), random.uniform(-20, 20)),
    lambda: (math.exp2(random.uniform(-1074, 1023)), random.uniform(-2, 2)),
    lambda: (1 + random.choice((-1, 1)) * math.exp2(random.uniform(-52, -1)), random.choice((-1, 1)) * math.exp2(random.uniform(0, 60))),
    lambda: (random.uniform(-50, 50), float(random.randint(-30, 30))),
    lambda: ((b := math.exp2(random.uniform(-40, 40))), random.uniform(-745, 709.7) / math.log(b)),
    lambda: (random.uniform(-5, 0), random.uniform(-5, 5)),
    lambda: (math.exp2(random.uniform(-1074, 1023)), math.exp2(random.uniform(-60, -1))),
]
grid = [0.0, -0.0, inf, -inf, nan, 1.0, -1.0, 2.0, -2.0, 0.5, -0.5, 3.0, -3.0, 5e-324, 1.7976931348623157e308, 1e16 + 2]
points = [(x, y) for x in grid for y in grid]
while len(points) < len(grid) ** 2 + count:
    try:
        points.append(draws[len(points) % len(draws)]())
    except (ZeroDivisionError, OverflowError):
        pass


def power(x, y):
    if x == 1 or y == 0:
        return 1.0
    if x != x or y != y:
        return nan
    if math.isinf(x) or math.isinf(y) or x == 0:
        try:
            return math.pow(x, y)
        except (ValueError, OverflowError):  # Python raises where IEEE 754 divides by zero
            odd = y == math.floor(y) and abs(y) < 2**53 and int(y) % 2 == 1
            return math.copysign(inf, x) if odd else inf
    whole = y == math.floor(y)
    if x < 0 and not whole:
        return nan
    sign = -1.0 if x < 0 and abs(y) < 2**53 and int(y) % 2 else 1.0
    e = mpf(y) * mp.log(mpf(abs(x)))
    if e > 800:
        return sign * inf
    if e < -800:
        return sign * 0.0
    return sign * rounded(mp.exp(e))


out["pow"] = {"x": pack([p[0] for p in points]), "y": pack([p[1] for p in points]), "z": pack([power(x, y) for x, y in points])}
json.dump(out, sys.stdout, indent=1)
print()
