// Runs vast-cloud in a clone. Node's built-ins only, and little of them: every command passes through here.
const fs = require('node:fs');
const path = require('node:path');

const root = path.resolve(__dirname, '..');
const at = file => path.join(root, file);
const time = file => fs.statSync(at(file), { throwIfNoEntry: false })?.mtimeMs ?? 0;

/** npm writes the second file last, so it is older than the first where the dependencies are not those of the clone. */
const isInstalled = () => time('node_modules/.package-lock.json') >= time('package-lock.json') && time('node_modules/.package-lock.json') > 0;

/** What each step of the compilation writes last. */
const COMPILED = ['.jsii', 'lib/runtime/aws-sdk/core.js', 'lib/examples/quickstart.js', 'lib/local-aws/exec-gateway.js'];

function isCompiled() {
  const compiled = Math.min(...COMPILED.map(time));
  const newest = directory => Math.max(...fs.readdirSync(at(directory), { withFileTypes: true }).map(entry => entry.isDirectory()
    ? newest(path.join(directory, entry.name))
    : time(path.join(directory, entry.name))));
  const bundles = ['bundle', 'bundle-aws-sdk', 'bundle-exec-gateway'].map(name => time(`build-tools/${name}.mjs`));
  return compiled >= Math.max(newest('src'), ...bundles, newest('examples/typescript'), newest('local-aws/exec-gateway'));
}

/** Does what is missing, unless another first run is at it already: then waits for that. */
function prepare() {
  const lock = at('node_modules.preparing');
  for (let told = false; ; told = true) {
    try {
      fs.writeFileSync(lock, String(process.pid), { flag: 'wx' });
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    if (!isAlive(lock)) {
      fs.rmSync(lock, { force: true });
    } else {
      if (!told) say('another first run is installing: waiting for it');
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500);
    }
  }
  try {
    if (!isInstalled()) {
      say('installing what it needs (once; about a minute)');
      step('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
    }
    if (!isCompiled()) {
      say('compiling');
      step(process.execPath, [at('node_modules/.bin/projen'), 'compile']);
      // The compiler leaves a file alone whose content stays the same, however new its source is.
      const now = new Date();
      for (const file of COMPILED) fs.utimesSync(at(file), now, now);
    }
  } finally {
    fs.rmSync(lock, { force: true });
  }
}

function isAlive(lock) {
  try {
    process.kill(Number(fs.readFileSync(lock, 'utf8')), 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function step(command, args) {
  const { spawnSync } = require('node:child_process');
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd: root, encoding: 'utf8', maxBuffer: 2 ** 26 });
  if (status !== 0) {
    process.stderr.write(`${stdout ?? ''}${stderr ?? ''}`);
    say(`${[path.basename(command), ...args].join(' ')} failed${error ? `: ${error.message}` : ` with ${status}`}`);
    fs.rmSync(at('node_modules.preparing'), { force: true });
    process.exit(1);
  }
}

function say(words) {
  process.stderr.write(`vast-cloud: ${words}\n`);
}

if (!isInstalled() || !isCompiled()) prepare();
require(at('lib/cli/main.js')).main(process.argv).then((exitCode) => { process.exitCode = exitCode; });
