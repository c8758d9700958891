// New points without refitting; fantasies
import { linspace } from 'matheron';
import type { GaussianProcessRegression } from 'matheron';


declare const model: GaussianProcessRegression;
const next = await model.condition([11, 12], [2.3, 3.1]);
const fantasy = await next.fantasize([13], { samples: 20 });
console.log(next.states.length, fantasy.predict([14]).mean.shape, next.sampleJoint(linspace(0, 14, 50), { samples: 3 }).shape); // [1, 20]
