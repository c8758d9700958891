// node limit/build.mjs: compiles limit/assembly to limit/kernels.wasm.
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

const here = (file) => fileURLToPath(new URL(file, import.meta.url));
const { error, stderr } = await asc.main([here('assembly/kernels.ts'), '-o', here('kernels.wasm'), '-O3', '--enable', 'simd', '--importMemory', '--runtime', 'stub', '--baseDir', '/']);
if (error) throw new Error(`${error.message}\n${stderr}`);
