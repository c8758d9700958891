/** Where a recursion over an n × n triangle splits: about the middle, at a multiple of 32, so that the packed products see full tiles. */
export function splitPoint(n: number): number {
  const middle = ((n / 2 + 31) >> 5) << 5;
  return middle < n ? middle : n >> 1;
}
