import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ROOT, Scene } from './scene';
import { run, RunResult } from '../../src/cli/run';

const README = readFileSync(path.join(ROOT, 'README.md'), 'utf8');

/** The VPC in the README's code. */
const VPC_OF_README = 'vpc-059a7ec8aac174fc9';

interface Manifest {
  readonly dependencies: { readonly [name: string]: string };
  readonly devDependencies: { readonly [name: string]: string };
}

/**
 * Somebody who has nothing but the package as it would be published: an empty directory, a new app, and the README.
 *
 * What the app needs besides is installed in the versions that this clone has.
 */
export class Newcomer {
  public static async arrive(scene: Scene): Promise<Newcomer> {
    const newcomer = new Newcomer(mkdtempSync(path.join(tmpdir(), 'cdk-vast-newcomer-')), scene.env);
    await newcomer.install();
    return newcomer;
  }

  private constructor(public readonly directory: string, private readonly env: NodeJS.ProcessEnv) {}

  /** Runs a shell line in the app's directory. */
  public async shell(line: string, env: NodeJS.ProcessEnv = {}): Promise<RunResult> {
    return run('bash', ['-c', line], {
      cwd: this.directory,
      capture: true,
      env: {
        ...this.env,
        CDK_DISABLE_VERSION_CHECK: 'true',
        AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
        JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION: 'true',
        ...env,
      },
    });
  }

  /** As `shell`, for what has to succeed; what it printed. */
  public async done(line: string, env: NodeJS.ProcessEnv = {}): Promise<string> {
    const { exitCode, stdout, stderr } = await this.shell(line, env);
    if (exitCode !== 0) {
      throw new Error(`${line} ended with ${exitCode}\n${stdout}\n${stderr}`);
    }
    return stdout;
  }

  /** Writes the app of the README, with a VPC that exists. */
  public pasteConstruct(vpcId: string) {
    const blocks = [...README.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code]) => code).filter(code => code.includes('new VastDeployment('));
    expect(blocks).toHaveLength(1);
    expect(blocks[0]).toContain(VPC_OF_README);
    writeFileSync(path.join(this.directory, 'app.ts'), blocks[0].replaceAll(VPC_OF_README, vpcId));
    writeFileSync(path.join(this.directory, 'cdk.json'), JSON.stringify({ app: 'npx ts-node --prefer-ts-exts app.ts' }));
  }

  public leave() {
    rmSync(this.directory, { recursive: true, force: true });
  }

  private async install() {
    const example = path.join(ROOT, 'examples', 'typescript', 'quickstart');
    const manifest = JSON.parse(readFileSync(path.join(example, 'package.json'), 'utf8')) as Manifest;
    const here = JSON.parse(readFileSync(path.join(ROOT, 'package-lock.json'), 'utf8')) as { packages: { [at: string]: { version: string } } };
    const others = [...Object.keys(manifest.dependencies), ...Object.keys(manifest.devDependencies)].filter(name => name !== 'cdk-vast');
    writeFileSync(path.join(this.directory, 'package.json'), JSON.stringify({ name: 'app', private: true }));
    writeFileSync(path.join(this.directory, 'tsconfig.json'), readFileSync(path.join(example, 'tsconfig.json')));
    mkdirSync(path.join(this.directory, 'package'));
    await this.done(`npm pack ${ROOT} --ignore-scripts --loglevel=error --pack-destination package`);
    const versions = others.map(name => `${name}@${here.packages[`node_modules/${name}`].version}`);
    await this.done(`npm install --no-audit --no-fund --loglevel=error --prefer-offline ./package/*.tgz ${versions.join(' ')}`);
  }
}
