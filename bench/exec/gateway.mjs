// The gateway of the local AWS, as a process of its own, with one container in which its sessions run.
import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { json } from 'node:stream/consumers';

const root = path.resolve(import.meta.dirname, '..', '..');
const PROGRAM = path.join(root, 'lib', 'local-aws', 'exec-gateway.js');

/** The name of the engine's image, which the local AWS pulls, or builds where no registry is reached. */
function engineImage() {
  const { status, stdout, error } = spawnSync('python3', [path.join(root, 'local-aws', 'local_aws_ctl.py'), 'engine-image', 'v6.20.0', '--json'],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  if (status !== 0) throw error ?? new Error('there is no image of the engine to run commands in');
  return JSON.parse(stdout).image;
}

/** As the real agent paces, or as fast as it can be. */
export const PACED = {};
export const UNPACED = { pacingMilliseconds: 0, utf8: false };

export function docker(...args) {
  const { status, stdout, stderr, error } = spawnSync('docker', args, { encoding: 'utf8', maxBuffer: 2 ** 28 });
  if (status !== 0) throw error ?? new Error(`docker ${args.join(' ')} ended with ${status}: ${stderr}`);
  return stdout.trim();
}

export class Gateway {
  static async start() {
    if (!existsSync(PROGRAM)) throw new Error('the gateway is not built: npx projen compile');
    const secret = randomBytes(16).toString('hex');
    const child = spawn(process.execPath, [PROGRAM], { env: { ...process.env, CDK_VAST_EXEC_GATEWAY_SECRET: secret }, stdio: ['pipe', 'pipe', 'ignore'] });
    const [line] = await new Promise(resolve => createInterface(child.stdout).once('line', (...found) => resolve(found)));
    const container = docker('run', '--detach', '--rm', '--network', 'none', '--entrypoint', 'sleep', engineImage(), 'infinity');
    return new Gateway(JSON.parse(line).port, secret, child, container);
  }

  constructor(port, secret, child, container) {
    Object.assign(this, { port, secret, child, container });
  }

  /** Runs something in the container, outside of any session. */
  run(script) {
    return docker('exec', this.container, 'sh', '-c', script);
  }

  /** What ExecuteCommand answers. */
  async execute(command, quirks) {
    const { sessionId, tokenValue, message } = await this.ask({ containerId: this.container, command, quirks, target: 'ecs:bench_task_runtime' });
    if (message) throw new Error(message);
    return { SessionId: sessionId, TokenValue: tokenValue, StreamUrl: `ws://127.0.0.1:${this.port}/v1/data-channel/${sessionId}?role=publish_subscribe` };
  }

  /** On a connection of its own: between two of them this process does not run, and would not hear that one was closed. */
  async ask(body) {
    const options = { port: this.port, path: '/sessions', method: 'POST', agent: false, headers: { authorization: `Bearer ${this.secret}` } };
    return new Promise((resolve, reject) => {
      http.request({ host: '127.0.0.1', ...options }, response => json(response).then(resolve, reject)).on('error', reject).end(JSON.stringify(body));
    });
  }

  stop() {
    this.child.stdin.end();
    docker('rm', '--force', this.container);
  }
}
