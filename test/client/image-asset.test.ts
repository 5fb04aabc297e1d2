import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { AssetStaging, Stage } from 'aws-cdk-lib';
import { stackOfTests, SynthesizedDeployment } from '../synthesized-deployment';

const DIRECTORY = path.join(__dirname, '..', '..', 'docker', 'client');
/** What desktops, editors, Python and people leave in a directory. */
const LEFT = ['.DS_Store', '._launcher.pl', '.launcher.pl.swp', 'launcher.pl~', '#launcher.pl#', 'Thumbs.db', 'Dockerfile.orig', 'notes/todo.txt', '__pycache__/x.pyc'];

/** The image of the client: the tag that follows from the files it is made of, and the files. */
function image() {
  AssetStaging.clearAssetHashCache();
  const stack = stackOfTests();
  const synthesized = new SynthesizedDeployment({}, stack);
  const { Properties } = synthesized.resourceOf(synthesized.deployment.clientFunction!);
  const [, hash] = /:([0-9a-f]{64})$/.exec(Properties.Code.ImageUri['Fn::Sub'] as string)!;
  return { hash, files: readdirSync(path.join(Stage.of(stack)!.outdir, `asset.${hash}`)).sort() };
}

test('only what belongs to the image tells whether it has to be built anew', () => {
  const before = image();
  expect(before.files).toEqual(['.dockerignore', 'Dockerfile', 'bootstrap.js', 'launcher.pl']);
  try {
    for (const file of LEFT) {
      mkdirSync(path.dirname(path.join(DIRECTORY, file)), { recursive: true });
      writeFileSync(path.join(DIRECTORY, file), 'left');
    }
    expect(image()).toEqual(before);
  } finally {
    for (const file of LEFT) rmSync(path.join(DIRECTORY, file.split('/')[0]), { recursive: true, force: true });
  }
});
