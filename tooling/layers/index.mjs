// node tooling/layers/index.mjs: do the packages keep to the layers?
import { finish, packagesOf, root } from '../workspace/index.mjs';
import { checkLayers } from './check.mjs';

finish('layers', checkLayers(root), `${packagesOf().length} packages keep to their layers`);
