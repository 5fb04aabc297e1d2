import { awscdk, github, javascript, JsonFile, release, TextFile } from 'projen';

/** The lowest aws-cdk-lib that we support: below it cdk-nag 3 reports findings without failing the synthesis. */
const CDK_FLOOR = '2.262.0';

/** The lowest Node.js that we support: the first with `util.parseEnv` and `util.styleText`. */
const NODE_FLOOR = '20.12.0';

/** The Node.js that releases are built with. Its npm has to be able to publish without a token: from 11.5 on. */
const NODE_OF_RELEASES = '24';

const project = new awscdk.AwsCdkConstructLibrary({
  name: 'cdk-vast',
  description: 'AWS CDK constructs and a command line that deploy and operate VAST/Tenzir, the security-telemetry engine, on Fargate and EFS',
  keywords: [
    'aws', 'cdk', 'aws-cdk', 'awscdk', 'vast', 'tenzir', 'security', 'telemetry', 'siem', 'fargate', 'ecs', 'efs', 'lambda', 'zeek', 'suricata', 'vast-cloud',
  ],
  author: 'The cdk-vast authors',
  authorAddress: 'cdk-vast@users.noreply.github.com',
  authorOrganization: true,
  copyrightOwner: 'The cdk-vast authors',
  copyrightPeriod: '2026',
  license: 'Apache-2.0',
  repositoryUrl: 'https://github.com/cdk-vast/cdk-vast.git',
  stability: 'experimental',
  // Construct Hub finds a package by its keywords and its licence. This field is for the catalog before it, which tweeted.
  catalog: { announce: false },
  defaultReleaseBranch: 'main',
  projenrcTs: true,

  packageManager: javascript.NodePackageManager.NPM,
  minNodeVersion: NODE_FLOOR,
  workflowNodeVersion: NODE_OF_RELEASES,
  jsiiVersion: '~6.0.16',
  cdkVersion: CDK_FLOOR,
  constructsVersion: '10.5.1',

  // Without tokens that could be stolen: the registries trust this repository's release workflow, and npm and PyPI note where
  // a package comes from. Maven Central has no such thing.
  npmTrustedPublishing: true,
  publishToPypi: { distName: 'cdk-vast', module: 'cdk_vast', trustedPublishing: true },
  publishToMaven: { javaPackage: 'io.github.cdkvast', mavenGroupId: 'io.github.cdkvast', mavenArtifactId: 'cdk-vast' },
  publishToNuget: { dotNetNamespace: 'CdkVast', packageId: 'CdkVast', trustedPublishing: true },
  // A release is somebody's decision, not that of whoever merges. The registries trust this environment of the repository alone,
  // whose rules say who may decide.
  releaseTrigger: release.ReleaseTrigger.workflowDispatch(),
  releaseEnvironment: 'release',
  // It gets the right to publish, so it is not whatever is the latest on that day.
  jsiiReleaseVersion: '0.2.1061',

  bundledDeps: [
    // The command line: no dependencies of its own, suggestions for misspelt commands. 14 is the last line that runs on Node 20.
    'commander@^14',
    // The websocket of ECS Exec: Node.js has one of its own only from 22 on.
    'ws@^8',
  ],
  devDeps: [
    // `latest` on the registry is a 3.0.0 that is older than the newest 2.x.
    'aws-cdk@^2.1148.1',
    // What CloudFormation does with a change of a property, for test/changes.test.ts.
    '@aws-cdk/cloudformation-diff@^2',
    'cdk-nag@^3.0.2',
    // 9 is the last line that runs on Node 20.
    'cspell@^9',
    'esbuild@^0.28',
    'fast-check@^4',
    'github-slugger@^2',
    'marked@^18',
    // Type-checks the Python examples as editors do.
    'pyright@^1.1.414',
    '@types/ws@^8',
    '@aws-sdk/client-cloudformation@^3',
    '@aws-sdk/client-cloudwatch-logs@^3',
    '@aws-sdk/client-ec2@^3',
    '@aws-sdk/client-ecr@^3',
    '@aws-sdk/client-ecs@^3',
    '@aws-sdk/client-efs@^3',
    '@aws-sdk/client-kms@^3',
    '@aws-sdk/client-lambda@^3',
    '@aws-sdk/client-s3@^3',
    '@aws-sdk/client-service-quotas@^3',
    '@aws-sdk/client-ssm@^3',
    '@aws-sdk/client-sts@^3',
  ],

  sampleCode: false,
  githubOptions: {
    mergify: false,
    pullRequestLintOptions: { semanticTitleOptions: { types: ['feat', 'fix', 'test', 'docs', 'refactor', 'build', 'style', 'chore', 'revert'] } },
  },
  // What is generated is committed by whoever changes its source; the build only looks.
  buildWorkflowOptions: { mutableBuild: false, permissions: { contents: github.workflows.JobPermission.READ } },
  depsUpgradeOptions: {
    // What is malicious is mostly found within days.
    cooldown: 7,
    workflowOptions: { schedule: javascript.UpgradeDependenciesSchedule.WEEKLY },
  },
  jestOptions: {
    // Snapshots are written by a person who looks at them (`npx jest -u`), never by a build.
    updateSnapshot: javascript.UpdateSnapshot.NEVER,
    junitReporting: false,
    passWithNoTests: false,
    configFilePath: 'jest.config.json',
    jestConfig: {
      collectCoverage: false,
      testMatch: ['<rootDir>/test/**/*.test.ts'],
      testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/e2e/', '<rootDir>/test/real-account/', '\\.slow\\.test\\.ts$'],
      // Jest would leave one core to others: on two cores it would run one file after the other.
      maxWorkers: '100%',
      // Bounds what hangs; how long a test takes is no statement about the code, as the machine may be busy.
      testTimeout: 60_000,
      modulePathIgnorePatterns: ['<rootDir>/examples/', '<rootDir>/dist/'],
      watchPathIgnorePatterns: ['/cdk.out/'],
    },
  },
  // The tests are type-checked once by the compiler; jest then only strips the types.
  typecheckTests: true,
  tsconfigDev: { compilerOptions: { isolatedModules: true }, include: ['../local-aws/exec-gateway/**/*.ts'] },
  eslintOptions: { dirs: ['src'], devdirs: ['test', 'bench', 'examples', 'local-aws/exec-gateway'], commandOptions: { fix: false } },

  gitignore: ['.env', 'node_modules.preparing', 'cdk.out/', '/examples/**/cdk.out/', '/examples/**/node_modules/', '.venv/', '__pycache__/', '.DS_Store', '/docker/client/bootstrap.js', '/test-reports/', '/coverage/'],
});

// A version of the resolver behind eslint's import plugin names platform packages that were never published: `npm ci` fails on it.
project.package.addField('overrides', { 'unrs-resolver': '1.12.2' });

// The types must not offer what the lowest supported Node.js does not have.
project.addDevDeps('@types/node@^20');

/** The rooms of the house, and which others each may know; nothing else of `src`. Each direction has a fixture in test/lint. */
const CONSTRUCT_ROOMS = ['network', 'storage', 'server', 'client'];
const MAY_KNOW: { [room: string]: string[] } = {
  engine: [],
  discovery: [],
  cidr: [],
  ...Object.fromEntries(CONSTRUCT_ROOMS.map(room => [room, ['engine', 'cidr', ...CONSTRUCT_ROOMS]])),
  runtime: ['engine', 'discovery', 'cidr', 'client/contract.ts'],
};
const CDK = ['./node_modules/aws-cdk-lib', './node_modules/constructs'];
const AWS_SDK = './node_modules/@aws-sdk';
const CLI_APPS = './src/cli/**/*app.ts';
const CLI_OTHERS = './src/cli/**/!(*app).ts';
project.eslint?.addRules({
  'import/no-restricted-paths': ['error', {
    zones: [
      ...Object.entries(MAY_KNOW).map(([room, others]) => ({
        target: `./src/${room}`,
        from: './src',
        except: [...new Set([room, ...others])].map(known => `./${known}`),
        message: `${room} may know ${others.join(', ') || 'nobody'}.`,
      })),
      { target: ['./src/engine', './src/discovery', './src/cidr'], from: './node_modules', message: 'plain data and functions import nothing.' },
      {
        target: './src/vast-deployment*.ts',
        from: ['./src/runtime', './src/cli', './src/index.ts'],
        message: 'constructs know neither the runtime nor the command line.',
      },
      {
        target: [...CONSTRUCT_ROOMS.map(room => `./src/${room}`), './src/vast-deployment*.ts', './src/index.ts'],
        from: AWS_SDK,
        message: 'synthesis needs no AWS SDK.',
      },
      { target: './src/index.ts', from: './src/cli', message: 'the command line is no part of the library.' },
      { target: './src/runtime', from: CDK, message: 'the runtime works without the CDK.' },
      {
        target: CLI_OTHERS,
        from: './src',
        except: ['./engine', './discovery', './cidr', './runtime', './cli'],
        message: 'the command line works through the runtime and the CDK CLI.',
      },
      { target: CLI_OTHERS, from: [...CDK, AWS_SDK], message: 'the command line works through the runtime and the CDK CLI.' },
      {
        target: './local-aws/exec-gateway',
        from: './src',
        except: ['./runtime/exec/wire', './runtime/exec/session/clock.ts', './runtime/exec/session/transport.ts'],
        message: 'the gateway is the other side: it knows the messages, and what a connection and a clock are.',
      },
      // Apps that the CDK CLI runs in a process of its own: users of the library, like any other.
      { target: CLI_APPS, from: './src', except: ['./engine', './cli', './index.ts'], message: 'an app uses what the package exports.' },
    ],
  }],
});
project.eslint?.addOverride({
  files: ['src/engine/**/*.ts', 'src/discovery/**/*.ts', 'src/cidr/**/*.ts'],
  rules: { 'import/no-nodejs-modules': 'error' },
});

// Statuses of wait(2), flags of open(2), the bytes of UTF-8 and numbers that look like chance are bits.
project.eslint?.addOverride({ files: ['src/client/bootstrap/**/*.ts', 'local-aws/exec-gateway/faults/**/*.ts'], rules: { 'no-bitwise': 'off' } });

// The examples know the package by its name, as users do; the compiler checks that with examples/tsconfig.json.
project.eslint?.addOverride({ files: ['examples/**/*.ts'], rules: { 'import/no-unresolved': ['error', { ignore: ['^cdk-vast$'] }] } });

// Entry points other than the package itself: jsii's kernel needs the first two.
project.package.addField('exports', {
  '.': { types: './lib/index.d.ts', require: './lib/index.js', default: './lib/index.js' },
  // For TypeScript alone: callbacks, signals and bytes, which jsii has not.
  './runtime': { types: './lib/runtime/index.d.ts', require: './lib/runtime/index.js', default: './lib/runtime/index.js' },
  './package.json': './package.json',
  './.jsii': './.jsii',
});

// The bundles of the AWS SDK have a name of their own, so that they are found from the sources (in tests) and from `lib` alike.
project.package.addField('imports', { '#aws-sdk/*': './lib/runtime/aws-sdk/*.js' });
project.compileTask.exec('node build-tools/bundle.mjs');
project.compileTask.exec('node build-tools/bundle-exec-gateway.mjs');
project.package.addBin({ 'vast-cloud': 'bin/vast-cloud.js' });

// Tests that take seconds each, on processes, namespaces and linters that are not ours (`npx jest --config jest.slow.config.json`).
new JsonFile(project, 'jest.slow.config.json', {
  obj: {
    testMatch: ['<rootDir>/test/**/*.slow.test.ts'],
    transform: { '^.+\\.ts$': ['ts-jest', { tsconfig: 'test/tsconfig.json' }] },
    testTimeout: 60_000,
    maxWorkers: '100%',
  },
});
project.addPackageIgnore('/jest.slow.config.json');

// Tests that deploy: on the local AWS (`npx jest --config jest.e2e.config.json`, minutes), and for whoever asks for it
// in an account of theirs (`npx jest --config jest.real-account.config.json`, half an hour, some cents).
for (const name of ['e2e', 'real-account']) {
  new JsonFile(project, `jest.${name}.config.json`, {
    obj: {
      testMatch: [`<rootDir>/test/${name}/**/*.test.ts`],
      transform: { '^.+\\.ts$': ['ts-jest', { tsconfig: 'test/tsconfig.json' }] },
      testTimeout: name === 'e2e' ? 600_000 : 3_600_000,
      // Most of their time they wait for tasks that start and stop. An account of somebody's has one of each at a time.
      maxWorkers: name === 'e2e' ? 2 : 1,
      verbose: true,
    },
  });
  project.addPackageIgnore(`/jest.${name}.config.json`);
}

// It is made for the package, and so not in the repository.
project.npmignore?.include('/docker/client/bootstrap.js');
for (const file of ['/vast-cloud', '/node_modules.preparing', '/.ci/', '/bench/', '/build-tools/', '/docker/cli/', '/docs/', '__pycache__/', '.venv/', '/local-aws/tests/', '/local-aws/exec-gateway/', '/CONTRIBUTING.md', '/CODE_OF_CONDUCT.md', '/SECURITY.md']) {
  project.addPackageIgnore(file);
}
// What a terminal has said ends its lines as terminals do.
project.gitattributes.addAttributes('/docs/recording/*.typescript', '-text');
project.setScript('verify', 'node build-tools/verify.mjs');
new TextFile(project, '.nvmrc', { lines: [NODE_OF_RELEASES] });
project.addPackageIgnore('/.nvmrc');

// What a pull request has to pass beside the build, which packages for every language: `verify` deploys on a local AWS,
// `supported` tries the other versions that we support, and `tarball` what users get.
const verify = new github.GithubWorkflow(project.github!, 'verify', {
  // A pull request is asked about its newest commit; each commit of main has an answer of its own.
  limitConcurrency: true,
  concurrencyOptions: { group: '${{ github.workflow }}-${{ github.event.pull_request.number || github.sha }}', cancelInProgress: true },
});
verify.on({ pullRequest: {}, push: { branches: ['main'] }, workflowDispatch: {} });
const JOB = { runsOn: ['ubuntu-latest'], permissions: { contents: github.workflows.JobPermission.READ }, env: { CI: 'true' } };
/** Three steps: checkout, Node.js of the given version, `npm ci`. */
const setUp = (node: string): github.workflows.JobStep[] => [
  github.WorkflowSteps.checkout(),
  ...project.renderWorkflowSetup({ mutable: false })
    .map(step => step.with?.['node-version'] ? { ...step, with: { ...step.with, 'node-version': node } } : step),
];
verify.addJobs({
  verify: {
    ...JOB,
    name: 'everything, on a local AWS',
    timeoutMinutes: 90,
    // It installs by itself.
    steps: [...setUp('22').slice(0, 2), { name: 'verify', run: 'npm run verify' }],
  },
  supported: {
    ...JOB,
    name: 'Node.js ${{ matrix.node }}, aws-cdk-lib ${{ matrix.cdk }}',
    timeoutMinutes: 30,
    strategy: { failFast: false, matrix: { domain: { node: ['22', '24'], cdk: [CDK_FLOOR, '2'] } } },
    steps: [
      ...setUp('${{ matrix.node }}'),
      { name: 'the CDK', run: 'npm install --no-save aws-cdk-lib@${{ matrix.cdk }}' },
      { name: 'compile', run: 'npx projen compile' },
      { name: 'type-check of the tests', run: 'npx tsc --noEmit -p test/tsconfig.json' },
      { name: 'unit tests', run: 'npx jest --ci' },
    ],
  },
  tarball: {
    ...JOB,
    name: 'the tarball on Node.js ${{ matrix.node }}',
    timeoutMinutes: 20,
    strategy: { failFast: false, matrix: { domain: { node: [NODE_FLOOR, '22', '24'] } } },
    steps: [
      ...setUp(NODE_OF_RELEASES),
      { name: 'compile', run: 'npx projen compile' },
      { name: 'pack', run: 'npm pack' },
      { ...setUp('${{ matrix.node }}')[1], name: 'another Node.js', id: 'another_node_js' },
      { name: 'smoke test', run: 'node build-tools/smoke-test.mjs cdk-vast-*.tgz' },
    ],
  },
});

// It reads the title, and writes nothing.
project.github!.tryFindWorkflow('pull-request-lint')!.file!.addOverride('jobs.validate.permissions', { 'pull-requests': 'read' });

project.synth();
