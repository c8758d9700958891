// Written by tooling/oracle/conformance.py (NumPy 2.4.6, SciPy 1.17.1: LAPACK). Do not edit.

/** Relative residuals that LAPACK leaves on `spectral(n, ratio, seed, …)`, condition 10^exponent, measured in extended precision. */
export const factorizations: readonly Factorization[] = [
  { n: 24, exponent: 2, ratio: 0.8185467307069028, seed: 24002, checksum: 23.221359641849613, residuals: { cholesky: 8.399e-17, choleskySolve: 9.377e-18, lu: 9.337e-17, luSolve: 3.161e-17, qr: 2.934e-16, eigh: 1.350e-15, svd: 1.499e-15 } },
  { n: 24, exponent: 4, ratio: 0.6700187503509588, seed: 24004, checksum: 1.1323431691720565, residuals: { cholesky: 1.001e-16, choleskySolve: 2.657e-17, lu: 7.016e-17, luSolve: 3.210e-17, qr: 3.365e-16, eigh: 1.278e-15, svd: 6.577e-15 } },
  { n: 24, exponent: 6, ratio: 0.5484416576121018, seed: 24006, checksum: -0.2505282722716628, residuals: { cholesky: 5.481e-17, choleskySolve: 6.836e-18, lu: 5.010e-17, luSolve: 8.227e-18, qr: 2.465e-16, eigh: 8.200e-16, svd: 4.658e-15 } },
  { n: 24, exponent: 8, ratio: 0.44892512582186056, seed: 24008, checksum: 4.5114538153223815, residuals: { cholesky: 1.128e-16, choleskySolve: 5.659e-18, lu: 2.987e-17, luSolve: 1.601e-17, qr: 1.962e-16, eigh: 7.847e-16, svd: 2.890e-15 } },
  { n: 24, exponent: 10, ratio: 0.36746619407366893, seed: 24010, checksum: 1.4477941017467122, residuals: { cholesky: 8.299e-17, choleskySolve: 1.962e-17, lu: 6.154e-17, luSolve: 7.771e-18, qr: 1.737e-16, eigh: 6.517e-16, svd: 6.224e-15 } },
  { n: 24, exponent: 12, ratio: 0.30078825180430996, seed: 24012, checksum: 9.142468303637578, residuals: { cholesky: 7.576e-17, choleskySolve: 1.273e-17, lu: 5.296e-17, luSolve: 3.942e-18, qr: 2.193e-16, eigh: 5.141e-16, svd: 1.634e-15 } },
  { n: 50, exponent: 2, ratio: 0.9102981779915219, seed: 50002, checksum: 60.224548863146765, residuals: { cholesky: 7.701e-17, choleskySolve: 8.572e-18, lu: 1.104e-16, luSolve: 1.819e-17, qr: 2.529e-16, eigh: 1.947e-15, svd: 1.980e-15 } },
  { n: 50, exponent: 4, ratio: 0.8286427728546845, seed: 50004, checksum: 41.285939608380524, residuals: { cholesky: 9.416e-17, choleskySolve: 1.471e-17, lu: 6.517e-17, luSolve: 1.590e-17, qr: 2.585e-16, eigh: 1.913e-15, svd: 1.645e-15 } },
  { n: 50, exponent: 6, ratio: 0.7543120063354617, seed: 50006, checksum: 22.215340690285444, residuals: { cholesky: 9.793e-17, choleskySolve: 2.726e-17, lu: 4.749e-17, luSolve: 8.608e-18, qr: 2.567e-16, eigh: 1.539e-15, svd: 1.551e-15 } },
  { n: 50, exponent: 8, ratio: 0.6866488450043001, seed: 50008, checksum: 22.914174276749627, residuals: { cholesky: 1.010e-16, choleskySolve: 8.825e-18, lu: 6.140e-17, luSolve: 8.646e-18, qr: 2.350e-16, eigh: 1.167e-15, svd: 5.838e-15 } },
  { n: 50, exponent: 10, ratio: 0.6250551925273973, seed: 50010, checksum: 3.393740590477319, residuals: { cholesky: 1.080e-16, choleskySolve: 1.098e-17, lu: 6.097e-17, luSolve: 1.127e-17, qr: 2.366e-16, eigh: 1.311e-15, svd: 5.283e-15 } },
  { n: 50, exponent: 12, ratio: 0.5689866029018297, seed: 50012, checksum: 17.85050240565343, residuals: { cholesky: 8.857e-17, choleskySolve: 2.533e-18, lu: 4.948e-17, luSolve: 6.492e-18, qr: 1.817e-16, eigh: 2.178e-15, svd: 6.893e-15 } },
];
export interface Factorization {
  readonly n: number;
  readonly exponent: number;
  readonly ratio: number;
  readonly seed: number;
  readonly checksum: number;
  readonly residuals: Readonly<Record<'cholesky' | 'choleskySolve' | 'lu' | 'luSolve' | 'qr' | 'eigh' | 'svd', number>>;
}
/** Eigenvalues of the 10 × 10 Hilbert matrix (rounded to double) and of Wilkinson's W21+, singular values of a Vandermonde matrix [8, 5]. */
export const spectra: Readonly<Record<'hilbert' | 'wilkinson' | 'vandermonde', readonly number[]>> = {
  hilbert: [1.0932524334974553e-13, 2.2667455503810733e-11, 2.1474388217975424e-09, 1.2289677387429186e-07, 4.729689293190096e-06, 0.0001287496142763734, 0.0025308907686700287, 0.035741816271639235, 0.3429295484835091, 1.7519196702651776],
  wilkinson: [-1.1254415221199843, 0.25380581709667815, 0.9475343675292933, 1.7893213526950813, 2.130209219362506, 2.961058884185727, 3.0430992925788236, 3.996048201383625, 4.004354023440857, 4.999782477742902, 5.000244425001913, 6.000217522257098, 6.000234031584167, 7.003951798616375, 7.003952209528675, 8.038941115814273, 8.038941122829023, 9.210678647304919, 9.210678647361332, 10.746194182903322, 10.746194182903393],
  vandermonde: [2845.0116662165547, 54.15378744544573, 3.804863064067624, 1.1753986405774577, 0.35756414342839454],
};
