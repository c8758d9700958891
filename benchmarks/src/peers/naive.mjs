/** Three loops, as one would write them without a library. */
export function naiveLoops(n) {
  return {
    gemm: (a, b) => {
      const c = new Float64Array(n * n);
      for (let i = 0; i < n; i++) {
        for (let k = 0; k < n; k++) {
          const v = a[i * n + k];
          for (let j = 0; j < n; j++) c[i * n + j] += v * b[k * n + j];
        }
      }
      return c;
    },
    cholesky: (a) => {
      const l = new Float64Array(n * n);
      for (let i = 0; i < n; i++) {
        for (let j = 0; j <= i; j++) {
          let s = a[i * n + j];
          for (let k = 0; k < j; k++) s -= l[i * n + k] * l[j * n + k];
          l[i * n + j] = i === j ? Math.sqrt(s) : s / l[j * n + j];
        }
      }
      return l;
    },
    triangularSolve: (l, b) => {
      const x = b.slice();
      for (let i = 0; i < n; i++) {
        for (let k = 0; k < i; k++) {
          const v = l[i * n + k];
          for (let j = 0; j < n; j++) x[i * n + j] -= v * x[k * n + j];
        }
        for (let j = 0; j < n; j++) x[i * n + j] /= l[i * n + i];
      }
      return x;
    },
  };
}

/** f of each number, in a loop: faster than `map`. */
export function mapped(x, f) {
  const y = new Float64Array(x.length);
  for (let i = 0; i < x.length; i++) y[i] = f(x[i]);
  return y;
}
export function total(x) {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += x[i];
  return sum;
}
export function added(x, y) {
  const z = new Float64Array(x.length);
  for (let i = 0; i < x.length; i++) z[i] = x[i] + y[i];
  return z;
}
