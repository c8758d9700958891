/** @typedef {{ line: number, code: string, skip?: string }} Snippet */

/**
 * The TypeScript blocks of a Markdown text. A block without an import goes on from the block before it, so a text can
 * explain one program in parts. A fence that says `no-run: why` after its language is left out.
 * @param {string} markdown
 * @returns {Snippet[]}
 */
export const snippetsOf = (markdown) => {
  const lines = markdown.split('\n');
  /** @type {Snippet[]} */
  const snippets = [];
  for (let i = 0; i < lines.length; i++) {
    const fence = /^(\s*)```(?:ts|typescript)(?:\s+(.*))?$/.exec(lines[i] ?? '');
    if (!fence) continue;
    const start = i + 1;
    const end = lines.findIndex((line, j) => j >= start && line.trim() === '```');
    if (end < 0) throw new Error(`line ${start}: the fence is not closed`);
    const code = lines.slice(start, end).map((line) => (line.startsWith(fence[1] ?? '') ? line.slice((fence[1] ?? '').length) : line)).join('\n');
    i = end;
    const note = fence[2]?.trim() ?? '';
    const skip = /^no-run\b:?\s*(.*)$/.exec(note);
    const previous = snippets.at(-1);
    if (skip) snippets.push({ line: start, code, skip: skip[1] ?? '' });
    else if (/^\s*import\b/m.test(code) || !previous || previous.skip !== undefined) snippets.push({ line: start, code });
    else previous.code += `\n${code}`;
  }
  return snippets;
};
