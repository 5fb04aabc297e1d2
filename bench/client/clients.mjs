// The two clients as processes of this machine, each started as its image starts it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pythonWithRuntimeClient } from './python-venv.mjs';
import { RuntimeApi } from './runtime-api.mjs';

const image = path.resolve(import.meta.dirname, '../../docker/client');
const python = pythonWithRuntimeClient();

const CLIENTS = {
  'cdk-vast': {
    command: ['perl', '-w', path.join(image, 'launcher.pl'), process.execPath, path.join(image, 'bootstrap.js')],
    environment: scratch => ({ CDK_VAST_SCRATCH_DIRECTORY: scratch }),
  },
  'awslambdaric': {
    command: [python, '-m', 'awslambdaric', 'handler.handler'],
    environment: () => ({ _HANDLER: 'handler.handler', LAMBDA_TASK_ROOT: import.meta.dirname }),
  },
};

export const NAMES = Object.keys(CLIENTS);

/** One of the clients, with a Runtime API of its own. */
export class Client {
  /** @param name one of `NAMES` */
  static async start(name) {
    const { command: [program, ...args], environment } = CLIENTS[name];
    const api = new RuntimeApi();
    const scratch = mkdtempSync(path.join(tmpdir(), 'cdk-vast-bench-'));
    const env = {
      // As the client's image has it; this machine's own may be any length, and every part of it is searched for bash.
      PATH: '/opt/cdk-vast/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      HOME: scratch,
      TMPDIR: scratch,
      AWS_LAMBDA_RUNTIME_API: await api.listen(),
      ...environment(scratch),
    };
    return new Client(name, api, scratch, () => spawn(program, args, { cwd: import.meta.dirname, env, stdio: ['ignore', 'inherit', 'inherit'] }));
  }

  constructor(name, api, scratch, start) {
    this.name = name;
    this.api = api;
    this.scratch = scratch;
    this.startedAt = performance.now();
    this.process = start();
    this.process.once('exit', (code) => {
      if (code) throw new Error(`${name} has ended with exit code ${code}`);
    });
  }

  async stop() {
    const ended = once(this.process, 'exit');
    this.process.kill('SIGKILL');
    await ended;
    this.api.close();
    rmSync(this.scratch, { recursive: true, force: true });
  }
}
