const { readFileSync } = require('node:fs');
const path = require('node:path');

/** The most that a download may be, in bytes; the demo's data is not counted. */
const MOST_BYTES = 2_500_000;
const DATA = 'examples/data/';

/** Nobody who installs the package has a use for these. */
const OURS_ALONE = [
  [/^(test|test-reports|coverage|bench|build-tools|docs|projenrc|dist)\//, 'it is for those who work on the package'],
  [/^local-aws\/tests\//, 'it is a test'],
  [/(^|\/)__tests__\/|\.(test|spec)\.[cm]?[jt]s$/, 'it is a test'],
  [/^src\//, 'it is a source, and compiled elsewhere'],
  [/^(?!examples\/).*(?<!\.d)\.ts$/, 'it is a source, and compiled elsewhere'],
  [/\.map$|\.tsbuildinfo$|\.snap$/, 'it is for debugging'],
  [/(^|\/)(__pycache__|\.venv|cdk\.out)\/|\.pyc$/, 'it is left from a run'],
  [/(^|\/)\.(env|npmrc|nvmrc|git|github|ci|projen)/, 'it is for the repository'],
];

/** The output of compiler and bundlers in the package. */
const MADE = /^(lib\/|\.jsii$|docker\/client\/bootstrap\.js$)/;

/** Parts that are found by their paths when the package runs. */
const NEEDED = [
  '.jsii', 'API.md', 'LICENSE', 'README.md', 'package.json',
  'docker/client/.dockerignore', 'docker/client/Dockerfile', 'docker/client/bootstrap.js', 'docker/client/launcher.pl',
  'lib/cli/app.js', 'lib/examples/quickstart.js', 'local-aws/local_aws_ctl.py', 'local-aws/requirements.txt',
];
const SDK = 'lib/runtime/aws-sdk/';
const LICENCES = `${SDK}THIRD-PARTY-LICENCES.txt`;

/**
 * What is wrong with a package that would be published.
 *
 * @param packed what `npm pack --json` says of it
 * @param root where its files are
 * @param tracked the files of the repository: desktops, editors and trials leave others beside them
 */
function problemsOf({ files, size, bundled = [] }, manifest, root, tracked) {
  const paths = files.map(file => file.path);
  const own = paths.filter(file => !file.startsWith('node_modules/'));
  const data = files.filter(file => file.path.startsWith(DATA)).reduce((sum, file) => sum + file.size, 0);
  const problems = own.flatMap(file => OURS_ALONE.filter(([pattern]) => pattern.test(file)).slice(0, 1).map(([, why]) => `${file}: ${why}`));

  problems.push(...own.filter(file => !MADE.test(file) && !tracked.includes(file) && !OURS_ALONE.some(([pattern]) => pattern.test(file)))
    .map(file => `${file}: it is neither in the repository nor made by the compilation`));

  const entries = [manifest.main, manifest.types, ...targetsOf(manifest.bin), ...targetsOf(manifest.exports)].map(file => file.replace(/^\.\//, ''));
  problems.push(...[...new Set([...NEEDED, ...entries, LICENCES])].filter(file => !paths.includes(file)).map(file => `${file} is missing`));

  // `#aws-sdk/*` names a file for each client, and each needs what they have in common.
  const clients = paths.filter(file => file.startsWith(SDK) && file.endsWith('.js'));
  if (!clients.includes(`${SDK}core.js`) || clients.length < 2) problems.push(`${SDK} has no bundle of the AWS SDK`);
  if (paths.some(file => file.startsWith('node_modules/@aws-sdk/'))) {
    problems.push('the AWS SDK is there as packages, and should be bundled into files');
  }

  for (const name of manifest.bundledDependencies) {
    if (!bundled.includes(name)) problems.push(`the dependency ${name} is not bundled`);
    const licence = paths.find(file => file.startsWith(`node_modules/${name}/`) && /\/licen[cs]e[^/]*$/i.test(file));
    if (!licence) problems.push(`the dependency ${name} comes without its licence`);
  }
  const unasked = bundled.filter(name => !manifest.bundledDependencies.includes(name));
  problems.push(...unasked.map(name => `${name} is bundled, and nobody has said that it should be`));

  const namesRoot = file => /\.(c?js|json|ts|md|py|pl|txt)$/.test(file) && readFileSync(path.join(root, file), 'utf8').includes(root);
  problems.push(...own.filter(namesRoot).map(file => `${file} names ${root}`));
  if (size - data > MOST_BYTES) problems.push(`it has ${size - data} bytes without the demo's data, and may have ${MOST_BYTES}`);
  return problems;
}

/** The files that a field of package.json names, at whatever depth. */
function targetsOf(value) {
  return typeof value === 'string' ? [value] : Object.values(value).flatMap(targetsOf);
}

module.exports = { problemsOf };
