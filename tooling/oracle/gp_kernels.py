"""Kernel matrices, a regression and priors from scikit-learn and SciPy, for packages/gp-kernels and packages/gp.

Usage: python gp_kernels.py (from tooling/oracle, with requirements.txt installed)
"""
import json
from pathlib import Path

import numpy as np
from scipy import stats
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import (RBF, ConstantKernel, DotProduct, ExpSineSquared, Matern, RationalQuadratic, WhiteKernel)

root = Path(__file__).resolve().parents[2] / 'packages'
rng = np.random.default_rng(20240117)
X = rng.uniform(-2, 2, (7, 3))
X[6] = X[2]
Z = rng.uniform(-2, 2, (4, 3))
Z[0] = X[1]


def case(name, expression, kernel, x=X, z=Z):
    return {'name': name, 'expression': expression, 'X': x.tolist(), 'Z': z.tolist(), 'K_XX': kernel(x).tolist(), 'K_XZ': kernel(x, z).tolist(), 'diagonal': kernel.diag(x).tolist()}


ell = [0.7, 1.3, 2.1]
text = '[0.7, 1.3, 2.1]'
one, two = X[:, :1], Z[:, :1]
cases = [
    case('rbf', 'rbf(lengthscale=0.7)', RBF(0.7)),
    case('rbf ard', f'rbf(lengthscale={text})', RBF(ell)),
    case('matern12', 'matern12(lengthscale=0.7)', Matern(0.7, nu=0.5)),
    case('matern12 ard', f'matern12(lengthscale={text})', Matern(ell, nu=0.5)),
    case('matern32', 'matern32(lengthscale=0.7)', Matern(0.7, nu=1.5)),
    case('matern32 ard', f'matern32(lengthscale={text})', Matern(ell, nu=1.5)),
    case('matern52', 'matern52(lengthscale=0.7)', Matern(0.7, nu=2.5)),
    case('matern52 ard', f'matern52(lengthscale={text})', Matern(ell, nu=2.5)),
    case('rational quadratic', 'rq(lengthscale=0.7, alpha=0.4)', RationalQuadratic(0.7, alpha=0.4)),
    case('periodic', 'periodic(lengthscale=0.9, period=1.7)', ExpSineSquared(0.9, 1.7), one, two),
    case('linear', 'linear(variance=2.5)', ConstantKernel(2.5) * DotProduct(0)),
    case('linear with intercept', 'linear + constant(value=1.44)', DotProduct(1.2)),
    case('polynomial', 'polynomial(degree=3, offset=1.44)', DotProduct(1.2) ** 3),
    case('white', 'white(noise_variance=0.3)', WhiteKernel(0.3)),
    case('scale', 'scale(rbf(lengthscale=0.7), outputscale=3)', ConstantKernel(3) * RBF(0.7)),
    case('a number', '3 * rbf(lengthscale=0.7)', ConstantKernel(3) * RBF(0.7)),
    case('sum of products', f'2 * rbf(lengthscale={text}) * rq(alpha=2) + 0.5 * (matern32 + constant(value=0.2)) + white(noise_variance=0.1)',
         ConstantKernel(2) * RBF(ell) * RationalQuadratic(1, alpha=2) + ConstantKernel(0.5) * (Matern(1, nu=1.5) + ConstantKernel(0.2)) + WhiteKernel(0.1)),
]


class Columns:
    """A kernel of scikit-learn on some columns."""

    def __init__(self, kernel, columns):
        self.kernel, self.columns = kernel, columns

    def __call__(self, x, z=None):
        return self.kernel(x[:, self.columns], None if z is None else z[:, self.columns])

    def diag(self, x):
        return self.kernel.diag(x[:, self.columns])


cases.append(case('columns', 'rbf(lengthscale=[0.7, 2.1])[0, 2]', Columns(RBF([0.7, 2.1]), [0, 2])))
cases.append(case('columns in another order', 'rbf(lengthscale=[2.1, 0.7])[2, 0]', Columns(RBF([2.1, 0.7]), [2, 0])))

x = np.array([0.05, 0.3, 1.0, 2.7, 9.0])
priors = [
    {'type': 'gamma', 'options': {'mean': 2, 'alpha': 3}, 'x': x.tolist(), 'negLogDensity': (-stats.gamma(3, scale=2 / 3).logpdf(x)).tolist(), 'meanOfSamples': 2, 'stdOfSamples': 2 / 3**0.5},
    {'type': 'log-normal', 'options': {'mean': -4, 'sigma': 1.2}, 'x': x.tolist(), 'negLogDensity': (-stats.lognorm(1.2, scale=np.exp(-4)).logpdf(x)).tolist(), 'medianOfSamples': float(np.exp(-4))},
    {'type': 'normal', 'options': {'mean': 0.5, 'sigma': 0.75}, 'x': x.tolist(), 'negLogDensity': (-stats.norm(0.5, 0.75).logpdf(x)).tolist(), 'meanOfSamples': 0.5, 'stdOfSamples': 0.75},
    {'type': 'uniform', 'options': {'lower': 0.1, 'upper': 4}, 'x': [0.3, 1.0, 2.7], 'negLogDensity': (-stats.uniform(0.1, 3.9).logpdf([0.3, 1.0, 2.7])).tolist(), 'meanOfSamples': 2.05, 'stdOfSamples': 3.9 / 12**0.5},
]

Xr = rng.uniform(0, 5, (25, 2))
yr = np.sin(Xr[:, 0]) + 0.3 * Xr[:, 1] ** 2 + 0.1 * rng.standard_normal(25)
Zr = rng.uniform(0, 6, (6, 2))
k = ConstantKernel(1.7) * Matern([1.2, 2.3], nu=2.5) + WhiteKernel(0.05)
gp = GaussianProcessRegressor(k, alpha=0, optimizer=None).fit(Xr, yr)
mean, cov = gp.predict(Zr, return_cov=True)
value, gradient = gp.log_marginal_likelihood(k.theta, eval_gradient=True)
# columns of theta: log outputscale, log lengthscales, log noise
regression = {
    'X': Xr.tolist(), 'y': yr.tolist(), 'Z': Zr.tolist(), 'outputscale': 1.7, 'lengthscale': [1.2, 2.3], 'noise': 0.05,
    # the predictive covariance of scikit-learn includes the white kernel's diagonal
    'mean': mean.tolist(), 'covariance': (cov - 0.05 * np.eye(6)).tolist(), 'logMarginalLikelihood': value, 'gradient': gradient.tolist(),
}

# Branin on the unit square, targets standardized: a fit with gpautograd's bounds, no mean and no priors
u = rng.uniform(0, 1, (60, 2))


def branin(v):
    a, b = 15 * v[:, 0] - 5, 15 * v[:, 1]
    return (b - 5.1 / (4 * np.pi**2) * a**2 + 5 / np.pi * a - 6) ** 2 + 10 * (1 - 1 / (8 * np.pi)) * np.cos(a) + 10


yb = branin(u)
yb = (yb - yb.mean()) / yb.std()
kb = ConstantKernel(1, (1e-3, 1e3)) * Matern([1, 1], (1e-2, 1e4), nu=2.5) + WhiteKernel(1e-3, (1e-9, 1e6))
fitted = GaussianProcessRegressor(kb, alpha=0, n_restarts_optimizer=5, random_state=3).fit(u, yb)
tb = rng.uniform(0, 1, (40, 2))
mb, sb = fitted.predict(tb, return_std=True)
noise = float(np.exp(fitted.kernel_.theta[-1]))
regression['branin'] = {'X': u.tolist(), 'y': yb.tolist(), 'Z': tb.tolist(), 'mean': mb.tolist(), 'std': np.sqrt(np.maximum(sb**2 - noise, 0)).tolist(), 'logMarginalLikelihood': fitted.log_marginal_likelihood_value_}

out = root / 'gp-kernels/test/fixtures/kernels.json'
out.parent.mkdir(parents=True, exist_ok=True)
out.write_text(json.dumps({'kernels': cases, 'priors': priors}) + '\n')
out = root / 'gp/test/data/scikit-learn.json'
out.write_text(json.dumps(regression) + '\n')
