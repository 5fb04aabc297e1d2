// What the compiler does not make.
import { build } from 'esbuild';

await import('./bundle-aws-sdk.mjs');

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
