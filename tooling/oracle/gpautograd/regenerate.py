"""Recomputes the gpautograd fixtures of packages/gp with Syne Tune itself.

    python -m venv v && v/bin/pip install -r requirements.txt          (Python 3.9 to 3.11)
    v/bin/python regenerate.py                  compares: the largest difference from the committed files, a line a file
    v/bin/python regenerate.py --write          writes them
    v/bin/python regenerate.py --seed 7 --out /tmp/other     the same cases on other inputs, for MATHERON_GPAUTOGRAD_FIXTURES

Inputs (X, y, hyperparameters, seeds) are read from the committed files; every output is computed anew. gluon_names.json is not of Syne Tune's numbers and is
copied.
"""
import argparse
import json
import re
from pathlib import Path

import autograd.numpy as anp
import numpy as np
from autograd import grad, value_and_grad

import syne_tune.optimizer.schedulers.searchers.bayesopt.gpautograd as package
from syne_tune.optimizer.schedulers.searchers.bayesopt.gpautograd import constants, custom_op, distribution, warping
from syne_tune.optimizer.schedulers.searchers.bayesopt.gpautograd.constants import MCMCConfig, OptimizationConfig
from syne_tune.optimizer.schedulers.searchers.bayesopt.gpautograd.gluon_blocks_helpers import (IdentityScalarEncoding, LogarithmScalarEncoding, PositiveScalarEncoding)
from syne_tune.optimizer.schedulers.searchers.bayesopt.gpautograd.gp_regression import GaussianProcessRegression
from syne_tune.optimizer.schedulers.searchers.bayesopt.gpautograd.gpr_mcmc import GPRegressionMCMC
from syne_tune.optimizer.schedulers.searchers.bayesopt.gpautograd.hypertune.gp_model import HyperTuneDistributionArguments, HyperTuneIndependentGPModel
from syne_tune.optimizer.schedulers.searchers.bayesopt.gpautograd.hypertune.utils import hypertune_ranking_losses
from syne_tune.optimizer.schedulers.searchers.bayesopt.gpautograd.independent.likelihood import IndependentGPPerResourceMarginalLikelihood
from syne_tune.optimizer.schedulers.searchers.bayesopt.gpautograd.kernel import (
    CrossValidationKernelFunction, CrossValidationMeanFunction, ExponentialDecayResourcesKernelFunction, ExponentialDecayResourcesMeanFunction, FabolasKernelFunction,
    FreezeThawKernelFunction, FreezeThawMeanFunction, Matern52, ProductKernelFunction, RangeKernelFunction)
from syne_tune.optimizer.schedulers.searchers.bayesopt.gpautograd.kernel.base import SquaredDistance
from syne_tune.optimizer.schedulers.searchers.bayesopt.gpautograd.learncurve.freeze_thaw import ExponentialDecayBaseKernelFunction
from syne_tune.optimizer.schedulers.searchers.bayesopt.gpautograd.learncurve.likelihood import GaussAdditiveMarginalLikelihood
from syne_tune.optimizer.schedulers.searchers.bayesopt.gpautograd.learncurve.model_params import IndependentISSModelParameters
from syne_tune.optimizer.schedulers.searchers.bayesopt.gpautograd.likelihood import GaussianProcessMarginalLikelihood
from syne_tune.optimizer.schedulers.searchers.bayesopt.gpautograd.mean import ScalarMeanFunction, ZeroMeanFunction
from syne_tune.optimizer.schedulers.searchers.bayesopt.gpautograd.optimization_utils import ParamVecDictConverter, add_regularizer_to_criterion
from syne_tune.optimizer.schedulers.searchers.bayesopt.gpautograd.posterior_state import IncrementalUpdateGPPosteriorState
from syne_tune.optimizer.schedulers.searchers.bayesopt.gpautograd.slice import SliceSampler
from syne_tune.optimizer.schedulers.searchers.bayesopt.gpautograd.target_transform import BoxCoxTargetTransform

folder = Path(__file__).resolve().parents[3] / 'packages/gp/test/fixtures'
A = np.array


def plain(x):
    """Numbers, lists and dictionaries; non-finite numbers as strings."""
    if isinstance(x, dict):
        return {str(k): plain(v) for k, v in x.items()}
    if isinstance(x, (list, tuple)):
        return [plain(v) for v in x]
    if isinstance(x, np.ndarray):
        return plain(x.tolist())
    if isinstance(x, (bool, np.bool_)):
        return bool(x)
    if isinstance(x, np.integer):
        return int(x)
    if isinstance(x, (float, np.floating)):
        return 'nan' if np.isnan(x) else 'inf' if x == np.inf else '-inf' if x == -np.inf else float(x)
    return x


def initialized(block):
    block.initialize()
    return block


def internal_of(block):
    return {name: np.array(p.data()) for name, p in block.collect_params().items()}


def gradient(block, fn):
    """d fn / d internal values, by parameter name."""
    params = dict(block.collect_params().items())
    converter = ParamVecDictConverter(params)
    start = converter.to_vec()

    def run(vec):
        converter.from_vec(vec)
        return fn()

    g = grad(lambda v: anp.sum(run(v)) + 0.0 * anp.sum(v))(start)
    converter.from_vec(start)
    return {name: g[converter.name_to_index[name]] for name in converter.names}


class Inputs:
    """Inputs as committed, or others of the same form."""

    def __init__(self, seed):
        self.rng = None if seed is None else np.random.RandomState(seed)

    def points(self, x):
        """Rows in the unit cube; equal rows stay equal."""
        x = A(x)
        if self.rng is None:
            return x
        other = {row.tobytes(): self.rng.uniform(size=row.shape) for row in x}
        return A([other[row.tobytes()] for row in x])

    def extended(self, x):
        """Points whose last column, a resource, stays."""
        x = A(x)
        return np.hstack((self.points(x[:, :-1]), x[:, -1:])) if self.rng is not None else x

    def values(self, y, scale=0.3):
        y = A(y)
        return y if self.rng is None else y + scale * self.rng.standard_normal(y.shape)

    def positive(self, y):
        return A(y) if self.rng is None else A(y) * np.exp(0.2 * self.rng.standard_normal(A(y).shape))

    def weights(self, w):
        return A(w) if self.rng is None else self.rng.standard_normal(A(w).shape)

    def params(self, params, shake=0.2):
        """Positive values are scaled, within the tightest bounds there are."""
        if self.rng is None:
            return params
        out = {}
        for k, v in params.items():
            vec = np.atleast_1d(v).astype(float)
            if 'delta' in k or 'lambda' in k or 'beta' in k or 'mean_value' in k or k.endswith('u3'):
                new = vec + (0.1 * self.rng.uniform() if 'delta' not in k else 0.0)
            else:
                new = vec * np.exp(-shake * self.rng.uniform(size=vec.shape))
            if vec[0] in (1.1000000000000016e-09,):
                new = vec
            out[k] = new.tolist() if isinstance(v, list) else float(new[0])
        return out


def constants_file(_, f):
    out = {k: getattr(constants, k) for k in f if k.isupper() and not k.startswith('DEFAULT_OPT') and not k.startswith('DEFAULT_MCMC')}
    o, m = constants.DEFAULT_OPTIMIZATION_CONFIG, constants.DEFAULT_MCMC_CONFIG
    out['DEFAULT_OPTIMIZATION_CONFIG'] = {k: getattr(o, k) for k in f['DEFAULT_OPTIMIZATION_CONFIG']}
    out['DEFAULT_MCMC_CONFIG'] = {k: getattr(m, k) for k in f['DEFAULT_MCMC_CONFIG']}
    return {**f, **out}


def encodings(_, f):
    cases = []
    for c in f['cases']:
        a = c['args']
        if c['type'] == 'logarithm':
            e = LogarithmScalarEncoding(**a)
        elif c['type'] == 'positive':
            e = PositiveScalarEncoding(lower=a['constr_lower'], constr_upper=a['constr_upper'], init_val=a['init_val'])
        else:
            e = IdentityScalarEncoding(**a)
        out = {**c, 'init_val_int': e.init_val_int, 'constraints': e.constraints, 'constraints_internal': e.constraints_internal}
        if 'internal_in' in c:
            out['get_out'] = [float(e.get(v)) for v in c['internal_in']]
            out['get_grad'] = [float(grad(e.get)(float(v))) for v in c['internal_in']]
            out['decode_out'] = [float(e.decode(v, 'v')) for v in c['external_in']]
        cases.append(out)
    return {**f, 'cases': cases}


def distributions(inputs, f):
    cases = []
    for c in f['cases']:
        d = getattr(distribution, c['cls'])(**c['args'])
        x = inputs.positive(c['x'])
        cases.append({**c, 'x': x, 'neg_log_density_each': [float(d.negative_log_density(A([v]))) for v in x], 'neg_log_density_sum': float(d.negative_log_density(x)),
                      'grad_sum': grad(lambda v: d.negative_log_density(v) + 0.0 * anp.sum(v))(x)})
    return {**f, 'cases': cases}


def means(inputs, f):
    cases = []
    for c in f['cases']:
        m = initialized(ScalarMeanFunction() if c['cls'] == 'ScalarMeanFunction' else ZeroMeanFunction())
        params = inputs.params(c['params'])
        m.set_params(params)
        x = inputs.points(c['X'])
        cases.append({**c, 'params': params, 'X': x, 'out': m(x)})
    return {**f, 'cases': cases}


def m52(d, ard=True, **kw):
    return Matern52(d, ARD=ard, **kw)


def warped(d, ranges):
    return warping.WarpedKernel(kernel=m52(d), warpings=[warping.Warping(d, r) for r in ranges])


def kernel_candidates(c):
    d, p = c['dimension'], c['params']
    if c['cls'] == 'Matern52':
        return [lambda: (m52(d, 'inv_bw0' in p, encoding_type='positive' if c['name'].endswith('positive') else 'logarithm', has_covariance_scale='covariance_scale' in p), None)]
    if c['cls'] == 'ProductKernelFunction':
        n = sum(k.startswith('kernel1_inv_bw') for k in p)
        return [lambda: (ProductKernelFunction(m52(n), m52(d - n, 'kernel2_inv_bw0' in p)), None)]
    if c['cls'] == 'RangeKernelFunction':
        n = sum(k.startswith('inv_bw') for k in p)
        return [lambda s=s: (RangeKernelFunction(d, m52(n), s), None) for s in range(d - n + 1)]
    if c['cls'] == 'FabolasKernelFunction':
        return [lambda: (FabolasKernelFunction(), None)]
    if c['cls'] == 'ExponentialDecayResourcesKernelFunction':
        fixed = re.search(r'delta_fixed_(.*)$', c['name'])

        def decay():
            k = ExponentialDecayResourcesKernelFunction(m52(d - 1), ScalarMeanFunction(), delta_fixed_value=float(fixed.group(1)) if fixed else None)
            return k, ExponentialDecayResourcesMeanFunction(k)
        return [decay]
    if c['cls'] == 'FreezeThawKernelFunction':
        def freeze():
            k = FreezeThawKernelFunction(m52(d - 1), ScalarMeanFunction())
            return k, FreezeThawMeanFunction(k)
        return [freeze]
    if c['cls'] == 'CrossValidationKernelFunction':
        def cross():
            k = CrossValidationKernelFunction(m52(d - 1), m52(d - 1, 'kernelr_inv_bw0' in p), ScalarMeanFunction(), c['num_folds'])
            return k, CrossValidationMeanFunction(k)
        return [cross]
    if c['name'] == 'warped_full':
        return [lambda: (warped(d, [(0, d)]), None)]
    a, b = (sum(k.startswith(f'warping{w}_power_a') for k in p) for w in (0, 1))
    return [lambda i=i, j=j: (warped(d, [(i, i + a), (j, j + b)]), None) for i in range(d - a - b + 1) for j in range(i + a, d - b + 1)]


def build_kernel(c):
    """The candidate that gives the committed matrix: ranges are not in the file."""
    best = None
    for make in kernel_candidates(c):
        k, m = make()
        initialized(k)
        k.set_params(c['params'])
        error = np.abs(k(A(c['X']), A(c['Z'])) - A(c['K_XZ'])).max()
        if best is None or error < best[0]:
            best = (error, make)
    k, m = best[1]()
    return initialized(k), m


def fabolas_documented(p, x, z):
    phi = [np.hstack((p['u1'] + p['u3'] * (1 - v) ** 2, p['u2'] * (1 - v) ** 2)) for v in (x, z)]
    return phi[0] @ phi[1].T


def kernels(inputs, f):
    cases = []
    for c in f['cases']:
        k, mean = build_kernel(c)
        init = {n: float(v) for n, v in k.get_params().items()}
        params = inputs.params(c['params'])
        k.set_params(params)
        resource = c['cls'] in ('ExponentialDecayResourcesKernelFunction', 'FreezeThawKernelFunction', 'CrossValidationKernelFunction')
        if inputs.rng is not None and c['cls'] == 'FreezeThawKernelFunction':
            pool = {}
            both = A(c['X'] + c['Z'])
            rows = A([pool.setdefault(row[:-1].tobytes(), inputs.rng.uniform(size=row.size - 1)) for row in both])
            both = np.hstack((rows, both[:, -1:]))
            X, Z = both[:len(c['X'])], both[len(c['X']):]
        else:
            X, Z = (inputs.extended(c['X']), inputs.extended(c['Z'])) if resource else (inputs.points(c['X']), inputs.points(c['Z']))
        W, Wz, wd = inputs.weights(c['W']), inputs.weights(c['Wz']), inputs.weights(c['wd'])
        out = {**c, 'init_params': init, 'params': {n: float(v) for n, v in k.get_params().items()}, 'internal': internal_of(k), 'X': X, 'Z': Z, 'W': W, 'Wz': Wz, 'wd': wd,
               'K_XX': k(X, X), 'K_XZ': k(X, Z), 'diag_X': k.diagonal(X), 'diagonal_depends_on_X': k.diagonal_depends_on_X(),
               'grad_sum_W_KXX': gradient(k, lambda: anp.sum(W * k(X, X))), 'grad_sum_Wz_KXZ': gradient(k, lambda: anp.sum(Wz * k(X, Z))),
               'grad_sum_wd_diag': gradient(k, lambda: anp.sum(wd * k.diagonal(X))), 'grad_Z_sum_Wz_KXZ': grad(lambda z: anp.sum(Wz * k(X, z)))(Z)}
        names = dict(zip(sorted(c['bounds'], key=suffix), sorted(out['internal'], key=suffix)))
        out['bounds'] = {names[n]: b for n, b in c['bounds'].items()}
        if mean is not None:
            out['mean_X'], out['mean_Z'] = mean(X), mean(Z)
        if 'K_XX_documented' in c:
            out['K_XX_documented'], out['K_XZ_documented'] = fabolas_documented(out['params'], X, X), fabolas_documented(out['params'], X, Z)
        cases.append(out)
    s = f['squared_distance']
    D = initialized(SquaredDistance(len(s['X'][0]), ARD=True))
    params, X, Z = inputs.params(s['params']), inputs.points(s['X']), inputs.points(s['Z'])
    D.set_params(params)
    return {**f, 'cases': cases, 'squared_distance': {'params': params, 'X': X, 'Z': Z, 'D_XX': D(X, X), 'D_XZ': D(X, Z)}}


def suffix(name):
    head, tail = name.split('_', 1)
    counter = re.search(r'\d+$', head)
    return tail, head.rstrip('0123456789'), len(counter.group()) if counter else 0, head


def renamed(bounds, internal):
    return dict(zip(sorted(internal, key=suffix), (bounds[n] for n in sorted(bounds, key=suffix))))


def warping_file(inputs, f):
    w = initialized(warping.Warping(f['dimension'], tuple(f['coordinate_range'])))
    params = inputs.params(f['params'])
    w.set_params(params)
    x, W = inputs.points(f['x']), inputs.weights(f['W'])
    return {**f, 'params': params, 'internal': internal_of(w), 'bounds': renamed(f['bounds'], internal_of(w)), 'x': x, 'W': W, 'out': w(x),
            'grad_params_sum_W_out': gradient(w, lambda: anp.sum(W * w(x))), 'grad_x_sum_W_out': grad(lambda v: anp.sum(W * w(v)))(x)}


def target_transform(inputs, f):
    cases = []
    for c in f['cases']:
        t = initialized(BoxCoxTargetTransform())
        t.set_boxcox_lambda(c['boxcox_lambda'])
        y, z = A(c['y']), A(c['z'])
        u = np.log(np.maximum(y, 1e-10))
        with np.errstate(all='ignore'):
            gz = grad(lambda v: anp.sum(t.inverse(v)))(z)
        cases.append({**c, 'forward': t(y), 'inverse': t.inverse(z), 'negative_log_jacobian_reference': t.negative_log_jacobian(y),
                      'negative_log_jacobian_documented': float(np.sum(u) * (1 - c['boxcox_lambda'])), 'grad_lambda_sum_forward': list(gradient(t, lambda: anp.sum(t(y))).values())[0],
                      'grad_lambda_neg_log_jac': list(gradient(t, lambda: anp.sum(t.negative_log_jacobian(y))).values())[0], 'grad_z_sum_inverse': gz})
    return {**f, 'cases': cases}


def cholesky(_, f):
    cases = []
    for c in f['add_jitter']:
        a = A(c['A'])
        try:
            out = custom_op.AddJitterOp(custom_op.flatten_and_concat(a, A([c['sigsq_init']])), **c['kwargs'])
            cases.append({**c, 'out': out, 'total_added_to_diag': float(np.mean(np.diag(out - a))), 'L': custom_op.cholesky_factorization(out)})
        except AssertionError:
            cases.append({**c, 'error': 'AssertionError'})
    v, k = f['vjp'], f['add_jitter_chain']
    L = custom_op.cholesky_factorization(A(v['A']))

    def chain(a, s):
        return anp.sum(A(k['W']) * custom_op.cholesky_factorization(custom_op.AddJitterOp(custom_op.flatten_and_concat(a, s))))

    s = np.atleast_1d(A(k['sigsq']))
    return {**f, 'add_jitter': cases, 'vjp': {**v, 'L': L, 'Abar': custom_op.cholesky_factorization_backward(L, A(v['Lbar']))},
            'add_jitter_chain': {**k, 'grad_A': grad(chain, 0)(A(k['A']), s), 'grad_sigsq': grad(chain, 1)(A(k['A']), s)}}


def likelihood_kwargs(c):
    """Kernel, mean and transform of a case, told by its names."""
    p = c.get('params', c.get('params_before'))
    d = len(c['X'][0])
    noise = [b for n, b in c.get('bounds', {}).items() if n.endswith('_noise_variance_internal')]
    encoding = 'positive' if noise and noise[0]['encoding'] == 'PositiveScalarEncoding' else 'logarithm'
    mean = ScalarMeanFunction() if 'mean_mean_value' in p else ZeroMeanFunction()
    if 'kernel_alpha' in p:
        kernel = ExponentialDecayResourcesKernelFunction(m52(d - 1, 'kernel_kernelx_inv_bw0' in p), ScalarMeanFunction())
        mean = ExponentialDecayResourcesMeanFunction(kernel)
    elif 'kernel_kernel_covariance_scale' in p:
        kernel = warped(d, [(0, d)])
    else:
        kernel = m52(d, 'kernel_inv_bw0' in p, encoding_type=encoding)
    return {'kernel': kernel, 'mean': mean, 'target_transform': BoxCoxTargetTransform() if 'ytrans_boxcox_lambda' in p else None}, encoding


def floats(params):
    return {k: np.atleast_1d(v).astype(float).tolist() if isinstance(v, np.ndarray) and v.ndim else float(v) for k, v in params.items()}


def gp_nll(inputs, f):
    cases = []
    for c in f['cases']:
        kwargs, encoding = likelihood_kwargs(c)
        like = initialized(GaussianProcessMarginalLikelihood(**kwargs, encoding_type=encoding))
        like.set_params(inputs.params(c['params']))
        X = inputs.extended(c['X']) if 'kernel_alpha' in c['params'] else inputs.points(c['X'])
        y = inputs.positive(c['y']) if 'ytrans_boxcox_lambda' in c['params'] else inputs.values(c['y'])
        data = {'features': X, 'targets': y}
        cases.append({**c, 'X': X, 'y': y, 'params': floats(like.get_params()), 'internal': internal_of(like), 'bounds': renamed(c['bounds'], internal_of(like)),
                      'criterion': float(np.sum(like(data))), 'criterion_with_regularizers': float(np.sum(add_regularizer_to_criterion(like, [data]))),
                      'grad_criterion_internal': gradient(like, lambda: like(data)), 'grad_criterion_with_regularizers_internal': gradient(like, lambda: add_regularizer_to_criterion(like, [data]))})
    return {**f, 'cases': cases}


def posterior(inputs, f):
    d = len(f['X'][0])
    like = initialized(GaussianProcessMarginalLikelihood(kernel=m52(d), mean=ScalarMeanFunction()))
    params = inputs.params(f['params'])
    like.set_params(params)
    X, y, T = inputs.points(f['X']), inputs.values(f['y']), inputs.points(f['X_test'])
    noise = like.get_noise_variance(as_ndarray=True)
    make = lambda targets, kernel=like.kernel: IncrementalUpdateGPPosteriorState(X, targets, like.mean, kernel, noise)
    state = make(y)

    def predicted(s):
        mean, variance = s.predict(T)
        return {'mean': mean, 'variance': variance}

    marginals, joint, u, s, m, t = (f[k] for k in ('sample_marginals', 'sample_joint', 'update', 'sample_and_update', 'multi_target', 'kernel_tuple_covscale'))
    updated = state.update(A(u['feature']), A(u['target']))
    target, fantasy = state.expand_fantasies(s['num_fantasies']).sample_and_update(A(s['feature']), mean_impute_mask=s['mean_impute_mask'], random_state=np.random.RandomState(s['seed']))
    Y = inputs.values(m['Y'])
    scaled = make(y, (like.kernel, A([t['covariance_scale']])))
    gradients = [{**g, 'grad': state.backward_gradient(A(g['x']), {k: A(v) for k, v in g['head'].items()}, g['mean_data'], g['std_data'])} for g in f['backward_gradient']]
    return {**f, 'params': params, 'X': X, 'y': y, 'X_test': T, 'chol_fact': state.chol_fact, 'pred_mat': state.pred_mat, **predicted(state), 'neg_log_likelihood': float(state.neg_log_likelihood()),
            'backward_gradient': gradients,
            'sample_marginals': {**marginals, 'samples': state.sample_marginals(T, marginals['num_samples'], np.random.RandomState(marginals['seed']))},
            'sample_joint': {**joint, 'samples': state.sample_joint(T, joint['num_samples'], np.random.RandomState(joint['seed']))},
            'update': {**u, 'chol_fact': updated.chol_fact, 'pred_mat': updated.pred_mat, **predicted(updated)},
            'sample_and_update': {**s, 'target': target, 'pred_mat_last_row': fantasy.pred_mat[-1], **predicted(fantasy)},
            'multi_target': {'Y': Y, **predicted(make(Y))}, 'kernel_tuple_covscale': {**t, **predicted(scaled), 'nll': float(scaled.neg_log_likelihood())}}


def fit(inputs, f):
    cases = []
    for c in f['cases']:
        kwargs, _ = likelihood_kwargs(c)
        model = GaussianProcessRegression(**kwargs, optimization_config=OptimizationConfig(**c['config']), random_seed=c['random_seed'])
        X = inputs.points(c['X'])
        y = inputs.positive(c['y']) if 'ytrans_boxcox_lambda' in c['params_before'] else inputs.values(c['y'])
        data = {'features': X, 'targets': y}
        like = model.likelihood
        before = {'params_before': floats(model.get_params()), 'internal_before': internal_of(like), 'criterion_reg_before': float(np.sum(add_regularizer_to_criterion(like, [data])))}
        model.fit(data)
        T = A(c['X_test'])
        mean, variance = model.predict(T)[0]
        g = gradient(like, lambda: add_regularizer_to_criterion(like, [data]))
        cases.append({**c, **before, 'X': X, 'y': y, 'params_after': floats(model.get_params()), 'internal_after': internal_of(like),
                      'criterion_reg_after': float(np.sum(add_regularizer_to_criterion(like, [data]))), 'criterion_after': float(np.sum(like(data))),
                      'max_abs_grad_after': max(float(np.abs(v).max()) for v in g.values()), 'mean_test': mean, 'variance_test': variance})
    return {**f, 'cases': cases}


def slice_file(inputs, f):
    s, m = f['slice'], f['mcmc']
    P = A(s['inv_cov'])
    sampler = SliceSampler(lambda x: float(-0.5 * x @ P @ x), s['scale'], np.random.RandomState(s['seed']))
    samples = sampler.sample(A(s['init']), s['num_samples'], s['burn'], s['thin'])
    X, y = inputs.points(m['X']), inputs.values(m['y'])
    d = X.shape[1]
    model = GPRegressionMCMC(lambda: m52(d, len(m['samples'][0]) > 4), MCMCConfig(**m['config']), m['random_seed'])
    model.fit({'features': X, 'targets': y})
    T = A(m['X_test'])
    return {**f, 'slice': {**s, 'samples': samples}, 'mcmc': {**m, 'X': X, 'y': y, 'samples': model.samples, 'predictions': [{'mean': a, 'variance': b} for a, b in model.predict(T)]}}


def independent(inputs, f):
    X, y = inputs.extended(f['X']), inputs.values(f['y'])
    out = {**f, 'X': X, 'y': y}
    for key in ('separate_noise_False', 'separate_noise_True'):
        c = f[key]
        d = X.shape[1] - 1
        like = initialized(IndependentGPPerResourceMarginalLikelihood(
            kernel=m52(d, has_covariance_scale=False), mean={r: ScalarMeanFunction() for r in f['rung_levels']}, resource_attr_range=tuple(f['resource_attr_range']), separate_noise_variances=key.endswith('True')))
        like.set_params({k: float(np.atleast_1d(v)[0]) for k, v in inputs.params(c['params']).items()})
        data = {'features': X, 'targets': y}
        state = like.get_posterior_state(data)
        T = A(c['X_test'])
        mean, variance = state.predict(T)
        g = c['backward_gradient']
        out[key] = {**c, 'params': floats(like.get_params()), 'internal': internal_of(like), 'bounds': renamed(c['bounds'], internal_of(like)), 'criterion': float(np.sum(like(data))),
                    'criterion_with_regularizers': float(np.sum(add_regularizer_to_criterion(like, [data]))), 'grad_criterion_internal': gradient(like, lambda: like(data)),
                    'grad_criterion_with_regularizers_internal': gradient(like, lambda: add_regularizer_to_criterion(like, [data])), 'mean_test': mean, 'variance_test': variance,
                    'backward_gradient': {**g, 'grad': state.backward_gradient(A(g['x']), {k: A(v) for k, v in g['head'].items()}, g['mean_data'], g['std_data'])}}
    return out


def hypertune(inputs, f, ind):
    c = f['config']
    X, y = A(ind['X']), A(ind['y'])
    model = HyperTuneIndependentGPModel(
        kernel=m52(X.shape[1] - 1, has_covariance_scale=False), mean_factory=lambda _: ScalarMeanFunction(), resource_attr_range=tuple(ind['resource_attr_range']),
        hypertune_distribution_args=HyperTuneDistributionArguments(c['num_samples'], c['num_brackets']),
        optimization_config=OptimizationConfig(lbfgs_tol=1e-6, lbfgs_maxiter=c['maxiter'], verbose=False, n_starts=c['n_starts']), random_seed=c['random_seed'])
    model.create_likelihood(f['rung_levels'])
    data = {'features': X, 'targets': y}
    model.fit(data)
    mean, variance = model.states[0].predict(A(f['X_test']))
    r = f['ranking_losses']
    losses = hypertune_ranking_losses(model.states[0], data, r['num_samples'], tuple(ind['resource_attr_range']), np.random.RandomState(r['seed']))
    return {**f, 'params_after_fit': floats(model.get_params()), 'ensemble_distribution': model.hypertune_ensemble_distribution(), 'bracket_distribution': model.hypertune_bracket_distribution(),
            'mean_test': mean, 'variance_test': variance, 'ranking_losses': {**r, 'losses': losses}}


def learncurve(inputs, f):
    X = inputs.points(f['X'])
    targets = [inputs.values(A(t).reshape(-1, 1), 0.1) for t in f['targets_reversed_r']]
    out = {**f, 'X': X, 'targets_reversed_r': [t.reshape(-1) for t in targets]}
    for name in ('issm', 'issm_gamma_one', 'expdecay', 'expdecay_normalized'):
        c = f[name]
        res = IndependentISSModelParameters(gamma_is_one=name.endswith('one')) if name.startswith('issm') else ExponentialDecayBaseKernelFunction(f['r_max'], f['r_min'], normalize_inputs=name.endswith('normalized'))
        like = initialized(GaussAdditiveMarginalLikelihood(kernel=m52(X.shape[1]), res_model=res))
        like.set_params(inputs.params(c['params']))
        data = {'features': X, 'targets': targets, 'r_min': f['r_min'], 'r_max': f['r_max'], 'do_fantasizing': False}
        like.data_precomputations(data)
        mean, variance = like.get_posterior_state(data).predict(A(c['X_test_extended']))
        out[name] = {**c, 'params': floats(like.get_params()), 'internal': internal_of(like), 'bounds': renamed(c['bounds'], internal_of(like)), 'criterion': float(like(data)),
                     'criterion_with_regularizers': float(np.sum(add_regularizer_to_criterion(like, [data]))), 'grad_criterion_internal': gradient(like, lambda: like(data)), 'mean_test': mean,
                     'variance_test': variance}
    return out


def rng_file(_, f):
    cases = []
    for c in f['cases']:
        out = dict(c)
        for key, draw in (('rand', lambda r, n: r.rand(n)), ('randn', lambda r, n: r.randn(n))):
            if key in c:
                out[key] = draw(np.random.RandomState(c['seed']), len(c[key]))
        cases.append(out)
    return {**f, 'cases': cases}


def difference(a, b, path=''):
    """The largest difference of numbers, relative above 1, and where. Names of parameters may carry other counters."""
    if isinstance(a, dict) and isinstance(b, dict):
        ka, kb = sorted(a, key=lambda k: suffix(k) if k.endswith('_internal') else (k,)), sorted(b, key=lambda k: suffix(k) if k.endswith('_internal') else (k,))
        return max((difference(a[x], b[y], f'{path}.{y}') for x, y in zip(ka, kb)), default=(0.0, path))
    if isinstance(a, list) and isinstance(b, list):
        return max((difference(x, y, f'{path}[{i}]') for i, (x, y) in enumerate(zip(a, b))), default=(0.0, path))
    if isinstance(a, (int, float)) and isinstance(b, (int, float)):
        return (abs(a - b) / max(1, abs(b)), path)
    return (0.0 if a == b or a is None or b is None or isinstance(a, str) else float('inf'), path)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--write', action='store_true')
    parser.add_argument('--seed', type=int)
    parser.add_argument('--out', type=Path)
    args = parser.parse_args()
    if args.seed is not None and args.out is None:
        parser.error('--seed needs --out: other inputs never replace the committed files')
    inputs = Inputs(args.seed)
    makers = {'constants': constants_file, 'encodings': encodings, 'distributions': distributions, 'means': means, 'kernels': kernels, 'warping': warping_file, 'target_transform': target_transform,
              'cholesky': cholesky, 'gp_nll': gp_nll, 'posterior': posterior, 'fit': fit, 'rng': rng_file, 'slice': slice_file, 'independent': independent, 'learncurve': learncurve}
    results = {}
    for name, make in makers.items():
        results[name] = plain(make(inputs, json.loads((folder / f'{name}.json').read_text())))
    results['hypertune'] = plain(hypertune(inputs, json.loads((folder / 'hypertune.json').read_text()), results['independent']))
    results['gluon_names'] = json.loads((folder / 'gluon_names.json').read_text())
    for name, result in results.items():
        if args.seed is None:
            worst, path = difference(result, json.loads((folder / f'{name}.json').read_text()))
            print(f'{name}: {worst:.1e}{f" at {path}" if worst > 1e-9 else ""}')
        out = args.out or (folder if args.write else None)
        if out:
            out.mkdir(parents=True, exist_ok=True)
            (out / f'{name}.json').write_text(json.dumps(result) + '\n')


if __name__ == '__main__':
    main()
