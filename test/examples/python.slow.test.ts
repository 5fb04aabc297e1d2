import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { APPS, Assemblies, EXAMPLES, pythonWithPackage, synthesizePython, synthesizeTypeScript } from './apps';

const PYRIGHT = require.resolve('pyright');
const ENV = { ...process.env, CDK_DEFAULT_ACCOUNT: '000000000000', CDK_DEFAULT_REGION: 'eu-central-1' };

/** A VPC as the CDK CLI would have looked it up. */
const VPC_ID = 'vpc-059a7ec8aac174fc9';
const CONTEXT = {
  peeredVpcId: VPC_ID,
  [`vpc-provider:account=${ENV.CDK_DEFAULT_ACCOUNT}:filter.vpc-id=${VPC_ID}:region=${ENV.CDK_DEFAULT_REGION}:returnAsymmetricSubnets=true`]: {
    vpcId: VPC_ID,
    vpcCidrBlock: '10.42.0.0/16',
    ownerAccountId: ENV.CDK_DEFAULT_ACCOUNT,
    availabilityZones: [],
    subnetGroups: [{
      name: 'Clients',
      type: 'Public',
      subnets: [{ subnetId: 'subnet-0a1', cidr: '10.42.0.0/20', availabilityZone: 'eu-central-1a', routeTableId: 'rtb-0a1' }],
    }],
  },
};

let directory: string;
let python: string;

// Building the wheel, and installing it with the CDK from PyPI, takes longer than a test may.
beforeAll(() => {
  directory = realpathSync(mkdtempSync(path.join(tmpdir(), 'cdk-vast-examples-')));
  python = pythonWithPackage();
}, 600_000);
afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe('an example in Python and its twin in TypeScript', () => {
  let pythons: Assemblies;
  let typescripts: Assemblies;
  beforeAll(() => {
    pythons = synthesizePython(directory, APPS, CONTEXT, ENV);
    typescripts = synthesizeTypeScript(directory, APPS, CONTEXT, ENV);
  }, 300_000);

  test('exist for everything that there is an example of', () => {
    expect(APPS).toEqual(['attached-storage', 'existing-vpc', 'multi', 'quickstart', 'tenzir']);
    expect(readdirSync(path.join(EXAMPLES, 'typescript')).sort()).toEqual(readdirSync(path.join(EXAMPLES, 'python')).sort());
  });

  // To the byte: nothing is left out, neither logical ids nor the hash of the client's image, which is built from the
  // files of this clone on one side and from those in the wheel on the other.
  test.each(APPS)('%s: have one template', (app) => {
    const files = readdirSync(typescripts[app]).filter(name => /\.(template|assets)\.json$/.test(name)).sort().reverse();
    expect(files).toHaveLength(2);
    for (const file of files) {
      expect(readFileSync(path.join(pythons[app], file), 'utf8')).toBe(readFileSync(path.join(typescripts[app], file), 'utf8'));
    }
  });

  test('know the VPC that was looked up', () => {
    const template = readFileSync(path.join(pythons['existing-vpc'], 'VastExistingVpc.template.json'), 'utf8');
    expect(template).toContain(`"PeerVpcId": "${VPC_ID}"`);
    expect(template).toContain('"RouteTableId": "rtb-0a1"');
  });
});

/** What pyright says of the Python examples, after a change to one of them. */
function pyright(change: { readonly file: string; readonly from: string; readonly to: string }): string[] {
  const project = mkdtempSync(path.join(directory, 'pyright-'));
  cpSync(path.join(EXAMPLES, 'python'), project, { recursive: true });
  const file = path.join(project, change.file);
  const text = readFileSync(file, 'utf8');
  expect(text).toContain(change.from);
  writeFileSync(file, text.replace(change.from, change.to));
  writeFileSync(path.join(project, 'pyrightconfig.json'), JSON.stringify({ typeCheckingMode: 'strict' }));
  const { stdout } = spawnSync(process.execPath, [PYRIGHT, '--project', project, '--pythonpath', python, '--outputjson'], { encoding: 'utf8' });
  const { generalDiagnostics, summary } = JSON.parse(stdout) as {
    generalDiagnostics: { file: string; message: string }[];
    summary: { filesAnalyzed: number };
  };
  expect(summary.filesAnalyzed).toBe(APPS.length + 1);
  return generalDiagnostics.map(({ file: where, message }) => `${path.relative(project, where)}: ${message}`);
}

test('an editor has nothing to say about the Python examples, at its strictest', () => {
  expect(pyright({ file: 'multi/app.py', from: 'auto_start=False', to: 'auto_start=False' })).toEqual([]);
}, 180_000);

test('an editor sees what is wrong', () => {
  const problems = pyright({ file: 'multi/app.py', from: 'auto_start=False', to: 'auto_start="no"' });
  expect(problems).toEqual([expect.stringMatching(/^multi\/app\.py: .*"Literal\['no'\]".*"auto_start"/s)]);
}, 180_000);

test('the types of the package say what they are, but for the configuration of the engine', () => {
  const source = readFileSync(path.join(python, '../../lib', pythonOf(python), 'site-packages/cdk_vast/__init__.py'), 'utf8');
  expect(source).toContain('class VastDeployment(');
  const untyped = source.split('\n')
    // A struct may be given as a dictionary of its fields, and a comparison is with anything.
    .map(line => line.replaceAll(/typing\.Union\["?[\w.]+"?, typing\.Dict\[builtins\.str, typing\.Any\]\]/g, 'struct'))
    .filter(line => /^ +(def )?\w+.*(:|->) .*typing\.Any/.test(line) && !/__(eq|ne|getattr)__|self\._(values|module)/.test(line))
    .map(line => line.trim());
  expect([...new Set(untyped)]).toEqual(['engine_configuration: typing.Optional[typing.Mapping[builtins.str, typing.Any]] = None,']);
});

/** The name of the directory of a Python's modules, such as `python3.11`. */
function pythonOf(program: string): string {
  return spawnSync(program, ['-c', 'import sys; print("python%d.%d" % sys.version_info[:2])'], { encoding: 'utf8' }).stdout.trim();
}
