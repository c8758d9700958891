// Hyperparameters by slice sampling
import { linspace, Matern52 } from 'matheron';
import { GPRegressionMCMC } from 'matheron';

const X = linspace(0, 10, 25);
const y = X.sin();
const chain = new GPRegressionMCMC({ kernel: new Matern52({ ard: true }).scale(), preset: 'syne-tune', mcmc: { samples: 300, burnIn: 250, thinning: 5 } });
await chain.fit(X, y, { signal: AbortSignal.timeout(60_000) });
const mixture = chain.predict([[4.2]]);
console.log(mixture.interval(0.9).lower.item(), chain.predictStates([[4.2]]).length, chain.samples.map((s) => s['noise_variance']));
