// Checks that a clone is set up for vast-cloud. Every command does, so the usual answer takes a few calls of stat(2).
const fs = require('node:fs');
const path = require('node:path');

const root = path.resolve(__dirname, '../..');
const at = file => path.join(root, file);
const stat = file => fs.statSync(at(file), { throwIfNoEntry: false });
const time = file => stat(file)?.mtimeMs ?? 0;

const WANTED = 'package-lock.json';
/** npm writes it last: the packages that it has installed. */
const INSTALLED = 'node_modules/.package-lock.json';
/** Names the two files above that were compared, and found to agree. */
const MARKER = 'node_modules/.cdk-vast-installed';

/** The files that the compilation writes, in order: the last one of each part. The TypeScript compiler alone makes no `.jsii`. */
const compiledFiles = () => [stat('.jsii') ? '.jsii' : 'lib/index.js', 'lib/runtime/aws-sdk/core.js', 'lib/examples/quickstart.js', 'docker/client/bootstrap.js', 'lib/local-aws/exec-gateway.js'];

/** Desktops and editors put files of their own beside the sources. */
const SOURCE = /^[^.#].*\.ts$/;

/** Checks that the dependencies are those of the lock file. */
function isInstalled() {
  const compared = [WANTED, INSTALLED].map(file => `${time(file)} ${stat(file)?.size}`).join('\n');
  if (time(MARKER) > 0 && fs.readFileSync(at(MARKER), 'utf8') === compared) return true;
  if (missingPackages().length > 0) return false;
  try {
    fs.writeFileSync(at(MARKER), compared);
  } catch {
    // Somebody else's clone: the files are compared each time.
  }
  return true;
}

/** Packages of the lock file that are not installed: other settings of npm leave some out, and so does an interrupted installation. */
function missingPackages() {
  const wanted = packagesOf(WANTED);
  const installed = packagesOf(INSTALLED);
  return Object.entries(wanted)
    .filter(([directory, entry]) => directory !== '' && isNeeded(entry))
    .filter(([directory, { version }]) => installed[directory]?.version !== version || !stat(`${directory}/package.json`))
    .map(([directory]) => directory);
}

function packagesOf(file) {
  try {
    return JSON.parse(fs.readFileSync(at(file), 'utf8')).packages ?? {};
  } catch {
    return {};
  }
}

/** npm may leave out optional packages. Some of them are needed: the programs of this platform, such as esbuild's. */
function isNeeded({ optional, os, cpu, libc }) {
  return !optional || !libc && Boolean(os?.includes(process.platform) && cpu?.includes(process.arch));
}

/** Checks that the compiled files are newer than their sources. */
function isCompiled() {
  const compiled = Math.min(...compiledFiles().map(time));
  const newest = directory => Math.max(0, ...fs.readdirSync(at(directory), { withFileTypes: true })
    .map(entry => ({ entry, file: path.join(directory, entry.name) }))
    .map(({ entry, file }) => entry.isDirectory() ? newest(file) : SOURCE.test(entry.name) ? time(file) : 0));
  const bundles = ['bundle', 'bundle-aws-sdk', 'bundle-exec-gateway'].map(name => time(`build-tools/${name}.mjs`));
  return Boolean(stat('lib/cli/main.js'))
    && compiled >= Math.max(newest('src'), ...bundles, newest('examples/typescript'), newest('local-aws/exec-gateway'));
}

module.exports = { compiledFiles, isCompiled, isInstalled, missingPackages, root };
