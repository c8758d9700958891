// What the pages of the reference are called, what stands on them, and where names in comments lead.
import { existsSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { MinimalSourceFile } from 'typedoc';
import { entryPoints, packagesOf, root } from '../workspace/index.mjs';

/** @typedef {{ name: string, subpath: string, folder: string, source: string }} EntryPoint */

/**
 * Public entry points by the name that TypeDoc gives a module, which is its file: 'packages/gp/src/plot' is '@matheron/gp/plot'.
 * @returns {Map<string, EntryPoint>}
 */
export function moduleNames() {
  return new Map(
    packagesOf().flatMap(({ folder, manifest }) =>
      entryPoints(manifest)
        .filter(([subpath]) => subpath !== './internal')
        .map(([subpath, { '@matheron/source': file = '' }]) => {
          const source = join(folder, file);
          return /** @type {const} */ ([relative(root, source).replace(/(\/index)?\.ts$/, ''), { name: manifest.name + subpath.slice(1), subpath, folder, source }]);
        }),
    ),
  );
}

/**
 * The README.md of a folder without its title, which the page has. Links to packages and guides lead to their pages; those to other places of the repository are left as text.
 * @type {(app: import('typedoc').Application, project: import('typedoc').ProjectReflection, folder: string) => import('typedoc').CommentDisplayPart[]}
 */
export function pageOf(app, project, folder) {
  const file = join(folder, 'README.md');
  const text = readFileSync(file, 'utf8').replace(/^# .*\n/, '').replaceAll(/\[([^\]]*)\]\(([^)\s]+)\)/g, (link, label, target) => {
    if (/^(\w+:|#)/.test(target)) return link;
    const place = relative(root, resolve(folder, target.replace(/#.*/, '')));
    return /^(packages\/[^/]+|docs\/[^/]+\.md)$/.test(place) && existsSync(join(root, place)) ? link : label;
  });
  return app.converter.parseRawComment(new MinimalSourceFile(text, /** @type {import('typedoc').NormalizedPath} */ (file)), project.files).content;
}

/**
 * Links of comments to names that their files don't import: exports of any module, and members of those.
 * @type {(project: import('typedoc').ProjectReflection) => void}
 */
export function linkNames(project) {
  for (const { comment } of Object.values(project.reflections)) {
    for (const part of comment?.summary ?? []) {
      if (part.kind !== 'inline-tag' || part.tag !== '@link' || part.target) continue;
      const path = part.text.trim().split('.');
      const found = project.children?.map((module) => module.getChildByName(path)).find((x) => x !== undefined);
      if (found) part.target = found;
    }
  }
}

/**
 * The first heading of a document.
 * @type {(document: import('typedoc').DocumentReflection) => string}
 */
export function titleOf({ content, name }) {
  return /^# (.*)$/m.exec(content.map((part) => part.text).join(''))?.[1] ?? name;
}
