// What must compile: conditioning keeps a model's own type.
import { GaussianProcessRegression } from 'matheron';
import type { GPModel } from 'matheron';

for (const model of [new GaussianProcessRegression()] as GPModel[]) {
  const general: Promise<GPModel> = model.condition([1], [2]);
  void general;
}
const typed: Promise<GaussianProcessRegression> = new GaussianProcessRegression().condition([1], [2]);
void typed;
