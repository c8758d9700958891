"""Derivatives by JAX (64 bit) and mpmath, for tests/autograd/fixtures/derivatives.json.

    python tooling/oracle/autograd.py > tests/autograd/fixtures/derivatives.json

Functions of factors are taken so that the factors' free signs cancel.
"""
import json

import jax

jax.config.update("jax_enable_x64", True)
import jax.numpy as jnp
import jax.scipy.linalg as jsl
import numpy as np
from mpmath import mp, mpf

mp.dps = 50
rng = np.random.default_rng(8)


def plain(x):
    return np.asarray(x).tolist()


out = {"gradients": {}, "special": {}}


def gradient(name, f, *x):
    """f is scalar; gradients of every argument, and the Hessian of the first."""
    x = [jnp.asarray(v, dtype=jnp.float64) for v in x]
    grads = jax.grad(f, argnums=tuple(range(len(x))))(*x)
    out["gradients"][name] = {
        "x": [plain(v) for v in x],
        "value": float(f(*x)),
        "gradients": [plain(g) for g in grads],
    }


def hessian(name, f, x):
    x = jnp.asarray(x, dtype=jnp.float64)
    gradient(name, f, x)
    out["gradients"][name]["hessian"] = plain(jax.hessian(f)(x))


a43 = rng.normal(size=(4, 3))
a33 = rng.normal(size=(3, 3))
spd = a33 @ a33.T + 3 * np.eye(3)
w43, w33 = np.arange(12.0).reshape(4, 3) / 10, np.arange(9.0).reshape(3, 3) / 10


def qr_value(a):
    q, r = jnp.linalg.qr(a)
    return jnp.sum(w43 * q**2) + jnp.sum(w33 * jnp.abs(r))


def eigh_value(a):
    w, v = jnp.linalg.eigh((a + a.T) / 2)
    return jnp.sum(w33 * v**2) + jnp.sum(w**3)


def svd_value(a):
    u, s, vt = jnp.linalg.svd(a, full_matrices=False)
    return jnp.sum(w43 * u**2) + jnp.sum(w33 * vt**2) + jnp.sum(s**3)


def lu_value(a):
    _, low, up = jsl.lu(a)
    return jnp.sum(w33 * low) + jnp.sum(w33 * up**2)


hessian("qr", qr_value, a43)
hessian("eigh", eigh_value, a33)
hessian("svd", svd_value, a43)
hessian("lu", lu_value, a33)
hessian("cholesky", lambda a: jnp.sum(w33 * jnp.linalg.cholesky(a)), spd)
hessian("solve", lambda a: jnp.sum(jnp.linalg.solve(a, w33)), spd)
hessian("logdet", lambda a: 2 * jnp.sum(jnp.log(jnp.diagonal(jnp.linalg.cholesky(a)))), spd)
hessian("prod with a zero", lambda x: jnp.prod(x), [2.0, 0.0, 3.0, 5.0])
hessian("prod with two zeros", lambda x: jnp.prod(x), [2.0, 0.0, 0.0, 5.0])
hessian("cumprod with a zero", lambda x: jnp.sum(jnp.cumprod(x) * jnp.arange(1.0, 5)), [2.0, 0.0, 3.0, 5.0])
gradient("max ties", lambda x: jnp.max(x), [3.0, 1.0, 3.0])
gradient("maximum ties", lambda x, y: jnp.sum(jnp.maximum(x, y)), [1.0, 2.0], [1.0, 3.0])
gradient("minimum ties", lambda x, y: jnp.sum(jnp.minimum(x, y)), [1.0, 2.0], [1.0, 3.0])
gradient("relu at 0", lambda x: jnp.sum(jax.nn.relu(x)), [0.0, -1.0, 2.0])
gradient("pow at base 0", lambda x, y: jnp.sum(jnp.power(x, y)), [0.0, 0.0, 0.0], [1.0, 2.0, 3.0])
hessian("square at 0", lambda x: jnp.sum(jnp.power(x, 2.0)), [0.0, 1.5])
gradient("mod", lambda x, y: jnp.sum(jnp.mod(x, y)), [5.2, -1.3], [2.0, 0.9])
gradient("arctan2", lambda x, y: jnp.sum(jnp.arctan2(x, y)), [1.0, -2.0], [0.0, -3.0])
hessian("logsumexp", lambda x: jax.scipy.special.logsumexp(x), [1000.0, 1000.5, 3.0])
hessian("softplus", lambda x: jnp.sum(jax.nn.softplus(x)), [-40.0, 0.0, 40.0])
hessian("sort", lambda x: jnp.sum(jnp.sort(x) ** 2 * jnp.arange(4.0)), [0.3, -1.0, 2.0, 0.1])
hessian("rosenbrock", lambda x: jnp.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2), [-1.2, 1.0, 0.5])


def special(name, orders, points):
    """[order][point], orders 1, 2, …"""
    out["special"][name] = {"x": points, "derivatives": [[float(d(mpf(x))) for x in points] for d in orders]}


special("digamma", [lambda x: mp.polygamma(1, x), lambda x: mp.polygamma(2, x), lambda x: mp.polygamma(3, x)], [0.1, 0.5, 1.0, 1.46163, 7.5, 300.0, 1e6, -0.5, -3.7])
special("lgamma", [mp.digamma, lambda x: mp.polygamma(1, x)], [0.1, 1.0, 7.5, 1e6, -0.5, -3.7])
erfcx = lambda x: mp.exp(x * x) * mp.erfc(x)
erfcx1 = lambda x: 2 * x * erfcx(x) - 2 / mp.sqrt(mp.pi)
special("erfcx", [erfcx1, lambda x: 2 * erfcx(x) + 2 * x * erfcx1(x)], [-3.0, -0.5, 0.0, 0.5, 3.0, 11.0, 13.0, 100.0, 1e5])
hazard = lambda x: mp.npdf(x) / mp.ncdf(x)
special("logNormalCdf", [hazard, lambda x: -hazard(x) * (x + hazard(x))], [-300.0, -30.0, -5.0, -0.5, 0.0, 0.5, 4.9, 5.1, 12.0, 40.0])
special("erf", [lambda x: 2 / mp.sqrt(mp.pi) * mp.exp(-x * x)], [-3.0, 0.0, 2.0])
special("erfinv", [lambda x: mp.sqrt(mp.pi) / 2 * mp.exp(mp.erfinv(x) ** 2)], [-0.9, 0.0, 0.5])
special("sigmoid", [lambda x: mp.exp(-x) / (1 + mp.exp(-x)) ** 2], [-700.0, -30.0, 0.0, 30.0, 700.0])
special("expm1", [mp.exp], [-50.0, -1.0, 0.0, 3.0])

print(json.dumps(out, indent=1).replace("Infinity", '"inf"'))
