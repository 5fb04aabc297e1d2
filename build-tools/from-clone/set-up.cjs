// Installs and compiles in a clone what vast-cloud needs, whatever the caller's settings of npm are.
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { lock } = require('./lock.cjs');
const { compiledFiles, isCompiled, isInstalled, missingPackages, root } = require('./state.cjs');

/** Everything that is locked, and only here: also against npm's configuration files. The packages work without their scripts. */
const NPM_CI = ['ci', ...['dev', 'optional', 'peer'].map(type => `--include=${type}`), '--bin-links', '--ignore-scripts', '--install-strategy=hoisted',
  '--location=project', '--no-audit', '--no-dry-run', '--no-engine-strict', '--no-fund', '--no-global', '--no-legacy-peer-deps', '--no-package-lock-only',
  '--no-strict-peer-deps', '--no-workspaces', '--package-lock', '--loglevel=error'];

/** The settings of npm that tell how a package is fetched: registry, proxy, credentials, cache. Others do not reach it. */
const FETCHING = /^npm_config_(registry|(https?_)?proxy|no_?proxy|ca|cafile|cert|key|strict_ssl|cache|userconfig|globalconfig|fetch_\w+|maxsockets|local_address|offline|prefer_(off|on)line|_\w+|.*[:@/].*)$/i;

/** Does what is missing, unless another first run is at it already: then waits for that. */
function setUp() {
  if (root.includes('\\')) {
    say(`it is in "${root}", and Node.js loads no modules from a directory whose name has a backslash: rename it`);
    process.exit(1);
  }
  const held = locked();
  const step = (program, args, env) => runStep(program, args, env, held);
  let directory;
  const temporary = () => directory ??= fs.mkdtempSync(path.join(os.tmpdir(), 'vast-cloud-set-up-'));
  try {
    const env = environment();
    if (!isInstalled()) {
      say('installing what it needs (once; about a minute)');
      step('npm', NPM_CI, { ...env, ...cache(env, temporary) });
      const missing = missingPackages();
      if (missing.length > 0) fail(`npm ci left out ${missing.slice(0, 3).join(', ')}${missing.length > 3 ? ', …' : ''}: see whether the registry has them`);
      isInstalled();
    }
    if (!isCompiled()) {
      say('compiling');
      // A source that is saved while this goes on is newer than what is made of it.
      const began = new Date();
      // The last step makes it anew: without it nothing counts as compiled.
      fs.rmSync(path.join(root, compiledFiles().at(-1)), { force: true });
      for (const [program, ...args] of compilation()) step(program, args, env);
      // The compiler leaves a file alone whose content stays the same, however new its source is.
      for (const file of compiledFiles()) fs.utimesSync(path.join(root, file), began, began);
    }
  } catch (error) {
    if (!(error instanceof Failed)) throw error;
    say(error.message);
    process.exitCode = 1;
  } finally {
    if (directory) fs.rmSync(directory, { recursive: true, force: true });
    if (held !== undefined) fs.closeSync(held);
  }
  if (process.exitCode) process.exit();
}

/** Keeps other first runs out. */
function locked() {
  try {
    return lock(path.join(root, 'node_modules.preparing'), () => say('another first run is installing: waiting for it'));
  } catch (error) {
    if (!['EACCES', 'EPERM', 'EROFS'].includes(error.code)) throw error;
    say(`it has to be set up first, and this user cannot write to ${root}: have the owner of that directory run ./vast-cloud --version once`);
    return process.exit(1);
  }
}

/**
 * The steps of `projen compile`. Their programs are called by file: a directory whose name has a colon cannot be in PATH.
 * jsii does not work in one whose name has a quotation mark; without it the package is for JavaScript alone.
 */
function compilation() {
  const { tasks } = JSON.parse(fs.readFileSync(path.join(root, '.projen/tasks.json'), 'utf8'));
  return tasks.compile.steps.map(({ exec }) => exec.split(' '))
    .map(step => step[0] === 'jsii' && root.includes('"') ? ['tsc', '--project', 'tsconfig.json'] : step)
    .map(([program, ...args]) => [process.execPath, ...program === 'node' ? [] : [path.join(root, 'node_modules/.bin', program)], ...args]);
}

/** The caller's environment without what changes the set-up. */
function environment() {
  return Object.fromEntries(Object.entries(process.env)
    .filter(([name]) => name !== 'NODE_ENV' && (!/^npm_config_/i.test(name) || FETCHING.test(name.replaceAll('-', '_')))));
}

/** npm's cache, unless it cannot write there: then one that is removed afterwards. */
function cache(env, temporary) {
  const { stdout } = spawnSync('npm', ['config', 'get', 'cache', '--no-workspaces', '--location=project'], { cwd: root, env, encoding: 'utf8' });
  let directory = stdout?.trim();
  if (!directory || !path.isAbsolute(directory)) return {};
  while (!fs.existsSync(directory)) directory = path.dirname(directory);
  try {
    fs.accessSync(directory, fs.constants.W_OK);
    return {};
  } catch {
    return { npm_config_cache: path.join(temporary(), 'npm') };
  }
}

class Failed extends Error {}

function fail(message) {
  throw new Failed(message);
}

function runStep(program, args, env, held) {
  // A step holds the lock as well: it goes on when vast-cloud is killed.
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    cwd: root, env, encoding: 'utf8', maxBuffer: 2 ** 26, stdio: ['ignore', 'pipe', 'pipe', held ?? 'ignore'],
  });
  if (status !== 0) {
    process.stderr.write(`${stdout ?? ''}${stderr ?? ''}`);
    const step = [path.basename(program), ...args].join(' ');
    fail(error ? `${step} failed: ${error.message}` : `${step} failed with ${status}`);
  }
}

function say(words) {
  process.stderr.write(`vast-cloud: ${words}\n`);
}

module.exports = { compilation, setUp };
