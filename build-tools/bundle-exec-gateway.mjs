// The gateway of ECS Exec as the local AWS runs it: one file that needs nothing but Node.js.
import { build } from 'esbuild';

await build({
  entryPoints: ['local-aws/exec-gateway/main.ts'],
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  // Compiled add-ons that `ws` can do without.
  external: ['bufferutil', 'utf-8-validate'],
  banner: { js: '// Contains `ws` (https://github.com/websockets/ws, MIT licence), whose notice is in node_modules/ws/LICENSE of this package.' },
  logLevel: 'warning',
  outfile: 'lib/local-aws/exec-gateway.js',
});
