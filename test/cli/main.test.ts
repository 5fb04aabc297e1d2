import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const PROGRAM = path.resolve(__dirname, '..', '..', 'bin', 'vast-cloud.js');

/** A directory without `.env`. */
let directory: string;
beforeAll(() => { directory = mkdtempSync(path.join(tmpdir(), 'vast-cloud-main-')); });
afterAll(() => rmSync(directory, { recursive: true }));

/** The command in an environment that has neither settings nor an AWS. */
function vastCloud(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [PROGRAM, ...args], {
    cwd: directory,
    env: { PATH: process.env.PATH, HOME: directory, AWS_EC2_METADATA_DISABLED: 'true' },
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

describe('a command that there is not', () => {
  test.each([
    ['vast-server-staus', '(Did you mean vast-server-status?)'],
    ['status', '(Did you mean vast-server-status or local status?)'],
    ['upload', '(Did you mean workbucket upload?)'],
    ['xylophone', '(vast-cloud --list shows the commands)'],
  ])('%s', (typed, advice) => {
    expect(vastCloud(typed)).toEqual({ status: 2, stdout: '', stderr: `error: unknown command '${typed}'\n${advice}\n` });
  });
});

test('help is a command, too', () => {
  expect(vastCloud('help', 'deploy')).toEqual(vastCloud('deploy', '--help'));
  expect(vastCloud('help', 'local', 'start')).toEqual(vastCloud('local', 'start', '--help'));
  expect(vastCloud('help')).toEqual(vastCloud('--help'));
});

test('the help of a command that there is not', () => {
  expect(vastCloud('help', 'status')).toEqual(vastCloud('status'));
  expect(vastCloud('help', 'local', 'strat')).toEqual(vastCloud('local', 'strat'));
});

test('the help of each command has the options that every command takes', () => {
  for (const args of [['deploy'], ['start-vast-server'], ['workbucket', 'list'], ['local', 'start']]) {
    expect(vastCloud(...args, '--help').stdout).toMatch(/^Global Options:\n +--quiet .*\n +--verbose .*\n$/m);
  }
});

test('the help has every exit code', () => {
  expect(vastCloud('--help').stdout).toMatch(/Exit codes: 0 done, 1 failed, 2 .*\n130 interrupted .*; run-lambda and execute-command\nend as their command does\.\n$/);
});

describe('without a region', () => {
  const SENTENCE = /^vast-cloud: no AWS region is known: set VAST_AWS_REGION .*\n/;

  test('that is said, and nothing of where it came up', () => {
    expect(vastCloud('vast-server-status')).toEqual({ status: 2, stdout: '', stderr: expect.stringMatching(new RegExp(`${SENTENCE.source}$`)) });
  });

  test.each([['--verbose', 'vast-server-status'], ['vast-server-status', '--verbose']])('%s %s says that, too, down to the first cause', (...args) => {
    const { status, stderr } = vastCloud(...args);
    expect(status).toBe(2);
    expect(stderr).toMatch(SENTENCE);
    expect(stderr).toMatch(/\n +at .*findDeployments/);
    expect(stderr).toContain('\nbecause of Error: Region is missing\n');
  });
});
