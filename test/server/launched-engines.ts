import { ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { VastVersion } from '../../src';
import { launcherCommand, launcherEntryPoint } from '../../src/server/engine-launcher';

/**
 * Stands for the engine: it says in a journal when it begins and ends, and leaves a pid file as the engine does, which
 * it removes when it ends by itself. It has no children, which would hold the lock a little longer than it does.
 */
const ENGINE = String.raw`#!/usr/bin/env perl
use strict; use warnings;
my ($journal, $pid_file, $stop) = @ARGV;
sub note { open(my $file, ">>", $journal) or die; syswrite $file, "$_[0] $$\n" }
$SIG{TERM} = sub { unlink $pid_file; note("end"); exit 0 };
note("begin"); note(sprintf "umask %03o", umask);
open(my $file, ">", $pid_file) or die; print $file $$; close $file;
until (-e $stop) { select undef, undef, undef, 0.02 }
unlink $pid_file; note("end");
`;

export interface LaunchOptions {
  /** @default v3.1.0 */
  readonly version?: string;
  /** In seconds; @default 30 */
  readonly patience?: number;
  readonly configuration?: string;
  /** What is run in place of the engine. */
  readonly engine?: string;
}

/** A launcher that was started, and the engine that it has become. */
export class Launched {
  public said = '';
  private readonly ended: Promise<number | string>;

  constructor(private readonly process: ChildProcess) {
    process.stderr!.setEncoding('utf8').on('data', text => { this.said += text; });
    // On 'close' all of its words have been read; on 'exit' they have not.
    this.ended = once(process, 'close').then(([code, signal]) => code ?? signal);
  }

  public get pid(): number {
    return this.process.pid!;
  }

  public kill(signal: NodeJS.Signals) {
    this.process.kill(signal);
  }

  /** The exit code, or the signal that ended it. */
  public async result(): Promise<number | string> {
    return this.ended;
  }

  public async says(words: string) {
    await until(() => this.said.includes(words), () => `the launcher to say '${words}'; it said '${this.said}'`);
  }
}

/** A directory in which launchers run, as they do in a container: their state, and a journal of the engines. */
export class LaunchSite {
  public readonly root = mkdtempSync(join(tmpdir(), 'cdk-vast-launcher-'));
  public readonly state = join(this.root, 'state');
  public readonly configFile = join(this.root, 'engine.yaml');
  private readonly journalFile = join(this.root, 'journal');
  private readonly stopFile = join(this.root, 'stop');
  private readonly engine = join(this.root, 'engine');
  private readonly launched: ChildProcess[] = [];

  constructor() {
    mkdirSync(this.state);
    writeFileSync(this.engine, ENGINE);
    chmodSync(this.engine, 0o755);
  }

  /** Runs the script of the container, with the arguments that it has there, but for directories and patience. */
  public launch(options: LaunchOptions = {}): Launched {
    const [program, ...script] = launcherEntryPoint();
    const [, version, , , configuration] = launcherCommand(VastVersion.of(options.version ?? 'v3.1.0'), options.configuration);
    const child = spawn(program, [
      ...script, this.state, version, String(options.patience ?? 30), this.configFile, configuration,
      options.engine ?? this.engine, this.journalFile, this.inState('pid.lock'), this.stopFile,
    ], { stdio: ['ignore', 'ignore', 'pipe'] });
    this.launched.push(child);
    return new Launched(child);
  }

  public inState(name: string): string {
    return join(this.state, name);
  }

  /** What the engines have noted, a line each. */
  public get journal(): string[] {
    return existsSync(this.journalFile) ? readFileSync(this.journalFile, 'utf8').trimEnd().split('\n').filter(line => !line.startsWith('umask')) : [];
  }

  /** The umask of the engine that was started last. */
  public get umask(): string {
    return readFileSync(this.journalFile, 'utf8').match(/umask (\d+)/)![1];
  }

  public async engineBegins(pid: number) {
    await until(() => this.journal.includes(`begin ${pid}`) && existsSync(this.inState('pid.lock')),
      () => `the engine ${pid} to begin; the journal is ${this.journal.join(', ')}`);
  }

  /** Lets every engine end by itself, now and from now on. */
  public stopEngines() {
    writeFileSync(this.stopFile, '');
  }

  /** Runs an engine from its begin to its end, and returns what the launcher said. */
  public async runOnce(options: LaunchOptions = {}): Promise<string> {
    this.stopEngines();
    const launched = this.launch(options);
    expect([await launched.result(), launched.said]).toEqual([0, expect.anything()]);
    return launched.said;
  }

  public remove() {
    this.launched.forEach(child => child.kill('SIGKILL'));
    rmSync(this.root, { recursive: true, force: true });
  }
}

/** Waits for what another process does. */
async function until(condition: () => boolean, what: () => string) {
  for (const deadline = Date.now() + 90_000; !condition(); await sleep(10)) {
    if (Date.now() > deadline) throw new Error(`waited in vain for ${what()}`);
  }
}
