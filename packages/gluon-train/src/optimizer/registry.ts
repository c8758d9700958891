import { type Rng, nearestName } from '@matheron/core-tensor';
import { ArgumentError } from '@matheron/gluon-params';
import { AdaDelta } from './adadelta.ts';
import { AdaGrad, GroupAdaGrad } from './adagrad.ts';
import { Adam, type AdamOptions } from './adam.ts';
import { Adamax } from './adamax.ts';
import { DCASGD } from './dcasgd.ts';
import { FTML } from './ftml.ts';
import { Ftrl } from './ftrl.ts';
import { LAMB, type LAMBOptions } from './lamb.ts';
import { LARS, type LARSOptions } from './lars.ts';
import { LBSGD, type LBSGDOptions } from './lbsgd.ts';
import { NAG } from './nag.ts';
import { Nadam } from './nadam.ts';
import type { Optimizer, OptimizerOptions } from './optimizer.ts';
import { RMSProp, type RMSPropOptions } from './rmsprop.ts';
import { SGD, type SGDOptions } from './sgd.ts';
import { SGLD } from './sgld.ts';
import { Signum } from './signum.ts';
import { Test } from './test-optimizer.ts';

/** The options of each optimizer by its name. */
export interface Options {
  sgd: SGDOptions;
  nag: OptimizerOptions & { momentum?: number };
  signum: OptimizerOptions & { momentum?: number; wdLh?: number };
  adam: AdamOptions;
  adamax: OptimizerOptions & { beta1?: number; beta2?: number };
  nadam: OptimizerOptions & { beta1?: number; beta2?: number; epsilon?: number; scheduleDecay?: number };
  adagrad: OptimizerOptions & { eps?: number };
  groupadagrad: OptimizerOptions & { eps?: number };
  rmsprop: RMSPropOptions;
  adadelta: OptimizerOptions & { rho?: number; epsilon?: number };
  ftrl: OptimizerOptions & { lamda1?: number; beta?: number };
  ftml: OptimizerOptions & { beta1?: number; beta2?: number; epsilon?: number };
  lamb: LAMBOptions;
  lars: LARSOptions;
  lbsgd: LBSGDOptions;
  dcasgd: OptimizerOptions & { momentum?: number; lamda?: number };
  sgld: OptimizerOptions & { rng?: Rng };
  test: OptimizerOptions;
}

const classes: { readonly [N in keyof Options]: new (options?: Options[N]) => Optimizer } = {
  sgd: SGD,
  nag: NAG,
  signum: Signum,
  adam: Adam,
  adamax: Adamax,
  nadam: Nadam,
  adagrad: AdaGrad,
  groupadagrad: GroupAdaGrad,
  rmsprop: RMSProp,
  adadelta: AdaDelta,
  ftrl: Ftrl,
  ftml: FTML,
  lamb: LAMB,
  lars: LARS,
  lbsgd: LBSGD,
  dcasgd: DCASGD,
  sgld: SGLD,
  test: Test,
};

/** Options that an optimizer does not keep under their names. */
const consumed: ReadonlySet<string> = /* @__PURE__ */ new Set(['lrScheduler', 'beginNumUpdate', 'beginEpoch', 'rng']);

/** The optimizer of a name. ArgumentError, with the nearest name, for others, and for options that it has not. */
export function create<N extends keyof Options>(name: N, options?: Options[N]): Optimizer {
  const key = String(name).toLowerCase();
  if (!Object.hasOwn(classes, key)) {
    const nearest = nearestName(key, Object.keys(classes));
    throw new ArgumentError('optimizer', name, `one of ${Object.keys(classes).join(', ')}${nearest ? `; did you mean '${nearest}'?` : ''}`);
  }
  const make = classes[key as keyof typeof classes] as new (options?: unknown) => Optimizer;
  const made = new make(options);
  for (const [option, value] of Object.entries(options ?? {})) {
    if (consumed.has(option) || option in made) continue;
    const nearest = nearestName(option, ['learningRate', ...Object.keys(made), ...consumed]);
    throw new ArgumentError(option, value, `an option of '${key}'${nearest ? `; did you mean '${nearest}'?` : ''}`);
  }
  return made;
}

/** The name of an optimizer of the library, else its class's. */
export function nameOf(optimizer: Optimizer): string {
  for (const [name, made] of Object.entries(classes)) if (optimizer.constructor === made) return name;
  return optimizer.constructor.name;
}
