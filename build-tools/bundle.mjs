// What the compiler does not make: one file of the AWS SDK's clients, which as dependencies would be thousands; the
// quickstart in JavaScript; and the program of the client's image.
import { build } from 'esbuild';

await build({
  stdin: {
    contents: ['cloudformation', 'ecs', 'efs', 'lambda'].map(name => `export * as ${name} from '@aws-sdk/client-${name}';`).join('\n'),
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

// The client's image gets one file that needs nothing but Node.js. It stays readable: it is what people see in the image.
await build({
  entryPoints: ['src/client/bootstrap/main.ts'],
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  legalComments: 'none',
  logLevel: 'warning',
  outfile: 'docker/client/bootstrap.js',
});
