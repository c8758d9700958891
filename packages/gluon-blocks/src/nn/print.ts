/** `(3, 3)`, `(3,)`: a tuple as Gluon prints it. */
export function tuple(values: readonly number[]): string {
  return values.length === 1 ? `(${values[0]},)` : `(${values.join(', ')})`;
}

/** A number as Python prints a float: `1.0`, `0.9`, `1e-05`. */
export function float(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e16) return `${value}.0`;
  if (value !== 0 && Number.isFinite(value) && (Math.abs(value) < 1e-4 || Math.abs(value) >= 1e16)) {
    const [digits, exponent = '0'] = value.toExponential().split('e');
    const power = Number(exponent);
    return `${digits}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
  }
  return String(value);
}

/** `True` or `False`. */
export function bool(value: boolean): string {
  return value ? 'True' : 'False';
}

/** A dimension, `None` while it is unknown. */
export function dimension(size: number | undefined): string {
  return size !== undefined && size > 0 ? String(size) : 'None';
}
