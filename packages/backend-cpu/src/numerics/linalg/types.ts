/** The storage of a dense matrix: row-major, contiguous. All functions of this folder accept both; float32 is computed in double and rounded when stored. */
export type FloatArray = Float64Array | Float32Array;

/** A strided window on a matrix: element (i, j) is `data[offset + i * rowStride + j * columnStride]`. Strides may be negative. */
export interface MatrixView {
  readonly data: FloatArray;
  readonly offset: number;
  readonly rowStride: number;
  readonly columnStride: number;
}

/** Which triangle holds the matrix, whether its transpose is solved, whether its diagonal counts as ones, and the side it stands on. */
export interface TriangularOptions {
  readonly lower: boolean;
  readonly transpose: boolean;
  readonly unitDiagonal: boolean;
  readonly side: 'left' | 'right';
}
