import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { LaunchSite } from './launched-engines';
import { VastVersion } from '../../src';
import { launcherCommand, LOCK_PATIENCE_SECONDS } from '../../src/server/engine-launcher';

let site: LaunchSite;
beforeEach(() => { site = new LaunchSite(); });
afterEach(() => site.remove());

jest.setTimeout(120_000);

describe('never two engines on one state directory', () => {
  test('the launcher becomes the engine: the same process, which gets the signals and whose end is the end', async () => {
    const launched = site.launch();
    await site.engineBegins(launched.pid);
    launched.kill('SIGTERM');
    expect(await launched.result()).toBe(0);
    expect(site.journal).toEqual([`begin ${launched.pid}`, `end ${launched.pid}`]);
  });

  test('of several that are launched at once, one begins when the other has ended', async () => {
    const launched = [1, 2, 3].map(() => site.launch());
    const running = () => launched.find(({ pid }) => site.journal.includes(`begin ${pid}`) && !site.journal.includes(`end ${pid}`));
    for (let ended = 0; ended < launched.length; ended++) {
      while (!running()) await sleep(10);
      await site.engineBegins(running()!.pid);
      running()!.kill('SIGTERM');
      while (site.journal.length < 2 * (ended + 1)) await sleep(10);
    }
    expect(await Promise.all(launched.map(each => each.result()))).toEqual([0, 0, 0]);
    const pairs = [0, 2, 4].map(at => site.journal.slice(at, at + 2));
    for (const [begin, end] of pairs) {
      expect(end).toBe(begin.replace('begin', 'end'));
    }
    expect(new Set(pairs.map(([begin]) => begin)).size).toBe(3);
  });

  test('the second says that it waits, and takes over when the first has ended', async () => {
    const first = site.launch();
    await site.engineBegins(first.pid);
    const second = site.launch();
    await second.says(`another engine holds ${site.state}: waiting until it has ended`);
    expect(site.journal).toEqual([`begin ${first.pid}`]);
    first.kill('SIGTERM');
    await site.engineBegins(second.pid);
    expect(site.journal).toEqual([`begin ${first.pid}`, `end ${first.pid}`, `begin ${second.pid}`]);
  });

  test('a crash lets go of the directory, too', async () => {
    const first = site.launch();
    await site.engineBegins(first.pid);
    const second = site.launch();
    await second.says('waiting');
    first.kill('SIGKILL');
    expect(await first.result()).toBe('SIGKILL');
    await site.engineBegins(second.pid);
    expect(site.journal).toEqual([`begin ${first.pid}`, `begin ${second.pid}`]);
  });

  test('one that is stopped while it waits ends at once, and no engine with it', async () => {
    const first = site.launch();
    await site.engineBegins(first.pid);
    const second = site.launch();
    await second.says('waiting');
    second.kill('SIGTERM');
    expect(await second.result()).toBe(143);
    expect(second.said).toContain('stopped before the engine was started');
    expect(site.journal).toEqual([`begin ${first.pid}`]);
  });

  test('one that has waited long enough gives up, for ECS to start another', async () => {
    const first = site.launch();
    await site.engineBegins(first.pid);
    const second = site.launch({ patience: 1 });
    expect(await second.result()).toBe(1);
    expect(second.said).toContain(`another engine still holds ${site.state} after 1 s: giving up`);
    expect(site.journal).toEqual([`begin ${first.pid}`]);
  });

  test('it waits for longer than ECS gives a predecessor to end', () => {
    expect(LOCK_PATIENCE_SECONDS).toBeGreaterThan(120);
    expect(launcherCommand(VastVersion.V3_1_0)[2]).toBe(String(LOCK_PATIENCE_SECONDS));
  });
});

describe('the pid file of an engine that has crashed', () => {
  test('is removed, because its number may belong to another process by now', async () => {
    writeFileSync(site.inState('pid.lock'), '1');
    expect(await site.runOnce()).toContain('removed the pid file of an engine that did not end by itself');
  });

  test('is left alone by one that waits: it is the pid file of an engine at work', async () => {
    const first = site.launch();
    await site.engineBegins(first.pid);
    const second = site.launch({ patience: 2 });
    expect(await second.result()).toBe(1);
    expect(second.said).not.toContain('removed the pid file');
    expect(readFileSync(site.inState('pid.lock'), 'utf8')).toBe(String(first.pid));
  });

  test('is not mentioned where there is none', async () => {
    expect(await site.runOnce()).not.toContain('pid file');
  });
});

describe('an older engine on the database of a newer one', () => {
  test.each([
    ['v3.1.0', 'v2.4.2'], ['v6.20.0', 'v6.3.0'], ['v4.10.0', 'v4.9.9'], ['v6.20.1', 'v6.20.0'], ['main', 'v6.20.0'],
  ])('%s, then %s: the log warns', async (first, second) => {
    await site.runOnce({ version: first });
    expect(await site.runOnce({ version: second })).toContain(
      `WARNING: ${site.state} was last written by ${first}, which is newer than ${second}: the older engine may misread or damage it`);
    // From now on it is the older one's.
    expect(await site.runOnce({ version: second })).not.toContain('WARNING');
  });

  test.each([
    ['v2.4.2', 'v3.1.0'], ['v3.1.0', 'v3.1.0'], ['v4.9.9', 'v4.10.0'], ['v6.20.0', 'main'], ['main', 'main'],
  ])('%s, then %s: it does not', async (first, second) => {
    await site.runOnce({ version: first });
    expect(await site.runOnce({ version: second })).not.toContain('WARNING');
  });

  test('a note that a crash has cut off says nothing of the engine, so there is nothing to warn of', async () => {
    writeFileSync(site.inState('.cdk-vast.engine'), '');
    expect(await site.runOnce()).not.toContain('WARNING');
  });
});

describe('an empty database', () => {
  const NOTE = 'beginning an empty one';

  test('is announced once', async () => {
    expect(await site.runOnce()).toContain(`no database in ${site.state}: ${NOTE}`);
    expect(await site.runOnce()).not.toContain(NOTE);
  });

  test('is not what a directory with files is, though no launcher has been there', async () => {
    mkdirSync(site.inState('index'));
    expect(await site.runOnce()).not.toContain(NOTE);
  });
});

describe('the engine\'s configuration', () => {
  test('is written where the engine is told to look, for the engine alone to read', async () => {
    await site.runOnce({ configuration: '{"vast":{"text":"ä \\" $x"}}' });
    expect(readFileSync(site.configFile, 'utf8')).toBe('{"vast":{"text":"ä \\" $x"}}');
    expect(statSync(site.configFile).mode & 0o777).toBe(0o600); // eslint-disable-line no-bitwise -- a mode is bits
  });

  test('changes nothing else: the engine\'s own files get the rights that they always had', async () => {
    await site.runOnce();
    const without = site.umask;
    site.remove();
    site = new LaunchSite();
    await site.runOnce({ configuration: '{}' });
    expect(site.umask).toBe(without);
  });

  test('leaves no file where there is none', async () => {
    await site.runOnce();
    expect(existsSync(site.configFile)).toBe(false);
  });
});

describe('what cannot work is said in a sentence', () => {
  test('a state directory that is missing', async () => {
    rmSync(site.state, { recursive: true });
    const launched = site.launch();
    expect(await launched.result()).toBe(1);
    expect(launched.said).toBe(`cdk-vast: cannot open ${site.state}/.cdk-vast.lock: No such file or directory\n`);
  });

  test('an engine that is missing', async () => {
    const launched = site.launch({ engine: `${site.root}/missing` });
    expect(await launched.result()).toBe(1);
    expect(launched.said).toContain(`cdk-vast: cannot run ${site.root}/missing: No such file or directory\n`);
  });

  test('a note of the engine that cannot be written', async () => {
    mkdirSync(site.inState('.cdk-vast.engine'));
    const launched = site.launch();
    expect(await launched.result()).toBe(1);
    expect(launched.said).toMatch(/cannot (read|write) .*\.cdk-vast\.engine/);
    expect(site.journal).toEqual([]);
  });
});
