import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

/**
 * Bytes of a bundle as a browser would load it: minified, tree-shaken, Node's modules and optional engines left out.
 * @type {(code: string, resolveDir: string, conditions?: string[]) => Promise<{ raw: number, gzip: number }>}
 */
export const measure = async (code, resolveDir, conditions = []) => {
  const { outputFiles } = await build({
    stdin: { contents: code, resolveDir, loader: 'js' },
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    platform: 'neutral',
    target: 'es2022',
    conditions,
    external: ['node:*', '@matheron/backend-native', '@matheron/backend-tfjs', '@tensorflow/*'],
    legalComments: 'none',
    logLevel: 'silent',
  });
  const bytes = outputFiles[0]?.contents ?? new Uint8Array();
  return { raw: bytes.length, gzip: gzipSync(bytes, { level: 9 }).length };
};
