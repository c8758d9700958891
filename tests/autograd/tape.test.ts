import {
  GraphFreedError, NotRecordedError, type RowUpdates, UnreachableVariableError, attachGrad, backward, customGradient, grad, gradOf, gradientTarget, gradients, isRecording, isTraining, markCell, onBackward,
  pause, predictMode, record, trainMode, unmarkCell,
} from '@matheron/autograd';
import { cpu } from '@matheron/backend-cpu';
import { AsyncFunctionError, Cell, DTypeError, RecordedWriteError, ShapeError, type Tensor, backendOf, currentFrame, setDefaultContext, take, tensor, zeros, zerosLike } from '@matheron/core-tensor';
import { describe, expect, it } from 'vitest';

setDefaultContext(cpu());
function parameter(value: number | number[], req: 'write' | 'add' = 'write'): { data: Cell; gradient: Cell } {
  const data = new Cell(tensor(value));
  const gradient = new Cell(zerosLike(data.read()));
  markCell(data, req, gradient);
  return { data, gradient };
}

describe('flags', () => {
  it('are set, nested and restored', () => {
    const seen: boolean[][] = [];
    const look = (): void => void seen.push([isRecording(), isTraining()]);
    look();
    record(() => {
      look();
      pause(look);
      pause(look, { trainMode: true });
      predictMode(look);
      record(look, { trainMode: false });
    });
    trainMode(look);
    look();
    expect(seen).toEqual([[false, false], [true, true], [false, false], [false, true], [true, false], [true, false], [false, true], [false, false]]);
    expect(() => record(async () => 1)).toThrow(AsyncFunctionError);
    expect(() => record(() => { throw new Error('x'); })).toThrow('x');
    expect([isRecording(), currentFrame().levels.length]).toEqual([false, 0]);
  });
});

describe('attachGrad', () => {
  it('marks a new tensor, writes or adds', () => {
    const x = tensor([1, 2]);
    const w = attachGrad(x);
    const a = attachGrad(x, 'add');
    expect(gradOf(w).toArray()).toEqual([0, 0]);
    for (let k = 0; k < 2; k++) backward(record(() => w.mul(a).sum()));
    expect([gradOf(w).toArray(), gradOf(a).toArray(), x.toArray()]).toEqual([[1, 2], [2, 4], [1, 2]]);
    expect(() => gradOf(x)).toThrow(NotRecordedError);
    expect(() => attachGrad(tensor(new Int32Array([1])))).toThrow(DTypeError);
    const none = attachGrad(x, 'null');
    backward(record(() => none.mul(w).sum()));
    expect(gradOf(none).toArray()).toEqual([0, 0]);
  });
  it('on an intermediate cuts the graph', () => {
    const x = attachGrad(tensor(3));
    const [y, z] = record(() => {
      const middle = attachGrad(x.square());
      return [middle, middle.mul(2)] as const;
    });
    backward(z);
    expect([gradOf(x).item(), gradOf(y).item()]).toEqual([0, 2]);
  });
  it('records nothing outside of record, and results go into Cells', () => {
    const x = attachGrad(tensor(3));
    const y = x.square();
    expect(() => backward(y)).toThrow(NotRecordedError);
    const cell = new Cell(y);
    expect(cell.read().item()).toBe(9);
    backward(record(() => x.mul(pause(() => x.square()))));
    expect(gradOf(x).item()).toBe(9);
  });
});

describe('backward', () => {
  it('sums uses, weighs heads, frees the graph', () => {
    const { data, gradient } = parameter([1, 2]);
    const [a, b] = record(() => [data.read().square(), data.read().mul(3)] as const);
    backward([a, b], { headGrads: [[1, 10], null] });
    expect(gradient.read().toArray()).toEqual([5, 43]);
    expect(() => backward(a)).toThrow(GraphFreedError);
    expect(() => backward(tensor(1))).toThrow(NotRecordedError);
    expect(() => backward([])).toThrow(/no heads/);
    const c = record(() => data.read().square());
    expect(() => backward(c, { headGrads: [1, 2, 3] })).toThrow(ShapeError);
    backward(c, { headGrads: [1, 0], retainGraph: true });
    backward(c, { headGrads: [[0, 1]].flat() });
    expect(gradient.read().toArray()).toEqual([0, 4]);
  });
  it('two graphs that share an input are independent', () => {
    const { data, gradient } = parameter(2, 'add');
    const x = tensor(5);
    const [a, b] = record(() => [data.read().mul(x), data.read().mul(x.square())] as const);
    backward(a);
    backward(b);
    expect(gradient.read().item()).toBe(30);
  });
  it('the gradient is of the recorded value', () => {
    const { data, gradient } = parameter(2);
    const y = record(() => data.read().square());
    data.write(100);
    backward(y);
    expect(gradient.read().item()).toBe(4);
  });
  it('a 100,000 step tape', () => {
    const { data, gradient } = parameter(1);
    const y = record(() => {
      let t = data.read();
      for (let k = 0; k < 100_000; k++) t = t.mul(1);
      return t;
    });
    backward(y);
    expect(gradient.read().item()).toBe(1);
  });
  it('trainMode holds in the pass', () => {
    const seen: boolean[] = [];
    const f = customGradient({ forward: (x: Tensor) => [x.mul(1)], backward: (g) => { seen.push(isTraining(), isRecording()); return [g]; } });
    const { data } = parameter(1);
    backward(record(() => f(data.read())));
    backward(record(() => f(data.read())), { trainMode: false });
    expect(seen).toEqual([true, false, false, false]);
  });
});

describe('marked Cells', () => {
  it('are plain outside of record and constant when unmarked', () => {
    const { data, gradient } = parameter(3);
    expect(backendOf(data.read())).toBe(cpu().backend);
    expect(gradientTarget(data)).toBe(gradient);
    const y = record(() => data.read().square());
    unmarkCell(data);
    backward(y);
    expect(gradient.read().item()).toBe(0);
    expect(gradientTarget(data)).toBeUndefined();
    expect(() => backward(record(() => data.read().square()))).toThrow(NotRecordedError);
    markCell(data, 'null', gradient);
    expect(gradientTarget(data)).toBeUndefined();
  });
  it('may not be written while they are recorded; others may', () => {
    const { data } = parameter(3);
    const running = new Cell(tensor(1));
    record(() => {
      expect(() => data.write(1)).toThrow(RecordedWriteError);
      pause(() => data.write(5));
      running.write(data.read().mul(2));
      expect(running.read().item()).toBe(10);
    });
    expect([data.read().item(), running.read().item()]).toEqual([5, 10]);
  });
  it('give rows to a target that takes them', () => {
    const data = new Cell(zeros([5, 2]));
    const got: { rows: number[][]; dense: boolean; req: string }[] = [];
    markCell(data, 'add', {
      acceptRows(parts: readonly RowUpdates[], dense: Tensor | undefined, req: string) {
        got.push({ rows: parts.map((p) => [...p.index.dataSync(), ...p.updates.dataSync()]), dense: dense !== undefined, req });
      },
    });
    backward(record(() => take(data.read(), [1, 3, 1], 0).mul([[1], [2], [3]]).sum()));
    backward(record(() => take(data.read(), [0], 0).sum().add(data.read().sum())));
    expect(got).toEqual([{ rows: [[1, 3, 1, 1, 1, 2, 2, 3, 3]], dense: false, req: 'add' }, { rows: [[0, 1, 1]], dense: true, req: 'add' }]);
    const { data: plain, gradient } = parameter([1, 2, 3]);
    backward(record(() => take(plain.read(), [1, 1], 0).sum()));
    expect(gradient.read().toArray()).toEqual([0, 2, 0]);
  });
});

describe('gradients', () => {
  it('lists, leaves gradients alone, names what is out of reach', () => {
    const { data, gradient } = parameter(3);
    const x = attachGrad(tensor(2));
    const [y, other] = record(() => [data.read().square().mul(x), x.mul(1)] as const);
    expect(gradients(y, [data.read(), x], { retainGraph: true }).map((t) => t.item())).toEqual([12, 9]);
    expect([gradient.read().item(), gradOf(x).item()]).toEqual([0, 0]);
    expect(() => gradients(other, [x, data.read()], { retainGraph: true })).toThrow(UnreachableVariableError);
    expect(() => gradients(y, [])).toThrow(/no variables/);
    expect(gradients([y, other], [x], { headGrads: [1, 10] }).map((t) => t.item())).toEqual([19]);
    expect(() => gradients(y, [x])).toThrow(GraphFreedError);
  });
  it('with createGraph are recorded, custom rules too', () => {
    const { data, gradient } = parameter(2);
    const cube = customGradient({ forward: (t: Tensor) => [t.pow(3), t.square()], backward: (g, { kept: [s] }) => [g.mul(s).mul(3)] });
    const second = record(() => gradients(cube(data.read()), [data.read()], { createGraph: true })[0]!);
    expect(second.item()).toBe(12);
    backward(second);
    expect(gradient.read().item()).toBe(12);
    const third = record(() => gradients(gradients(data.read().pow(4), [data.read()], { createGraph: true })[0]!, [data.read()], { createGraph: true })[0]!);
    backward(third);
    expect(gradient.read().item()).toBe(48);
  });
  it('of recorded intermediates', () => {
    const x = attachGrad(tensor(2));
    const [h, y] = record(() => { const t = x.square(); return [t, t.pow(3)] as const; });
    expect(gradients(y, [h, x]).map((t) => t.item())).toEqual([48, 192]);
  });
});

describe('transformations inside record and around it', () => {
  it('grad inside record is recorded', () => {
    const { data, gradient } = parameter(2);
    // d/dw [d/dx w² x³ at 3] = 2 w · 27
    backward(record(() => grad((x: Tensor) => x.pow(3).mul(data.read().square()))(3)));
    expect(gradient.read().item()).toBe(108);
  });
  it('record inside grad is differentiated', () => {
    // the tape's gradient of w x² is 2 w x (to x); its derivative by w is 2 x
    const f = (w: Tensor): Tensor => {
      const x = attachGrad(tensor(3));
      backward(record(() => x.square().mul(w)));
      return gradOf(x);
    };
    expect(grad(f)(5).item()).toBe(6);
    const { data } = parameter(2);
    const g = (w: Tensor): Tensor => record(() => gradients(data.read().square().mul(w), [data.read()])[0]!);
    expect(grad(g)(5).item()).toBe(4);
  });
  it('grad within record within grad', () => {
    const { data } = parameter(2);
    const f = (w: Tensor): Tensor => record(() => gradients(grad((x: Tensor) => x.square().mul(data.read()).mul(w))(3), [data.read()])[0]!);
    expect(grad(f)(5).item()).toBe(6);
  });
});

describe('several contexts', () => {
  it('to(ctx) is recorded, its gradient travels back', () => {
    const x = attachGrad(tensor([1, 2]));
    const there = cpu(1);
    const w = attachGrad(tensor([3, 4], { ctx: there }));
    const y = record(() => x.square().to(there).mul(w).sum());
    expect(y.ctx).toBe(there);
    backward(y);
    expect([gradOf(x).toArray(), gradOf(x).ctx, gradOf(w).toArray(), gradOf(w).ctx]).toEqual([[6, 16], cpu(0), [1, 4], there]);
    const z = record(() => x.to(there).pow(3).to(cpu(0)).sum());
    backward(record(() => gradients(z, [x], { createGraph: true })[0]!.sum()));
    expect(gradOf(x).toArray()).toEqual([6, 12]);
    const heads = record(() => [x.square().sum(), w.square().sum()] as const);
    backward(heads);
    expect([gradOf(x).toArray(), gradOf(w).toArray()]).toEqual([[2, 4], [6, 8]]);
  });
  it('in functions too, nested, over trees of several contexts', () => {
    const there = cpu(1);
    expect(grad((x: Tensor) => x.to(there).pow(3).to(cpu(0)))(2).item()).toBe(12);
    expect(grad((x: Tensor) => grad((z: Tensor) => z.to(there).pow(3))(x))(2).item()).toBe(12);
    const g = grad((p: { a: Tensor; b: Tensor }) => p.a.to(there).mul(p.b))({ a: tensor(2), b: tensor(5, { ctx: there }) });
    expect([g.a.item(), g.a.ctx, g.b.item(), g.b.ctx]).toEqual([5, cpu(0), 2, there]);
  });
});

describe('effects of backward', () => {
  it('run once, at the end of the outermost backward, and only there', () => {
    const { data } = parameter(2);
    const log: string[] = [];
    const layer = (x: Tensor, name: string): Tensor => {
      const y = x.mul(1);
      onBackward(y, () => log.push(name));
      return y;
    };
    record(() => layer(data.read(), 'forward only'));
    layer(data.read(), 'prediction');
    grad((x: Tensor) => layer(x.mul(data.read()), 'grad'))(1);
    const y = record(() => layer(layer(data.read(), 'a'), 'b'));
    gradients(y, [data.read()], { retainGraph: true });
    expect(log).toEqual([]);
    backward(y, { retainGraph: true });
    expect(log.toSorted()).toEqual(['a', 'b']);
    backward(y);
    expect(log.length).toBe(2);
    const inner = record(() => layer(data.read(), 'inner'));
    const outer = customGradient({ forward: (x: Tensor) => [x.mul(1)], backward: (g) => { backward(inner); log.push('outer still walking'); return [g]; } });
    backward(record(() => outer(data.read())));
    expect(log.slice(2)).toEqual(['outer still walking', 'inner']);
  });
});
