import type { Kind } from '@matheron/core-tensor';
import { binaryRules, unaryRules } from './elementwise.ts';
import { eighRule, luRule, qrRule, svdRule } from './factorization.ts';
import { foldRule, gatherRule, scatterAddRule, sortRule, unfoldRule } from './indexing.ts';
import { choleskyInverseRule, choleskyRule, matmulRule, triangularSolveRule } from './linalg.ts';
import { broadcastToRule, castRule, concatRule, padRule, permuteRule, reshapeRule, sliceRule, whereRule } from './movement.ts';
import { cumulativeRule, reduceRule } from './reduction.ts';
import type { KindRule } from './rule.ts';

const unaryRule: KindRule<'unary'> = (g, x, y, { op }) => [unaryRules[op]!(g[0]!, x[0]!, y[0]!)];
const binaryRule: KindRule<'binary'> = (g, x, y, { op }) => binaryRules[op]!(g[0]!, x[0]!, x[1]!, y[0]!);

/** The rule of each kind; undefined for kinds that have no input or whose outputs are bool or int32. */
export const rules: { readonly [K in Kind]: KindRule<K> | undefined } = {
  full: undefined,
  iota: undefined,
  cast: castRule,
  reshape: reshapeRule,
  permute: permuteRule,
  broadcastTo: broadcastToRule,
  concat: concatRule,
  slice: sliceRule,
  pad: padRule,
  unary: unaryRule,
  binary: binaryRule,
  compare: undefined,
  where: whereRule,
  reduce: reduceRule,
  argReduce: undefined,
  cumulative: cumulativeRule,
  sort: sortRule,
  gather: gatherRule,
  scatterAdd: scatterAddRule,
  unfold: unfoldRule,
  fold: foldRule,
  matmul: matmulRule,
  cholesky: choleskyRule,
  triangularSolve: triangularSolveRule,
  choleskyInverse: choleskyInverseRule,
  lu: luRule,
  qr: qrRule,
  eigh: eighRule,
  svd: svdRule,
  randomBits: undefined,
};
