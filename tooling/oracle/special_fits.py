"""The rational approximations behind the special functions of @matheron/backend-cpu, fitted with mpmath.

    python -m venv /tmp/oracle && /tmp/oracle/bin/pip install -r tooling/oracle/requirements.txt
    /tmp/oracle/bin/python tooling/oracle/special_fits.py

writes packages/backend-cpu/src/numerics/special/rationals.ts. Each function is interpolated by P(t)/Q(t), Q(0) = 1, at the Chebyshev
nodes of its range, in 60 digits: within a factor of about two of the best approximation of these degrees. Where a constant with few
bits is taken off first, the rounding errors of the quotient weigh less. The largest error over 1001 points, relative to the whole
function, goes into the comment; the script fails if one exceeds the limit.
"""
import os

import mpmath as mp

mp.mp.dps = 60
OUT = os.path.join(os.path.dirname(__file__), '..', '..', 'packages', 'backend-cpu', 'src', 'numerics', 'special', 'rationals.ts')
TINY = mp.mpf(10) ** -25


def fit(f, a, b, p, q, constant):
    a, b = mp.mpf(a), mp.mpf(b)
    n = p + q + 1
    system, right = mp.matrix(n, n), mp.matrix(n, 1)
    for i in range(n):
        t = (a + b) / 2 + (b - a) / 2 * mp.cos(mp.pi * (2 * i + 1) / (2 * n))
        y = f(t) - constant
        for j in range(p + 1):
            system[i, j] = t ** j
        for j in range(1, q + 1):
            system[i, p + j] = -y * t ** j
        right[i] = y
    s = mp.lu_solve(system, right)
    numerator = [s[j] for j in range(p + 1)]
    denominator = [mp.mpf(1)] + [s[p + j] for j in range(1, q + 1)]
    error = 0
    for k in range(1001):
        t = a + (b - a) * k / 1000
        error = max(error, abs((mp.polyval(numerator[::-1], t) / mp.polyval(denominator[::-1], t) + constant) / f(t) - 1))
    return numerator, denominator, error


def erf_excess(w):
    """erf(x)/x - 1, w = x^2"""
    x = mp.sqrt(w)
    return mp.erf(x) / x - 1 if w > 0 else 2 / mp.sqrt(mp.pi) - 1


def erfcx(x):
    return mp.exp(x * x) * mp.erfc(x)


def erfcx_tail(s):
    """x erfcx(x), s = 1/x^2"""
    if s == 0:
        return 1 / mp.sqrt(mp.pi)
    x = 1 / mp.sqrt(s)
    return x * erfcx(x)


def erfcinv(q):
    x = mp.sqrt(-mp.log(q))
    for _ in range(100):
        step = (mp.erfc(x) - q) / (-2 / mp.sqrt(mp.pi) * mp.exp(-x * x))
        x -= step / (1 + x * step)
        if abs(step) < mp.mpf(10) ** -45:
            return x
    raise ArithmeticError(q)


def erfinv_centre(t):
    """erfinv(y)/y, t = 0.65 - y^2"""
    w = mp.mpf('0.65') - t
    return mp.erfinv(mp.sqrt(w)) / mp.sqrt(w) if w > TINY else mp.sqrt(mp.pi) / 2


def erfinv_tail(t):
    """erfinv(1 - q)/r, r = sqrt(-log q) = t + 1"""
    r = t + 1
    return erfcinv(mp.exp(-r * r)) / r


def erfinv_far_tail(t):
    """the same, r = t + 3"""
    return erfinv_tail(t + 2)


def lgamma1(t):
    """log Gamma(1 + t) / (t (t - 1))"""
    if abs(t) < TINY:
        return +mp.euler
    if abs(t - 1) < TINY:
        return 1 - mp.euler
    return mp.loggamma(1 + t) / (t * (t - 1))


def lgamma2(t):
    """log Gamma(2 + t) / (t (t + 1))"""
    return mp.loggamma(2 + t) / (t * (t + 1)) if abs(t) > TINY else 1 - mp.euler


def stirling(u):
    """x (log Gamma(x) - (x - 1/2) log x + x - log(2 pi)/2), u = 1/x^2"""
    if u == 0:
        return mp.mpf(1) / 12
    x = 1 / mp.sqrt(u)
    return x * (mp.loggamma(x) - (x - mp.mpf(1) / 2) * mp.log(x) + x - mp.log(2 * mp.pi) / 2)


ROOT = mp.findroot(mp.digamma, 1.4616)


def digamma1(t):
    """digamma(1 + t) / (1 + t - root)"""
    d = 1 + t - ROOT
    return mp.digamma(1 + t) / d if abs(d) > TINY else mp.polygamma(1, ROOT)


def digamma_tail(u):
    """x^2 (log x - 1/(2x) - digamma(x)), u = 1/x^2"""
    if u == 0:
        return mp.mpf(1) / 12
    x = 1 / mp.sqrt(u)
    return (mp.log(x) - 1 / (2 * x) - mp.digamma(x)) / u


FITS = [
    ('ERF', erf_excess, '0', '0.7225', 5, 6, 0, 'erf(x)/x − 1 in x², |x| ≤ 0.85'),
    ('ERFCX_SMALL', erfcx, '0', '1.25', 8, 8, mp.mpf(0.5), 'erfcx(x) − ½ in x, 0 ≤ x ≤ 1.25'),
    ('ERFCX_MIDDLE', erfcx, '1.25', '3', 8, 8, mp.mpf(0.25), 'erfcx(x) − ¼ in x, 1.25 ≤ x ≤ 3'),
    ('ERFCX_TAIL', erfcx_tail, '0', mp.mpf(1) / 9, 7, 7, mp.mpf(0.5625), 'x erfcx(x) − 9/16 in 1/x², x ≥ 3'),
    ('ERFINV_CENTRE', erfinv_centre, '0.0099', '0.65', 8, 8, mp.mpf(0.875), 'erfinv(y)/y − 7/8 in 0.65 − y², |y| ≤ 0.8'),
    ('ERFINV_TAIL', erfinv_tail, '0.25', '2.1', 8, 8, mp.mpf(0.75), 'erfinv(1 − q)/r − 3/4 in r − 1, r = √(−log q), 1.25 ≤ r ≤ 3.1'),
    ('ERFINV_FAR_TAIL', erfinv_far_tail, '0', '3.1', 8, 8, mp.mpf(0.9375), 'erfinv(1 − q)/r − 15/16 in r − 3, 3 ≤ r ≤ 6.1'),
    ('LGAMMA_1', lgamma1, '-0.15', '1', 8, 8, 0, 'log Γ(1 + t)/(t (t − 1)) in t, −0.15 ≤ t ≤ 1'),
    ('LGAMMA_2', lgamma2, '0', '1', 7, 7, 0, 'log Γ(2 + t)/(t (t + 1)) in t, 0 ≤ t ≤ 1'),
    ('STIRLING', stirling, '0', mp.mpf(1) / 64, 6, 0, 0, 'x (log Γ(x) − (x − ½) log x + x − ½ log 2π) in 1/x², x ≥ 8'),
    ('DIGAMMA_1', digamma1, '0', '1', 7, 7, 0, 'ψ(1 + t)/(1 + t − x₀) in t, x₀ the positive root, 0 ≤ t ≤ 1'),
    ('DIGAMMA_MIDDLE', digamma_tail, mp.mpf(1) / 16, mp.mpf(1) / 4, 6, 6, 0, 'x² (log x − 1/(2x) − ψ(x)) in 1/x², 2 ≤ x ≤ 4'),
    ('DIGAMMA_TAIL', digamma_tail, '0', mp.mpf(1) / 16, 5, 5, 0, 'the same, x ≥ 4'),
]
LIMIT = mp.mpf(2e-17)


def main():
    lines = [
        '// Written by tooling/oracle/special_fits.py (mpmath {}). Do not edit.'.format(mp.__version__),
        "import type { Rational } from './rational.ts';",
        '',
        '/** The positive root of ψ as a sum of two doubles. */',
        'export const DIGAMMA_ROOT: readonly [high: number, low: number] = [{!r}, {!r}];'.format(float(ROOT), float(ROOT - float(ROOT))),
    ]
    for name, f, a, b, p, q, constant, comment in FITS:
        numerator, denominator, error = fit(f, a, b, p, q, constant)
        print(name, mp.nstr(error, 3))
        if error > LIMIT:
            raise SystemExit('{}: relative error {}'.format(name, mp.nstr(error, 3)))
        lines += ['', '/** {}. Relative error {}. */'.format(comment, mp.nstr(error, 2)), 'export const {}: Rational = {{'.format(name)]
        for key, coefficients in (('numerator', numerator), ('denominator', denominator)):
            lines.append('  {}: [{}],'.format(key, ', '.join(repr(float(c)) for c in coefficients)))
        lines.append('};')
    with open(OUT, 'w') as file:
        file.write('\n'.join(lines) + '\n')


main()
