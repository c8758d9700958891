// The model: a Gaussian process with a squared exponential kernel, written once. Nothing in here knows of a backend.
import { cholesky, diagonal, eye, linspace, pairwiseSquaredDistance, sum, tensor, triangularSolve, valueAndGrad } from 'matheron';

const noise = 0.05;
const kernel = (a, b, [lengthscale, outputscale]) => pairwiseSquaredDistance(a.div(lengthscale), b.div(lengthscale)).mul(-0.5).exp().mul(outputscale);
const factorOf = (X, parameters) => cholesky(kernel(X, X, parameters).add(eye(X.shape[0]).mul(noise)));

/** −log p(y | X) without its constant: ½ ‖L⁻¹ y‖² + Σ log Lᵢᵢ. */
function negativeLogLikelihood(X, y, parameters) {
  const L = factorOf(X, parameters);
  return triangularSolve(L, y).square().sum().mul(0.5).add(diagonal(L).log().sum());
}

/** Loss, its gradient in lengthscale and outputscale, and mean and standard deviation of predictions, as plain numbers. */
export async function evaluate(points) {
  const X = linspace(0, 10, points).reshape(points, 1);
  const y = X.sin().add(X.mul(3).cos().mul(0.3));
  const parameters = [tensor(1.2), tensor(1.5)];
  const [loss, gradient] = valueAndGrad((p) => negativeLogLikelihood(X, y, p))(parameters);
  const at = linspace(0.3, 9.7, 5).reshape(5, 1);
  const L = factorOf(X, parameters);
  const across = triangularSolve(L, kernel(X, at, parameters));
  const mean = across.T.matmul(triangularSolve(L, y));
  const deviation = parameters[1].sub(sum(across.square(), 0)).sqrt();
  const values = [loss, ...gradient, mean, deviation];
  return (await Promise.all(values.map((x) => x.data()))).flatMap((x) => [...x]);
}
