/** The WebAssembly backend of Matheron. */
export { initWasm, wasm } from './context.ts';
export { WasmBackend } from './wasm-backend.ts';
