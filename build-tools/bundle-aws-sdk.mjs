// The AWS SDK's clients as a few files in the package, which as dependencies would be thousands.
//
// One file for each client, and one, `core`, for all that they have in common: a command loads what it uses, and most use
// two clients. A single file of all took 60 ms more to load.
import { writeFileSync } from 'node:fs';
import { build } from 'esbuild';
import { licencesOf } from './bundle-licences.mjs';

/** The name that `src/runtime/aws-sdk.ts` has for a client, and its package. */
const CLIENTS = {
  cloudformation: 'client-cloudformation',
  ec2: 'client-ec2',
  ecr: 'client-ecr',
  ecs: 'client-ecs',
  efs: 'client-efs',
  kms: 'client-kms',
  lambda: 'client-lambda',
  logs: 'client-cloudwatch-logs',
  s3: 'client-s3',
  serviceQuotas: 'client-service-quotas',
  ssm: 'client-ssm',
  sts: 'client-sts',
};
const DIRECTORY = 'lib/runtime/aws-sdk';
const OPTIONS = {
  bundle: true, minify: true, platform: 'node', target: 'node20', mainFields: ['main'], legalComments: 'external', logLevel: 'warning', metafile: true,
};

/** Modules that the clients import and that are none of theirs; filled while they are bundled. */
const shared = new Set();

/** Leads these modules to `core`. */
const sharing = {
  name: 'sharing',
  setup({ onLoad, onResolve }) {
    onResolve({ filter: /^@(aws-sdk|smithy)\// }, ({ path }) => {
      if (path.startsWith('@aws-sdk/client-')) return undefined;
      shared.add(path);
      return { path, namespace: 'shared' };
    });
    onLoad({ filter: /./, namespace: 'shared' }, ({ path }) => ({ contents: `module.exports = require('./core.js')['${path}']();` }));
    onResolve({ filter: /^\.\/core\.js$/, namespace: 'shared' }, ({ path }) => ({ path, external: true }));
  },
};

/** What the files are made of. */
const inputs = new Set();
const bundle = async (options) => {
  const { metafile } = await build({ ...OPTIONS, ...options });
  Object.keys(metafile.inputs).forEach(input => inputs.add(input));
};

const source = contents => ({ stdin: { contents, resolveDir: process.cwd() } });
for (const [name, client] of Object.entries(CLIENTS)) {
  await bundle({ ...source(`module.exports = require('@aws-sdk/${client}');`), plugins: [sharing], outfile: `${DIRECTORY}/${name}.js` });
}
await bundle({
  ...source([
    "exports.loadSharedConfigFiles = require('@smithy/core/config').loadSharedConfigFiles;",
    "exports.defaultProvider = require('@aws-sdk/credential-provider-node').defaultProvider;",
    "exports.fromTokenFile = require('@aws-sdk/credential-provider-web-identity').fromTokenFile;",
    "exports.fromIni = require('@aws-sdk/credential-provider-ini').fromIni;",
    "exports.partition = require('@aws-sdk/core/client').partition;",
    "const { doesIdentityRequireRefresh, isIdentityExpired, memoizeIdentityProvider } = require('@smithy/core');",
    'exports.memoized = provider => memoizeIdentityProvider(provider, isIdentityExpired, doesIdentityRequireRefresh);',
  ].join('\n')),
  plugins: [sharing],
  outfile: `${DIRECTORY}/config.js`,
});
await bundle({
  ...source([...shared].sort().map(path => `exports['${path}'] = () => require('${path}');`).join('\n')),
  outfile: `${DIRECTORY}/core.js`,
});
writeFileSync(`${DIRECTORY}/THIRD-PARTY-LICENCES.txt`, licencesOf(inputs));
