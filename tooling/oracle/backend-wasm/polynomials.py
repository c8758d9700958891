"""Writes packages/backend-wasm/assembly/polynomials.ts: approximations by interpolation at Chebyshev nodes in 60 digits.

    python tooling/oracle/backend-wasm/polynomials.py > packages/backend-wasm/assembly/polynomials.ts

Interpolation there is within a small factor of the best approximation; each function is divided by its leading
behaviour first, so that the error bound printed beside it is a relative one.
"""
import struct

from mpmath import mp, mpf, cos, sin, exp, expm1, log, log1p, atanh, sqrt, pi, erf, erfc, loggamma, matrix, lu_solve, taylor, euler

mp.dps = 60


def interpolate(f, low, high, degree):
    n = degree + 1
    nodes = [(low + high) / 2 + (high - low) / 2 * cos(pi * (2 * k + 1) / (2 * n)) for k in range(n)]
    table = [f(x) for x in nodes]
    for j in range(1, n):  # Newton's divided differences, then expansion into powers
        for i in range(n - 1, j - 1, -1):
            table[i] = (table[i] - table[i - 1]) / (nodes[i] - nodes[i - j])
    poly = [table[-1]]
    for i in range(n - 2, -1, -1):
        shifted = [mpf(0)] + poly
        for k, c in enumerate(poly):
            shifted[k] -= nodes[i] * c
        shifted[0] += table[i]
        poly = shifted
    error = max(abs(sum(c * x**k for k, c in enumerate(poly)) - f(x)) for x in (low + (high - low) * (2 * k + 1) / 1001 for k in range(500)))
    return poly, error


def number(c):
    return repr(float(c))


def horner(poly, x):
    text = f"lit({number(poly[-1])})"
    for c in reversed(poly[:-1]):
        text = f"madd({text}, {x}, lit({number(c)}))"
    return text


def estrin(poly, powers):
    """powers: names of x, x², x⁴, x⁸."""
    terms = [f"lit({number(c)})" for c in poly]
    for p in powers:
        terms = [f"madd({terms[i + 1]}, {p}, {terms[i]})" if i + 1 < len(terms) else terms[i] for i in range(0, len(terms), 2)]
        if len(terms) == 1:
            return terms[0]
    raise ValueError("too few powers")


out = []


def emit(name, doc, variable, f, low, high, degree, form="horner"):
    poly, error = interpolate(f, mpf(low), mpf(high), degree)
    if form == "horner":
        body = f"  return {horner(poly, variable)};"
    else:
        powers = [f"{variable}{2**k}" if k else variable for k in range((len(poly) - 1).bit_length())]
        squares = ", ".join(f"{square} = mul({root}, {root})" for root, square in zip(powers, powers[1:]))
        body = f"  let {squares};\n  return {estrin(poly, powers)};"
    out.append(f"/** {doc} on [{mp.nstr(mpf(low), 6)}, {mp.nstr(mpf(high), 6)}], error {mp.nstr(error, 2)}. */\n@inline export function {name}({variable}: v128): v128 {{\n{body}\n}}\n")


tiny = mpf(10) ** -25


def expTail(r):
    return (expm1(r) - r) / r**2 if abs(r) > tiny else mpf(1) / 2


def logTail(z):
    s = sqrt(z)
    return (2 * atanh(s) / s - 2) / z if z > tiny else mpf(2) / 3


def logTail5(z):  # atanh(s)/s = 1 + z/3 + z²·this
    s = sqrt(z)
    return (atanh(s) / s - 1 - z / 3) / z**2 if z > mpf(10) ** -12 else mpf(1) / 5 + z / 7


def sinTail(z):
    x = sqrt(z)
    return (sin(x) / x - 1) / z if z > tiny else -mpf(1) / 6


def cosTail(z):
    x = sqrt(z)
    return (cos(x) - 1 + z / 2) / z**2 if z > mpf(10) ** -12 else mpf(1) / 24


def erfSmall(z):
    x = sqrt(z)
    return erf(x) / x - 1 if z > tiny else 2 / sqrt(pi) - 1


def erfcLarge(t):
    x = 3 * (1 + t) / (1 - t)
    return exp(x * x) * erfc(x)


def gammaOne(w):
    y = 1 + w
    return (loggamma(y) / w + euler) / w if abs(w) > tiny else pi**2 / 12


def gammaTwo(v):
    y = 2 + v
    return (loggamma(y) / ((y - 1) * (y - 2)) - 1 + euler) / v if abs(v) > tiny else (pi**2 / 6 - 1) / 2 - (1 - euler)


def stirling(u):  # u = 1/x²; (lgamma(x) - main terms)·x
    if u < mpf(10) ** -20:
        return mpf(1) / 12
    x = 1 / sqrt(u)
    return (loggamma(x) - (x - mpf(1) / 2) * log(x) + x - log(2 * pi) / 2) * x


z = ((sqrt(2) - 1) / (sqrt(2) + 1)) ** 2
emit("expNear", "(eʳ − 1 − r)/r²", "r", expTail, -log(2) / 128, log(2) / 128, 3, "estrin")
emit("expNearer", "(eʳ − 1 − r)/r²", "r", expTail, -log(2) / 128, log(2) / 128, 4, "estrin")
powers = [float(mpf(2) ** (mpf(j) / 64)) for j in range(64)]
rest = [float(mpf(2) ** (mpf(j) / 64) / p - 1) for j, p in enumerate(powers)]
bits = [struct.unpack("<d", struct.pack("<q", struct.unpack("<q", struct.pack("<d", p))[0] - (j << 46)))[0] for j, p in enumerate(powers)]
out.append(f"/** 2^(j/64) for j = 0 … 63, rounded, less j·2^46 in its bits: adding k·2^46 for k ≡ j modulo 64 gives 2^(k/64). */\nexport const powersOfTwo: usize = memory.data<f64>([{', '.join(map(repr, bits))}]);\n")
out.append(f"/** What is to be added to 1 for the rounding of each of them. */\nexport const powersRest: usize = memory.data<f32>([{', '.join(f'{x:.9g}' for x in rest)}]);\n")
emit("logTail", "(2 atanh(√z)/√z − 2)/z", "z", logTail, 0, z, 6, "estrin")
emit("logTail5", "(atanh(√z)/√z − 1 − z/3)/z²", "z", logTail5, 0, z, 7)
emit("sinTail", "(sin √z/√z − 1)/z", "z", sinTail, 0, (pi / 4) ** 2, 6, "estrin")
emit("cosTail", "(cos √z − 1 + z/2)/z²", "z", cosTail, 0, (pi / 4) ** 2, 5, "estrin")
emit("erfSmall", "erf(√z)/√z − 1", "z", erfSmall, 0, 1, 11)
emit("erfcLarge", "e^(x²) erfc(x) at x = 3(1 + t)/(1 − t)", "t", erfcLarge, -mpf(1) / 2, mpf(1) / 3, 15)
emit("gammaOne", "(log Γ(1 + w)/w + γ)/w", "w", gammaOne, -mpf("0.3"), mpf("0.25"), 17)
emit("gammaTwo", "(log Γ(2 + v)/(v (v + 1)) − 1 + γ)/v", "v", gammaTwo, -mpf("0.75"), mpf("0.5"), 18)
emit("stirling", "(log Γ(x) − (x − ½) log x + x − ½ log 2π)·x at u = 1/x²", "u", stirling, 0, mpf(1) / 64, 6)

print("// Generated by tooling/oracle/backend-wasm/polynomials.py; do not edit.")
print('import { lit, madd, mul } from "./simd";\n')
print("\n".join(out), end="")
