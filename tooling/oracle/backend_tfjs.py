"""Polynomials behind the special functions that @matheron/backend-tfjs composes of elementwise kernels, fitted with mpmath.

    python -m venv /tmp/oracle && /tmp/oracle/bin/pip install -r tooling/oracle/requirements.txt
    /tmp/oracle/bin/python tooling/oracle/backend_tfjs.py

writes packages/backend-tfjs/src/compose/fits.ts. Each function is interpolated at the Chebyshev nodes of its range, in 60 digits. The largest
error over 1001 points, relative to the function, goes into the comment; the script fails where one exceeds its dtype's limit.
"""
import os

import mpmath as mp

mp.mp.dps = 60
OUT = os.path.join(os.path.dirname(__file__), '..', '..', 'packages', 'backend-tfjs', 'src', 'compose', 'fits.ts')
TINY = mp.mpf(10) ** -25


def fit(f, a, b, degree):
    a, b = mp.mpf(a), mp.mpf(b)
    n = degree + 1
    system, right = mp.matrix(n, n), mp.matrix(n, 1)
    for i in range(n):
        t = (a + b) / 2 + (b - a) / 2 * mp.cos(mp.pi * (2 * i + 1) / (2 * n))
        for j in range(n):
            system[i, j] = t ** j
        right[i] = f(t)
    c = list(mp.lu_solve(system, right))
    error = max(abs(mp.polyval(c[::-1], a + (b - a) * k / 1000) / f(a + (b - a) * k / 1000) - 1) for k in range(1001))
    return c, error


def erf_ratio(w):
    """erf(x)/x, w = x^2"""
    x = mp.sqrt(w)
    return mp.erf(x) / x if w > 0 else 2 / mp.sqrt(mp.pi)


def scaled_erfcx(t):
    """(1/2 + x) erfcx(x), t = (x - 2)/(x + 2)"""
    if t > 1 - TINY:
        return 1 / mp.sqrt(mp.pi)
    x = 2 * (1 + t) / (1 - t)
    if x > 12:  # asymptotic series, where exp(x^2) would need more digits
        s, term = mp.mpf(0), mp.mpf(1)
        for k in range(70):
            s += term
            term *= -(2 * k + 1) / (2 * x * x)
        return (mp.mpf(1) / 2 + x) * s / (x * mp.sqrt(mp.pi))
    with mp.workdps(60 + int(x * x)):
        return (mp.mpf(1) / 2 + x) * mp.exp(x * x) * mp.erfc(x)


def lgamma2(t):
    """log Gamma(2 + t) / (t (t + 1))"""
    if abs(t) < TINY:
        return 1 - mp.euler
    if abs(t + 1) < TINY:
        return +mp.euler
    return mp.loggamma(2 + t) / (t * (t + 1))


def stirling(u):
    """x (log Gamma(x) - (x - 1/2) log x + x - log(2 pi)/2), u = 1/x^2"""
    if u == 0:
        return mp.mpf(1) / 12
    x = 1 / mp.sqrt(u)
    return x * (mp.loggamma(x) - (x - mp.mpf(1) / 2) * mp.log(x) + x - mp.log(2 * mp.pi) / 2)


def digamma_tail(u):
    """x^2 (log x - 1/(2x) - digamma(x)), u = 1/x^2"""
    if u == 0:
        return mp.mpf(1) / 12
    x = 1 / mp.sqrt(u)
    return (mp.log(x) - 1 / (2 * x) - mp.digamma(x)) / u


def expm1_ratio(x):
    return mp.expm1(x) / x if abs(x) > TINY else mp.mpf(1)


def log1p_ratio(w):
    """atanh(s)/s, w = s^2"""
    s = mp.sqrt(w)
    return mp.atanh(s) / s if w > TINY else mp.mpf(1)


def sine_ratio(w):
    """sin(r)/r, w = r^2"""
    r = mp.sqrt(w)
    return mp.sin(r) / r if w > TINY else mp.mpf(1)


def cosine(w):
    return mp.cos(mp.sqrt(w))


LIMITS = {'float32': mp.mpf(2) ** -26, 'float64': mp.mpf(2) ** -54}
FITS = [
    ('erfRatio', erf_ratio, '0', '0.7225', {'float32': 6, 'float64': 13}, 'erf(x)/x in x², |x| ≤ 0.85'),
    ('scaledErfcx', scaled_erfcx, '-1', '1', {'float32': 12, 'float64': 28}, '(½ + x) erfcx(x) in (x − 2)/(x + 2), x ≥ 0'),
    ('lgammaRatio', lgamma2, '-1', '1', {'float32': 12, 'float64': 27}, 'log Γ(2 + t)/(t (t + 1)) in t, |t| ≤ 1'),
    ('stirling', stirling, '0', mp.mpf(1) / 9, {'float32': 4}, 'x (log Γ(x) − (x − ½) log x + x − ½ log 2π) in 1/x², x ≥ 3'),
    ('digammaTail', digamma_tail, '0', mp.mpf(1) / 16, {'float32': 4}, 'x² (log x − 1/(2x) − ψ(x)) in 1/x², x ≥ 4'),
    ('expm1Ratio', expm1_ratio, '-0.5', '0.5', {'float32': 7}, '(exp(x) − 1)/x, |x| ≤ ½'),
    ('log1pRatio', log1p_ratio, '0', '0.0625', {'float32': 4}, 'artanh(s)/s in s² = (x/(2 + x))², −0.4 ≤ x ≤ 0.6'),
    ('sineRatio', sine_ratio, '0', '0.63', {'float32': 4}, 'sin(r)/r in r², |r| ≤ π/4'),
    ('cosine', cosine, '0', '0.63', {'float32': 5}, 'cos(r) in r², |r| ≤ π/4'),
]


def main():
    lines = [
        '// Written by tooling/oracle/backend_tfjs.py (mpmath {}). Do not edit.'.format(mp.__version__),
        '',
        '/** Coefficients of polynomials, the constant first, for each dtype that needs them. */',
        'export type Fit = { readonly float32: readonly number[]; readonly float64?: readonly number[] };',
    ]
    for name, f, a, b, degrees, what in FITS:
        lines += ['', '/** {}. */'.format(what), 'export const {}: Fit = {{'.format(name)]
        for dtype, degree in degrees.items():
            c, error = fit(f, a, b, degree)
            print(name, dtype, degree, mp.nstr(error, 3))
            if error > LIMITS[dtype]:
                raise SystemExit('{} in {}: relative error {}'.format(name, dtype, mp.nstr(error, 3)))
            lines += ['  // relative error {}'.format(mp.nstr(error, 2)), '  {}: [{}],'.format(dtype, ', '.join(repr(float(v)) for v in c))]
        lines.append('};')
    with open(OUT, 'w') as out:
        out.write('\n'.join(lines) + '\n')


main()
