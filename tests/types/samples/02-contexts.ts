// Another backend by config, or for one block of code
import { tensor } from 'matheron';
import { configure, cpu, defineConfig, withContext } from 'matheron';
import { tfjs } from '@matheron/backend-tfjs';

export default defineConfig({ backend: ['native', 'wasm'], threads: 2 }); // matheron.config.js
const ctx = await configure({ backend: 'native' });
const here = withContext(cpu(), () => tensor([[1, 2], [3, 4]]).matmul([[1], [1]]));
const there = tensor([1, 2, 3], { ctx: await tfjs('webgl', { dtype: 'float32' }) }).exp();
console.log(`${ctx}`, here.toArray<number[][]>()[0]?.[0], await there.data());
