// Runs before anything is installed: plain JavaScript, nothing imported but Node itself.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const least = [20, 19];

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < least[0] || (major === least[0] && minor < least[1])) {
  console.error(
    `This needs Node ${least.join('.')} or newer; here is ${process.versions.node}. See https://nodejs.org.`,
  );
  process.exit(1);
}

/** @param {string} file */
const packagesOf = (file) => {
  try {
    return JSON.parse(readFileSync(join(root, file), 'utf8')).packages;
  } catch {
    return undefined;
  }
};

/**
 * npm writes down what it installed in `node_modules/.package-lock.json`. Compared by content, not by age: a checkout sets the times of
 * files anew. What is optional may be missing: it is another platform's.
 */
const isInstalled = () => {
  const wanted = packagesOf('package-lock.json');
  const installed = packagesOf('node_modules/.package-lock.json');
  if (!wanted || !installed) return false;
  return Object.entries(wanted).every(([path, entry]) => {
    const here = installed[path];
    return path === '' || (here ? here.version === entry.version : entry.optional === true);
  });
};

if (!isInstalled()) {
  console.log('Installing what is missing (npm ci) …');
  const npm = spawnSync('npm ci --no-fund --no-audit', { cwd: root, stdio: 'inherit', shell: true });
  if (npm.status !== 0) {
    console.error('npm ci did not succeed; its message is above.');
    process.exit(npm.status ?? 1);
  }
}
