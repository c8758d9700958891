// The core module: products, Cholesky and its relatives, elementwise functions, sums.
export { gemm } from "./gemm";
export { gemm32 } from "./gemm32";
export { trsm, trmm, trmmRight } from "./triangular";
export { potrf, poison, zeroUpper, mirrorLower } from "./cholesky";
export { potri, trtri, lauum, negate } from "./inverse";
export * from "./elementwise";
export { expRun, expm1Run, sigmoidRun, softplusRun, tanhRun } from "./exponential";
export { log1pRun, logRun } from "./logarithm";
export { cosNearRun, cosRun, sinNearRun, sinRun } from "./trigonometric";
export { pow as powLanes } from "./power";
export { erf as erfLanes, lgamma as lgammaLanes } from "./special";
export { sum, dot } from "./reduce";
export { powersOfTwo } from "./polynomials";
