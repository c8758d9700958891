// node tooling/reference/index.mjs: the API reference of all public entry points, as pages in out/reference.
// Failures: a link that leads nowhere, and an export or a method of one without a comment.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { Application, Converter, LogLevel, Logger, ReflectionKind } from 'typedoc';
import { finish, root, walk } from '../workspace/index.mjs';
import { commentMethods, commentOverrides, undocumented } from './comments.mjs';
import { linkNames, moduleNames, pageOf, titleOf } from './pages.mjs';

const out = join(root, 'out', 'reference');
/** @type {string[]} */
const problems = [];

/** Collects what the default logger only prints. */
class Problems extends Logger {
  /** @override @type {Logger['log']} */
  log(message, level) {
    if (level >= LogLevel.Warn) problems.push(message);
  }
}

const names = moduleNames();
const app = await Application.bootstrap({
  name: 'Matheron',
  tsconfig: join(root, 'tooling', 'reference', 'tsconfig.sources.json'),
  basePath: root,
  entryPoints: [...names.values()].map(({ source }) => source),
  projectDocuments: walk(join(root, 'docs'), (path) => path.endsWith('.md')),
  readme: 'none',
  out,
  // `pnpm typecheck` does that, with the compiler of the packages.
  skipErrorChecking: true,
  disableGit: true,
  disableSources: true,
  excludePrivate: true,
  excludeInternal: true,
  validation: { invalidLink: true, notDocumented: false, notExported: false },
});
app.logger = new Problems();
app.converter.on(Converter.EVENT_CREATE_DECLARATION, (_context, reflection) => {
  const known = reflection.kind === ReflectionKind.Module && names.get(reflection.name);
  if (known) reflection.name = known.name;
});
app.converter.on(Converter.EVENT_CREATE_DOCUMENT, (_context, document) => {
  document.name = titleOf(document);
});
app.converter.on(Converter.EVENT_CREATE_SIGNATURE, commentOverrides);
app.converter.on(Converter.EVENT_RESOLVE_BEGIN, commentMethods);

const project = await app.convert();
if (project) {
  linkNames(project);
  project.readme = pageOf(app, project, root);
  for (const { name, subpath, folder } of names.values()) {
    const module = project.getChildByName([name]);
    if (!module?.isDeclaration()) throw new Error(`no page for ${name}`);
    if (subpath !== '.') continue;
    project.files.registerReflectionPath(/** @type {import('typedoc').NormalizedPath} */ (folder), module);
    module.readme = pageOf(app, project, folder);
  }
  app.validate(project);
  problems.push(...undocumented(project));
  rmSync(out, { recursive: true, force: true });
  await app.generateDocs(project, out);
}
finish('reference', problems, `${names.size} entry points in out/reference`);
