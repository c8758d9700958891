import { closeSync, openSync, readSync } from 'node:fs';

const elf: Readonly<Record<number, string>> = { 0x03: 'ia32', 0x28: 'arm', 0x3e: 'x64', 0xb7: 'arm64', 0xf3: 'riscv64', 0x15: 'ppc64', 0x16: 's390x', 0x102: 'loong64' };
const machO: Readonly<Record<number, string>> = { 0x7: 'ia32', 0x1000007: 'x64', 0x100000c: 'arm64' };
const pe: Readonly<Record<number, string>> = { 0x14c: 'ia32', 0x8664: 'x64', 0xaa64: 'arm64' };

/** What a file's header says: its format and the processors it is for. undefined: no format of shared libraries. */
export interface BinaryFormat {
  readonly format: 'ELF' | 'Mach-O' | 'PE';
  readonly processors: readonly string[];
  readonly shared: boolean;
}

/** Reads the header of an ELF, Mach-O or PE file. Errors of the file system are passed on. */
export function binaryFormat(path: string): BinaryFormat | undefined {
  const file = openSync(path, 'r');
  try {
    const bytes = new Uint8Array(4096);
    return formatOf(new DataView(bytes.buffer, 0, readSync(file, bytes)));
  } finally {
    closeSync(file);
  }
}

function formatOf(view: DataView): BinaryFormat | undefined {
  const size = view.byteLength;
  if (size < 64) return undefined;
  const magic = view.getUint32(0);
  if (magic === 0x7f454c46) {
    const little = view.getUint8(5) === 1, machine = view.getUint16(18, little), wide = view.getUint8(4) === 2;
    // 32-bit code on a 64-bit machine number (x32) is as foreign as another processor
    const name = elf[machine] ?? `processor ${machine}`;
    return { format: 'ELF', processors: [wide === ['ia32', 'arm'].includes(name) ? `${name} in ${wide ? 64 : 32} bits` : name], shared: view.getUint16(16, little) === 3 };
  }
  if (magic === 0xcffaedfe || magic === 0xcefaedfe) {
    // MH_DYLIB, MH_BUNDLE
    return { format: 'Mach-O', processors: [processorOf(view.getUint32(4, true))], shared: [6, 8].includes(view.getUint32(12, true)) };
  }
  if (magic === 0xcafebabe && view.getUint32(4) < 32) {
    const processors: string[] = [];
    for (let k = 0, at = 8; k < view.getUint32(4) && at + 4 <= size; k++, at += 20) processors.push(processorOf(view.getUint32(at)));
    return { format: 'Mach-O', processors, shared: true };
  }
  if (view.getUint16(0) === 0x4d5a) {
    const at = view.getUint32(0x3c, true);
    if (at + 24 > size || view.getUint32(at) !== 0x50450000) return undefined;
    const machine = view.getUint16(at + 4, true);
    return { format: 'PE', processors: [pe[machine] ?? `processor ${machine}`], shared: (view.getUint16(at + 22, true) & 0x2000) !== 0 };
  }
  return undefined;
}
function processorOf(type: number): string {
  return machO[type] ?? `processor ${type}`;
}

/** Why this process can't load a file as a shared library, or undefined where its header fits. */
export function foreignBinary(path: string, platform: string = process.platform, processor: string = process.arch): string | undefined {
  let found: BinaryFormat | undefined;
  try {
    found = binaryFormat(path);
  } catch (error) {
    return `can't be read (${(error as NodeJS.ErrnoException).code ?? String(error)})`;
  }
  if (!found) return 'is no shared library';
  const format = platform === 'darwin' ? 'Mach-O' : platform === 'win32' ? 'PE' : 'ELF';
  if (found.format !== format) return `is a ${found.format} file; this system loads ${format}`;
  if (!found.processors.includes(processor)) return `is for ${found.processors.join(', ')}; this process runs on ${processor}`;
  return found.shared ? undefined : `is no shared library but another ${format} file`;
}
