/**
 * Matrix product by packed panels and a 2 × 4 register tile, after K. Goto and R. van de Geijn, "Anatomy of high-performance matrix
 * multiplication", ACM TOMS 34 (2008). Packing makes the inner loop the same for every stride and for both element types, and lets it
 * accumulate in double.
 */
import type { FloatArray, MatrixView } from './types.ts';

const TILE_ROWS = 2;
const TILE_COLUMNS = 4;
const PANEL_DEPTH = 256;
const PANEL_ROWS = 64;
const PANEL_COLUMNS = 512;
/** Below this many multiplications packing costs more than it saves. */
const DIRECT_LIMIT = 512;

interface Panels {
  readonly a: Float64Array;
  readonly b: Float64Array;
  readonly edge: Float64Array;
}

let panels: Panels | undefined;

/** One scratch for all products: allocated at the first large one (1.2 MB), never shared between two running products. */
function scratch(): Panels {
  panels ??= {
    a: new Float64Array(PANEL_ROWS * PANEL_DEPTH),
    b: new Float64Array(PANEL_COLUMNS * PANEL_DEPTH),
    edge: new Float64Array(TILE_ROWS * TILE_COLUMNS),
  };
  return panels;
}

/** Copies a depth × columns block of B as slivers of four columns, padded with zeros. */
function packB(panel: Float64Array, depth: number, columns: number, b: FloatArray, offset: number, rowStride: number, columnStride: number): void {
  let p = 0;
  for (let j = 0; j < columns; j += TILE_COLUMNS) {
    let q = offset + j * columnStride;
    const width = Math.min(TILE_COLUMNS, columns - j);
    if (width === TILE_COLUMNS) {
      const s2 = 2 * columnStride;
      const s3 = 3 * columnStride;
      for (let k = 0; k < depth; k++) {
        panel[p] = b[q]!;
        panel[p + 1] = b[q + columnStride]!;
        panel[p + 2] = b[q + s2]!;
        panel[p + 3] = b[q + s3]!;
        p += TILE_COLUMNS;
        q += rowStride;
      }
    } else {
      for (let k = 0; k < depth; k++) {
        for (let s = 0; s < TILE_COLUMNS; s++) panel[p + s] = s < width ? b[q + s * columnStride]! : 0;
        p += TILE_COLUMNS;
        q += rowStride;
      }
    }
  }
}

/** Copies a rows × depth block of A as slivers of two rows, padded with zeros. */
function packA(panel: Float64Array, rows: number, depth: number, a: FloatArray, offset: number, rowStride: number, columnStride: number): void {
  let p = 0;
  for (let i = 0; i < rows; i += TILE_ROWS) {
    let q = offset + i * rowStride;
    if (i + 1 < rows) {
      for (let k = 0; k < depth; k++) {
        panel[p] = a[q]!;
        panel[p + 1] = a[q + rowStride]!;
        p += TILE_ROWS;
        q += columnStride;
      }
    } else {
      for (let k = 0; k < depth; k++) {
        panel[p] = a[q]!;
        panel[p + 1] = 0;
        p += TILE_ROWS;
        q += columnStride;
      }
    }
  }
}

/** c[2 × 4] += alpha · (sliver of A) · (sliver of B). */
function microKernel(
  depth: number, alpha: number, panelA: Float64Array, a: number, panelB: Float64Array, b: number,
  c: FloatArray, offset: number, rowStride: number, columnStride: number,
): void {
  let c00 = 0, c01 = 0, c02 = 0, c03 = 0, c10 = 0, c11 = 0, c12 = 0, c13 = 0;
  const end = a + TILE_ROWS * depth;
  while (a < end) {
    const b0 = panelB[b]!, b1 = panelB[b + 1]!, b2 = panelB[b + 2]!, b3 = panelB[b + 3]!;
    const x = panelA[a]!, y = panelA[a + 1]!;
    c00 += x * b0; c01 += x * b1; c02 += x * b2; c03 += x * b3;
    c10 += y * b0; c11 += y * b1; c12 += y * b2; c13 += y * b3;
    a += TILE_ROWS;
    b += TILE_COLUMNS;
  }
  let o = offset;
  c[o]! += alpha * c00; o += columnStride;
  c[o]! += alpha * c01; o += columnStride;
  c[o]! += alpha * c02; o += columnStride;
  c[o]! += alpha * c03;
  o = offset + rowStride;
  c[o]! += alpha * c10; o += columnStride;
  c[o]! += alpha * c11; o += columnStride;
  c[o]! += alpha * c12; o += columnStride;
  c[o]! += alpha * c13;
}

/** c (m) += alpha · a (m × k) · b (k), reading `a` along its shorter stride. */
function matrixVector(
  m: number, k: number, alpha: number, a: FloatArray, ao: number, ars: number, acs: number,
  b: FloatArray, bo: number, brs: number, c: FloatArray, co: number, crs: number,
): void {
  if (Math.abs(acs) <= Math.abs(ars)) {
    for (let i = 0; i < m; i++) {
      let sum = 0;
      let q = ao + i * ars;
      let p = bo;
      for (let l = 0; l < k; l++) {
        sum += a[q]! * b[p]!;
        q += acs;
        p += brs;
      }
      c[co + i * crs]! += alpha * sum;
    }
    return;
  }
  const sums = new Float64Array(m);
  for (let l = 0; l < k; l++) {
    const x = b[bo + l * brs]!;
    let q = ao + l * acs;
    for (let i = 0; i < m; i++) {
      sums[i]! += a[q]! * x;
      q += ars;
    }
  }
  for (let i = 0; i < m; i++) c[co + i * crs]! += alpha * sums[i]!;
}

function directProduct(
  m: number, n: number, k: number, alpha: number, a: FloatArray, ao: number, ars: number, acs: number,
  b: FloatArray, bo: number, brs: number, bcs: number, c: FloatArray, co: number, crs: number, ccs: number, lowerOnly: boolean,
): void {
  for (let i = 0; i < m; i++) {
    const end = lowerOnly ? Math.min(n, i + 1) : n;
    for (let j = 0; j < end; j++) {
      let sum = 0;
      let q = ao + i * ars;
      let p = bo + j * bcs;
      for (let l = 0; l < k; l++) {
        sum += a[q]! * b[p]!;
        q += acs;
        p += brs;
      }
      c[co + i * crs + j * ccs]! += alpha * sum;
    }
  }
}

/**
 * c += alpha · a · b for an m × k, k × n and m × n matrix, each given as array, offset, row stride and column stride.
 * With `lowerOnly` only elements with column ≤ row of c are touched. This is the form the factorizations of this folder call: no
 * allocation, c may lie in the same array as a and b as long as its elements are not among theirs.
 */
export function addProduct(
  m: number, n: number, k: number, alpha: number, a: FloatArray, ao: number, ars: number, acs: number,
  b: FloatArray, bo: number, brs: number, bcs: number, c: FloatArray, co: number, crs: number, ccs: number, lowerOnly: boolean,
): void {
  if (m === 0 || n === 0 || k === 0) return;
  if (!lowerOnly && n === 1) return matrixVector(m, k, alpha, a, ao, ars, acs, b, bo, brs, c, co, crs);
  if (!lowerOnly && m === 1) return matrixVector(n, k, alpha, b, bo, bcs, brs, a, ao, acs, c, co, ccs);
  if (m * n * k <= DIRECT_LIMIT) return directProduct(m, n, k, alpha, a, ao, ars, acs, b, bo, brs, bcs, c, co, crs, ccs, lowerOnly);
  const { a: panelA, b: panelB, edge } = scratch();
  for (let pc = 0; pc < k; pc += PANEL_DEPTH) {
    const depth = Math.min(PANEL_DEPTH, k - pc);
    for (let jc = 0; jc < n; jc += PANEL_COLUMNS) {
      const columns = Math.min(PANEL_COLUMNS, n - jc);
      packB(panelB, depth, columns, b, bo + pc * brs + jc * bcs, brs, bcs);
      for (let ic = 0; ic < m; ic += PANEL_ROWS) {
        const rows = Math.min(PANEL_ROWS, m - ic);
        if (lowerOnly && ic + rows - 1 < jc) continue;
        packA(panelA, rows, depth, a, ao + ic * ars + pc * acs, ars, acs);
        for (let jr = 0; jr < columns; jr += TILE_COLUMNS) {
          const width = Math.min(TILE_COLUMNS, columns - jr);
          for (let ir = 0; ir < rows; ir += TILE_ROWS) {
            const i0 = ic + ir;
            const j0 = jc + jr;
            if (lowerOnly && i0 + 1 < j0) continue;
            const o = co + i0 * crs + j0 * ccs;
            const height = Math.min(TILE_ROWS, rows - ir);
            if (height === TILE_ROWS && width === TILE_COLUMNS && !(lowerOnly && i0 < j0 + 3)) {
              microKernel(depth, alpha, panelA, ir * depth, panelB, jr * depth, c, o, crs, ccs);
              continue;
            }
            edge.fill(0);
            microKernel(depth, alpha, panelA, ir * depth, panelB, jr * depth, edge, 0, TILE_COLUMNS, 1);
            for (let r = 0; r < height; r++) {
              for (let s = 0; s < width; s++) {
                if (!lowerOnly || i0 + r >= j0 + s) c[o + r * crs + s * ccs]! += edge[r * TILE_COLUMNS + s]!;
              }
            }
          }
        }
      }
    }
  }
}

/**
 * c = alpha · a · b, or c += alpha · a · b with `accumulate`, for `a` [m, k], `b` [k, n], `c` [m, n] of any strides: transposes and slices
 * are views. `c` must not overlap `a` or `b`. With k = 0 the product is 0. Sums run in double, also for float32; parts of 256 terms are
 * added one after the other. NaN and Inf propagate as in IEEE arithmetic (nothing is skipped at zeros).
 */
export function gemm(m: number, n: number, k: number, alpha: number, a: MatrixView, b: MatrixView, c: MatrixView, accumulate: boolean): void {
  if (!accumulate) {
    for (let i = 0; i < m; i++) {
      const row = c.offset + i * c.rowStride;
      for (let j = 0; j < n; j++) c.data[row + j * c.columnStride] = 0;
    }
  }
  addProduct(
    m, n, k, alpha, a.data, a.offset, a.rowStride, a.columnStride, b.data, b.offset, b.rowStride, b.columnStride,
    c.data, c.offset, c.rowStride, c.columnStride, false,
  );
}

/** Writes the product of contiguous `a` [m, k] and `b` [k, n] into `c` [m, n]. */
export function matmul(m: number, n: number, k: number, a: FloatArray, b: FloatArray, c: FloatArray): void {
  c.fill(0, 0, m * n);
  addProduct(m, n, k, 1, a, 0, k, 1, b, 0, n, 1, c, 0, n, 1, false);
}
