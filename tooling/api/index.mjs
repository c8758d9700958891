// node tooling/api/index.mjs [--update] [id …]: the public API of each entry point, as a file that reviews can read.
// Without --update a difference between etc/ and dist is a failure.
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Extractor, ExtractorConfig, ExtractorLogLevel } from '@microsoft/api-extractor';
import { entryPoints, finish, packagesOf, root } from '../workspace/index.mjs';

const update = process.argv.includes('--update');
const wanted = process.argv.slice(2).filter((a) => !a.startsWith('-'));
const reports = join(root, 'etc');
const scratch = join(root, '.cache', 'api');
mkdirSync(reports, { recursive: true });
mkdirSync(scratch, { recursive: true });
/** @type {string[]} */
const problems = [];
const expected = new Set();

for (const { id, folder, manifest } of packagesOf()) {
  for (const [subpath, { types = '' }] of entryPoints(manifest)) {
    const name = id + subpath.slice(1).replaceAll('/', '.');
    expected.add(`${name}.api.md`);
    if (wanted.length && !wanted.includes(id)) continue;
    if (!existsSync(join(folder, types))) {
      problems.push(`${name}: ${types} does not exist; run pnpm build`);
      continue;
    }
    const config = ExtractorConfig.prepare({
      packageJsonFullPath: join(folder, 'package.json'),
      configObjectFullPath: undefined,
      configObject: {
        projectFolder: folder,
        mainEntryPointFilePath: join(folder, types),
        newlineKind: 'lf',
        compiler: {
          overrideTsconfig: {
            compilerOptions: {
              target: 'ES2022', module: 'NodeNext', moduleResolution: 'NodeNext', lib: ['ES2023', 'ESNext.Disposable', 'DOM', 'DOM.Iterable'],
              types: [], strict: true, skipLibCheck: true, noEmit: true, allowImportingTsExtensions: true,
            },
            files: [join(folder, types)],
          },
        },
        apiReport: { enabled: true, reportFolder: reports, reportTempFolder: scratch, reportFileName: `${name}.api.md` },
        docModel: { enabled: false },
        dtsRollup: { enabled: false },
        tsdocMetadata: { enabled: false },
        messages: {
          compilerMessageReporting: { default: { logLevel: ExtractorLogLevel.Error } },
          // Release tags and TSDoc's syntax are not used here; names that leak without being exported are shown in the report.
          extractorMessageReporting: { default: { logLevel: ExtractorLogLevel.None }, 'ae-forgotten-export': { logLevel: ExtractorLogLevel.None, addToApiReportFile: true } },
          tsdocMessageReporting: { default: { logLevel: ExtractorLogLevel.None } },
        },
      },
    });
    const before = problems.length;
    const { apiReportChanged } = Extractor.invoke(config, {
      localBuild: update,
      messageCallback: (message) => {
        message.handled = true;
        if (message.logLevel === ExtractorLogLevel.Error) problems.push(`${name}: ${message.text}`);
      },
    });
    if (apiReportChanged && !update && problems.length === before) problems.push(`etc/${name}.api.md is not what dist exports: run pnpm api --update and review the difference`);
    if (apiReportChanged && update) console.log(`wrote etc/${name}.api.md`);
  }
}
for (const file of readdirSync(reports)) {
  if (!file.endsWith('.api.md') || expected.has(file)) continue;
  if (update) rmSync(join(reports, file));
  else problems.push(`etc/${basename(file)} belongs to no entry point`);
}
finish('api', problems, `${expected.size} reports ${update ? 'written' : 'agree with dist'}`);
