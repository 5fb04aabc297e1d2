// What the compiler does not make: one file of the AWS SDK's clients, which as dependencies would be thousands; and the
// quickstart in JavaScript.
import { build } from 'esbuild';

await build({
  stdin: {
    contents: ['cloudformation', 'ecs', 'efs'].map(name => `export * as ${name} from '@aws-sdk/client-${name}';`).join('\n'),
    resolveDir: process.cwd(),
  },
  bundle: true,
  minify: true,
  keepNames: true,
  platform: 'node',
  target: 'node20',
  legalComments: 'external',
  logLevel: 'warning',
  outfile: 'lib/runtime/aws-sdk.bundle.js',
});

// The quickstart as the demo runs it: JavaScript inside of the package, so that it finds the package by its own name.
await build({
  entryPoints: ['examples/typescript/quickstart/quickstart.ts'],
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  logLevel: 'warning',
  outfile: 'lib/examples/quickstart.js',
});
