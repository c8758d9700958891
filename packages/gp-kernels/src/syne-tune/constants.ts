/** The constants of Syne Tune's gpautograd. */
export const syneTuneConstants = {
  numericalJitter: 1e-9,
  initialNoiseVariance: 1e-3,
  noiseVarianceBounds: [1e-9, 1e6],
  initialMeanValue: 0,
  initialCovarianceScale: 1,
  covarianceScaleBounds: [1e-3, 1e3],
  initialInverseBandwidths: 1,
  inverseBandwidthsBounds: [1e-4, 100],
  initialWarping: 1,
  warpingBounds: [0.25, 4],
  minPosteriorVariance: 1e-12,
  minCholeskyDiagonal: 1e-10,
  optimization: { tolerance: 1e-6, maxIterations: 500, restarts: 5 },
  mcmc: { samples: 300, burnIn: 250, thinning: 5 },
} as const;
