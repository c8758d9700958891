export { Accuracy, F1, MCC, PCC, TopKAccuracy } from './classification.ts';
export { CompositeEvalMetric, create } from './composite.ts';
export { CrossEntropy, NegativeLogLikelihood, Perplexity } from './likelihood.ts';
export { type HostValues, Metric, type MetricInput } from './metric.ts';
export { CustomMetric, Loss, MAE, MSE, PearsonCorrelation, RMSE } from './regression.ts';
