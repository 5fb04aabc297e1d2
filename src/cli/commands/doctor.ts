import { styleText } from 'node:util';
import { AwsConnection } from '../../runtime/aws-connection';
import { Caller, findCaller, homeRegion } from '../../runtime/doctor/identity';
import { QUOTAS } from '../../runtime/doctor/quotas';
import { findStack } from '../../runtime/doctor/stack';
import { listVpcs } from '../../runtime/doctor/vpcs';
import { targetEnvironment } from '../aws-target';
import { seeBootstrap, seeFileSystem, seeRegion, seeStack } from '../doctor/account-checks';
import { check, Finding, ok, Seen, skipped, Verdict, warning } from '../doctor/finding';
import { seeClientImage } from '../doctor/image-checks';
import { checkCdk, checkDocker, checkNode, checkSettings } from '../doctor/machine-checks';
import { seeCidr } from '../doctor/network-checks';
import { seeQuota } from '../doctor/quota-checks';
import { environmentWithDotEnv } from '../dot-env';
import { EXIT } from '../errors';
import { fixedZone, requireZone } from '../fixed-network';
import { refuseForgottenFileSystem } from '../left-database';
import { requirePeeredVpc } from '../peered-vpc';
import { newNames } from '../server-name';
import { readSettings, Settings } from '../settings';

/** Options of `vast-cloud doctor`. */
export interface DoctorOptions {
  readonly local?: boolean;
  readonly json?: boolean;
}

type Checks = (Promise<Finding[]>)[];

/** Looks at everything that a deployment needs, and says how to mend what is not right. */
export async function doctor({ local = false, json = false }: DoctorOptions): Promise<number> {
  const given = environmentWithDotEnv();
  const findings: Finding[] = [];
  const conclude = async (checks: Checks) => {
    // They are under way all at once, and told in their order.
    for (const found of checks) {
      for (const finding of await found) {
        findings.push(finding);
        if (!json) {
          process.stdout.write(line(finding));
        }
      }
    }
  };
  let environment: NodeJS.ProcessEnv | undefined;
  const target = await check(local ? 'local AWS' : 'credentials', async () => {
    environment = await targetEnvironment(given, local, settingsOf(given).region);
    return ok(environment.AWS_ENDPOINT_URL ?? '');
  });
  const checks = [checkNode(), checkSettings(given), checkDocker(environment ?? given), checkCdk()];
  await conclude(local || !environment ? [...checks, Promise.resolve(target)] : checks);
  await (environment ? withAws(given, local, conclude)
    : conclude(local ? skippedFrom('credentials', given, 'the local AWS does not run') : skippedFrom('region', given, 'there are no credentials')));

  const right = findings.every(({ verdict }) => verdict !== 'wrong');
  if (json) {
    process.stdout.write(`${JSON.stringify({ ok: right, checks: findings }, undefined, 2)}\n`);
  }
  return right ? EXIT.success : EXIT.userError;
}

/** Each variable for itself: one that is wrong does not hinder the checks of the others. */
function settingsOf(
  environment: NodeJS.ProcessEnv,
): Partial<Pick<Settings, 'region' | 'cidr' | 'peeredVpcId' | 'fileSystemId' | 'clientImage' | 'stackName'>> {
  const alone = <K extends keyof Settings>(variable: string, key: K): Settings[K] | undefined => {
    try {
      return readSettings({ [variable]: environment[variable] }, [variable])[key];
    } catch {
      // The check of the settings says what is wrong with it.
      return undefined;
    }
  };
  return {
    region: alone('VAST_AWS_REGION', 'region'),
    cidr: alone('VAST_CIDR', 'cidr'),
    peeredVpcId: alone('VAST_PEERED_VPC_ID', 'peeredVpcId'),
    fileSystemId: alone('VAST_FILE_SYSTEM_ID', 'fileSystemId'),
    clientImage: alone('VAST_CLIENT_IMAGE', 'clientImage'),
    stackName: alone('VAST_STACK_NAME', 'stackName'),
  };
}

/** All settings; undefined where one of them is not right. */
function allSettingsOf(environment: NodeJS.ProcessEnv): Settings | undefined {
  try {
    return readSettings(environment);
  } catch {
    return undefined;
  }
}

async function withAws(given: NodeJS.ProcessEnv, local: boolean, conclude: (checks: Checks) => Promise<void>): Promise<void> {
  const { region } = settingsOf(given);
  const atHome = new AwsConnection({ region: homeRegion(region ?? '') });
  const connection = new AwsConnection({ region: region ?? homeRegion('') });
  try {
    let caller: Caller | undefined;
    await conclude([check('credentials', async () => {
      caller = await findCaller(connection, atHome, region ?? homeRegion(''));
      return ok(`account ${caller.account} as ${caller.arn}`);
    })]);
    if (!region || caller?.regionState !== 'enabled') {
      const why = !region ? 'VAST_AWS_REGION is not right' : !caller ? 'there are no credentials that AWS accepts' : 'the region cannot be used';
      await conclude(region && caller
        ? [check('region', async () => seeRegion(region, caller!.regionState)), ...skippedFrom('bootstrap', given, why)]
        : skippedFrom('region', given, why));
      return;
    }
    await conclude([check('region', async () => seeRegion(region, 'enabled')), ...inRegion(connection, given, region, local)]);
  } finally {
    atHome.close();
    connection.close();
  }
}

/** The checks that take credentials and a region. */
function inRegion(connection: AwsConnection, given: NodeJS.ProcessEnv, region: string, local: boolean): Checks {
  const { cidr, peeredVpcId, fileSystemId, clientImage, stackName } = settingsOf(given);
  const stack = stackName === undefined ? Promise.resolve(undefined) : findStack(connection, stackName);
  // Whoever needs it for something else than itself can do without.
  const stackIfKnown = stack.catch(() => undefined);
  const looks: { [name: string]: () => Promise<Seen | Seen[]> } = {
    'bootstrap': () => seeBootstrap(connection, region, local),
    'stack': async () => stackName === undefined ? skipped('VAST_STACK_NAME is not right') : seeStack(stackName, await stack),
    'peered VPC': async () => {
      if (!peeredVpcId) {
        return given.VAST_PEERED_VPC_ID?.trim() === 'none' ? ok('none') : skipped('VAST_PEERED_VPC_ID is not right');
      }
      const { name, cidrs } = await requirePeeredVpc(connection, peeredVpcId, { region });
      return ok(`${peeredVpcId} (${[name, ...cidrs].filter(Boolean).join(', ')}) is available`);
    },
    'addresses': async () => {
      if (!cidr) {
        return skipped('VAST_CIDR is not right');
      }
      const own = (await stackIfKnown)?.deployments.map(({ vpcId }) => vpcId) ?? [];
      return seeCidr({ cidr, peeredVpcId, region }, await listVpcs(connection), own);
    },
    ...Object.fromEntries(QUOTAS.map(kind => [kind.name, async () => local ? skipped('the local AWS has none') :
      seeQuota(connection, kind, region, ((await stackIfKnown)?.deployments.length ?? 0) > 0)])),
    'network': async () => {
      const settings = allSettingsOf(given);
      const deployments = (await stackIfKnown)?.deployments ?? [];
      if (settings) {
        await requireZone(connection, settings);
      }
      for (const deployment of settings ? deployments : []) {
        await fixedZone(connection, deployment, settings!);
      }
      return !settings ? skipped('the settings are not right') : ok(deployments.length > 0 ? 'as it is deployed' : 'nothing is deployed yet');
    },
    'server name': async () => {
      const settings = allSettingsOf(given);
      const names = settings && newNames((await stackIfKnown)?.deployments ?? [], settings, Boolean(given.VAST_NAMESPACE?.trim()));
      return !names ? skipped('the settings are not right') : names.length > 0 ? names.map(warning) : ok(`vast-server.${settings!.namespace}`);
    },
    'database': async () => {
      const settings = allSettingsOf(given);
      if (!settings) {
        return skipped('the settings are not right');
      }
      await refuseForgottenFileSystem(connection, (await stackIfKnown)?.deployments ?? [], settings);
      return ok(settings.storage === 'ATTACHED' ? 'on the task\'s own disk' : settings.fileSystemId ?? 'on a file system of the stack');
    },
    'client image': async () => seeClientImage(connection, clientImage!),
    'file system': async () => seeFileSystem(connection, fileSystemId!, { region }, await stackIfKnown),
  };
  return checksInRegion(given).map(name => check(name, looks[name]));
}

/** The names of the checks that take credentials and a region, in their order. */
function checksInRegion(given: NodeJS.ProcessEnv): string[] {
  const { clientImage, fileSystemId } = settingsOf(given);
  return ['bootstrap', 'stack', 'peered VPC', 'addresses', 'network', 'server name', 'database', ...QUOTAS.map(({ name }) => name),
    ...clientImage && clientImage !== 'none' ? ['client image'] : [], ...fileSystemId ? ['file system'] : []];
}

/** The checks of AWS from the named one on, which cannot be made for that reason. */
function skippedFrom(first: string, given: NodeJS.ProcessEnv, why: string): Checks {
  const names = ['credentials', 'region', ...checksInRegion(given)];
  return names.slice(names.indexOf(first)).map(name => check(name, async () => skipped(`skipped because ${why}`)));
}

const SIGNS: { readonly [V in Verdict]: readonly [sign: string, colour: 'green' | 'yellow' | 'red' | 'gray'] } = {
  ok: ['✔', 'green'], warning: ['!', 'yellow'], wrong: ['✖', 'red'], skipped: ['–', 'gray'],
};

function line({ check: name, verdict, detail }: Finding): string {
  const [sign, colour] = SIGNS[verdict];
  const painted = process.stdout.isTTY && !process.env.NO_COLOR ? styleText(colour, sign) : sign;
  return `${painted} ${name.padEnd(18)} ${detail}\n`;
}
