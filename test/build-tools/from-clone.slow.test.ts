import { ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, cpSync, existsSync, lchownSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

// The set-up of a clone, with npm itself, on a small package in the place of ours: its compiler is a program among its
// dependencies, and a part of that is for this platform only.
const ROOT = path.resolve(__dirname, '..', '..');
const COMPILER = `#!/usr/bin/env node
const fs = require('node:fs');
fs.appendFileSync('compilations', 'begin\\n');
require('compiler-native');
while (fs.existsSync('hold')) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
for (const directory of ['docker/client', 'lib/cli', 'lib/examples', 'lib/local-aws', 'lib/runtime/aws-sdk']) fs.mkdirSync(directory, { recursive: true });
for (const file of ['lib/index.js', ...process.argv.includes('--silence-warnings') ? ['.jsii'] : [], 'lib/runtime/aws-sdk/core.js', 'lib/examples/quickstart.js', 'docker/client/bootstrap.js']) fs.writeFileSync(file, '');
fs.writeFileSync('lib/cli/main.js', 'exports.main = async argv => { console.log(JSON.stringify([process.env.NODE_ENV, ...argv.slice(2)])); return 0; };');
fs.appendFileSync('compilations', 'end\\n');
`;
const LAST_STEP = 'import { writeFileSync } from "node:fs"; writeFileSync("lib/local-aws/exec-gateway.js", "");';
const INSTALLING = 'vast-cloud: installing what it needs (once; about a minute)\n';
const COMPILING = 'vast-cloud: compiling\n';
const WAITING = 'vast-cloud: another first run is installing: waiting for it\n';

let home: string;
let template: string;

function write(directory: string, files: { [name: string]: string }): void {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(directory, name)), { recursive: true });
    writeFileSync(path.join(directory, name), content);
  }
}

function packed(name: string, manifest: object, files: { [name: string]: string }): void {
  const directory = path.join(home, name);
  write(directory, { 'package.json': JSON.stringify({ name, version: '1.0.0', ...manifest }), ...files });
  execFileSync('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', path.join(template, 'packages')], { cwd: directory });
}

beforeAll(() => {
  home = mkdtempSync(path.join(tmpdir(), 'from-clone-'));
  chmodSync(home, 0o755);
  template = path.join(home, 'template');
  mkdirSync(path.join(template, 'packages'), { recursive: true });
  packed('compiler-native', { os: [process.platform], cpu: [process.arch] }, { 'index.js': '' });
  packed('compiler', { bin: { jsii: 'compiler.js', tsc: 'compiler.js' } }, { 'compiler.js': COMPILER });
  write(template, {
    'package.json': JSON.stringify({
      name: 'clone',
      version: '1.0.0',
      devDependencies: { compiler: 'file:packages/compiler-1.0.0.tgz' },
      optionalDependencies: { 'compiler-native': 'file:packages/compiler-native-1.0.0.tgz' },
    }),
    '.projen/tasks.json': JSON.stringify({ tasks: { compile: { steps: [{ exec: 'jsii --silence-warnings' }, { exec: 'node build-tools/bundle-exec-gateway.mjs' }] } } }),
    'src/index.ts': '',
    'examples/typescript/app.ts': '',
    'local-aws/exec-gateway/main.ts': '',
    'build-tools/bundle.mjs': '',
    'build-tools/bundle-aws-sdk.mjs': '',
    'build-tools/bundle-exec-gateway.mjs': LAST_STEP,
  });
  for (const file of ['vast-cloud', 'bin', 'build-tools/from-clone.cjs', 'build-tools/from-clone']) {
    cpSync(path.join(ROOT, file), path.join(template, file), { recursive: true });
  }
  execFileSync('npm', ['install', '--package-lock-only', '--offline', '--silent'], { cwd: template });
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** A fresh clone, in a directory of its own. */
let clones = 0;
function clone(name = 'clone'): string {
  const directory = path.join(home, String(clones += 1), name);
  cpSync(template, directory, { recursive: true });
  return directory;
}

interface Call { readonly env?: NodeJS.ProcessEnv; readonly user?: { uid: number; gid: number }; readonly detached?: boolean }

/** The caller's environment without settings of npm: a test may be run by `npm run`. */
function environment(more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  return { ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(npm_|NODE_ENV$)/i.test(name))), ...more };
}

class Running {
  public stdout = '';
  public stderr = '';
  public readonly ended: Promise<{ exitCode: number | null; stdout: string; stderr: string }>;
  public readonly child: ChildProcess;

  public constructor(directory: string, { env, user, detached }: Call = {}) {
    this.child = spawn('./vast-cloud', ['status', 'a b'], { cwd: directory, env: environment(env), ...user, detached, stdio: ['ignore', 'pipe', 'pipe'] });
    this.child.stdout!.on('data', (data: Buffer) => { this.stdout += String(data); });
    this.child.stderr!.on('data', (data: Buffer) => { this.stderr += String(data); });
    this.ended = once(this.child, 'close').then(([exitCode]) => ({ exitCode: exitCode as number | null, stdout: this.stdout, stderr: this.stderr }));
  }

  public async says(words: string): Promise<void> {
    while (!this.stderr.includes(words)) await once(this.child.stderr!, 'data');
  }
}

async function vastCloud(directory: string, call?: Call) {
  return new Running(directory, call).ended;
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise(resolve => setTimeout(resolve, 10));
}

const answer = (stderr: string, nodeEnv: string | null = null) => ({ exitCode: 0, stdout: `${JSON.stringify([nodeEnv, 'status', 'a b'])}\n`, stderr });
const compilations = (directory: string) => readFileSync(path.join(directory, 'compilations'), 'utf8');

describe('the first call installs and compiles, and the next one does neither', () => {
  test.each<[name: string, env: NodeJS.ProcessEnv]>([
    ['nothing', {}],
    ['NODE_ENV=production', { NODE_ENV: 'production' }],
    ...[
      ['omit=dev optional'], ['production=true', 'only=prod', 'optional=false'], ['ignore_scripts=true', 'bin_links=false', 'install_strategy=linked'],
      ['dry_run=true'], ['global=true', 'prefix=/nowhere'], ['location=global'], ['package_lock=false', 'legacy_peer_deps=true'], ['package_lock_only=true'],
      ['workspace=none'], ['workspaces=true', 'cpu=s390x', 'loglevel=silent'],
    ].map((settings): [string, NodeJS.ProcessEnv] => [settings.join(' '),
      Object.fromEntries(settings.map(one => one.split('=')).map(([name, value]) => [`NPM_CONFIG_${name.toUpperCase()}`, value]))]),
    ['npm_config_dry-run=true', { 'npm_config_dry-run': 'true' }],
  ])('with %s', async (_name, env) => {
    const directory = clone();
    const nodeEnv = env.NODE_ENV ?? null;
    expect(await vastCloud(directory, { env })).toEqual(answer(INSTALLING + COMPILING, nodeEnv));
    expect(await vastCloud(directory, { env })).toEqual(answer('', nodeEnv));
    expect(compilations(directory)).toBe('begin\nend\n');
  });

  test.each(['omit[]=dev\nomit[]=optional', 'global=true', 'dry-run=true\nbin-links=false\npackage-lock=false'])(
    'with %j in a configuration file of npm', async (line) => {
      const directory = clone();
      writeFileSync(path.join(directory, '..', 'npmrc'), line);
      expect(await vastCloud(directory, { env: { NPM_CONFIG_USERCONFIG: path.join(directory, '..', 'npmrc') } })).toEqual(answer(INSTALLING + COMPILING));
    });
});

test('how packages are fetched is the caller\'s affair', async () => {
  const directory = clone();
  const cache = path.join(directory, '..', 'cache');
  expect(await vastCloud(directory, { env: { NPM_CONFIG_CACHE: cache } })).toEqual(answer(INSTALLING + COMPILING));
  expect(existsSync(path.join(cache, '_cacache'))).toBe(true);
});

describe('what an earlier attempt has left is repaired', () => {
  test.each<[name: string, leave: (directory: string) => void]>([
    ['an installation without the packages for developers', directory => execFileSync('npm', ['ci', '--omit=dev', '--silent'], { cwd: directory })],
    ['an installation without optional packages', directory => execFileSync('npm', ['ci', '--omit=optional', '--silent'], { cwd: directory })],
    ['an installation that lacks a package', (directory) => {
      execFileSync('npm', ['ci', '--silent'], { cwd: directory });
      rmSync(path.join(directory, 'node_modules', 'compiler'), { recursive: true });
    }],
    ['an interrupted installation', (directory) => {
      execFileSync('npm', ['ci', '--silent'], { cwd: directory });
      truncateSync(path.join(directory, 'node_modules', '.package-lock.json'), 100);
    }],
    ['the lock of a version before', directory => write(directory, { 'node_modules.preparing': String(process.pid) })],
  ])('%s', async (_name, leave) => {
    const directory = clone();
    leave(directory);
    expect(await vastCloud(directory)).toEqual(answer(INSTALLING + COMPILING));
    expect(await vastCloud(directory)).toEqual(answer(''));
  });

  test('packages that were left out later, and a file of the compilation', async () => {
    const directory = clone();
    await vastCloud(directory);
    execFileSync('npm', ['prune', '--omit=dev', '--silent'], { cwd: directory });
    expect(await vastCloud(directory)).toEqual(answer(INSTALLING));
    rmSync(path.join(directory, 'docker', 'client', 'bootstrap.js'));
    expect(await vastCloud(directory)).toEqual(answer(COMPILING));
  });
});

test('what was installed by hand is taken', async () => {
  const directory = clone();
  execFileSync('npm', ['ci', '--silent'], { cwd: directory, env: environment() });
  expect(await vastCloud(directory)).toEqual(answer(COMPILING));
});

test('a step that fails is named, and tried again by the next call', async () => {
  const directory = clone();
  await vastCloud(directory);
  write(directory, { 'build-tools/bundle-exec-gateway.mjs': 'throw new Error("no bundle");' });
  for (const stderr of [COMPILING, COMPILING]) {
    const result = await vastCloud(directory);
    expect(result).toEqual({ exitCode: 1, stdout: '', stderr: expect.stringContaining(stderr) });
    expect(result.stderr).toContain('Error: no bundle');
    expect(result.stderr).toMatch(/vast-cloud: node build-tools\/bundle-exec-gateway.mjs failed with 1\n$/);
  }
  write(directory, { 'build-tools/bundle-exec-gateway.mjs': LAST_STEP });
  expect(await vastCloud(directory)).toEqual(answer(COMPILING));
});

describe('a user without a home directory', () => {
  // Nobody knows this user; root may write everywhere, and is no test of it.
  const user = process.getuid!() === 0 ? { uid: 54_321, gid: 54_321 } : undefined;

  test.each<[string, NodeJS.ProcessEnv]>([
    ['HOME is not set', { HOME: undefined }], ['HOME is empty', { HOME: '' }], ['HOME cannot be made', { HOME: '/nonexistent' }], ['HOME is /', { HOME: '/' }],
  ])('%s', async (_name, env) => {
    const directory = clone();
    if (user) {
      for (const name of ['.', ...readdirSync(directory, { recursive: true, encoding: 'utf8' })]) lchownSync(path.join(directory, name), user.uid, user.gid);
    }
    const temporary = path.join(directory, '..', 'tmp');
    mkdirSync(temporary);
    chmodSync(temporary, 0o1777);
    expect(await vastCloud(directory, { env: { ...env, TMPDIR: temporary }, user })).toEqual(answer(INSTALLING + COMPILING));
    expect(readdirSync(directory)).not.toContain('~');
    const installed = path.join(directory, 'bin', 'vast-cloud.js');
    expect(execFileSync(process.execPath, [installed, 'x'], { cwd: directory, encoding: 'utf8', env: environment(env), ...user })).toBe('[null,"x"]\n');
    expect(execFileSync(process.execPath, ['-p', 'require("./bin/home.js"); os.homedir()'], { cwd: directory, encoding: 'utf8', env: environment(env), ...user }))
      .toMatch(/^\/.*\n$/);
    expect(readdirSync(directory)).not.toContain('cdk-vast');
    expect(readdirSync(directory)).not.toContain('.cache');
    expect(readdirSync(temporary).filter(name => name.startsWith('vast-cloud-'))).toEqual([]);
  });
});

test.each(['a:b', 'a b', 'a,b', '"a" \'b\' $c `d`', 'ä&;#%{}'])('a directory named %j', async (name) => {
  const directory = clone(name);
  expect(await vastCloud(directory)).toEqual(answer(INSTALLING + COMPILING));
  expect(await vastCloud(directory)).toEqual(answer(''));
  // jsii has no way to name what is in a directory with a quotation mark.
  expect(existsSync(path.join(directory, '.jsii'))).toBe(!name.includes('"'));
});

test('Node.js loads nothing from a directory whose name has a backslash', async () => {
  expect(await vastCloud(clone('a\\b'))).toEqual({
    exitCode: 1, stdout: '', stderr: expect.stringMatching(/^vast-cloud: it is in ".*a\\b", and Node\.js loads no modules from a directory whose name has a backslash: rename it\n$/),
  });
});

/** A directory with links to the programs that a set-up takes, without some of those that lock. */
function programs(directory: string, without: string[]): string {
  const to = path.join(directory, '..', 'bin');
  mkdirSync(to);
  const found = (name: string) => process.env.PATH!.split(':').map(from => path.join(from, name)).find(existsSync);
  for (const name of ['node', 'npm', 'sh', 'env', 'readlink', 'dirname', 'flock', 'perl']) {
    const program = found(name);
    if (program && !without.includes(name)) symlinkSync(program, path.join(to, name));
  }
  return to;
}

describe.each<[name: string, without: string[]]>([['flock', []], ['perl', ['flock']]])('two first runs at once, with %s', (_name, without) => {
  test('one works, and the other one waits for it', async () => {
    const directory = clone();
    const env = { PATH: programs(directory, without) };
    write(directory, { hold: '' });
    const first = new Running(directory, { env });
    await until(() => existsSync(path.join(directory, 'compilations')));
    const second = new Running(directory, { env });
    await second.says(WAITING);
    rmSync(path.join(directory, 'hold'));
    expect(await first.ended).toEqual(answer(INSTALLING + COMPILING));
    expect(await second.ended).toEqual(answer(WAITING));
    expect(compilations(directory)).toBe('begin\nend\n');
  });

  test('after kill -9 the next one waits for the step that still runs, and then goes on', async () => {
    const directory = clone();
    const env = { PATH: programs(directory, without) };
    write(directory, { hold: '' });
    const first = new Running(directory, { env });
    await until(() => existsSync(path.join(directory, 'compilations')));
    first.child.kill('SIGKILL');
    const second = new Running(directory, { env });
    await second.says(WAITING);
    rmSync(path.join(directory, 'hold'));
    expect(await second.ended).toEqual(answer(expect.stringContaining(WAITING)));
    expect(compilations(directory)).toMatch(/^(begin\nend\n)+$/);
  });

  test('after kill -9 of everything the next one begins at once', async () => {
    const directory = clone();
    const env = { PATH: programs(directory, without) };
    write(directory, { hold: '' });
    const first = new Running(directory, { env, detached: true });
    await until(() => existsSync(path.join(directory, 'compilations')));
    process.kill(-first.child.pid!, 'SIGKILL');
    await first.ended;
    rmSync(path.join(directory, 'hold'));
    expect(await vastCloud(directory, { env })).toEqual(answer(COMPILING));
  });
});

test('where nothing can lock it works without', async () => {
  const directory = clone();
  expect(await vastCloud(directory, { env: { PATH: programs(directory, ['flock', 'perl']) } })).toEqual(answer(INSTALLING + COMPILING));
});
