import { parseEcrImage } from './ecr-image';
import { UserError } from './errors';
import { similar } from './similar';
import { VastVersion } from '../engine';

/** By which the stack of `vast-cloud deploy` is told from those of other apps. */
export const STACK_DESCRIPTION = 'VAST on AWS, deployed by vast-cloud';

/** What `.env` and the environment say of the deployment. */
export interface Settings {
  readonly region: string;
  readonly cidr: string;
  /** Undefined: the first of the region. */
  readonly availabilityZone?: string;
  /** Undefined: nothing is peered. */
  readonly peeredVpcId?: string;
  readonly version: VastVersion;
  readonly storage: 'EFS' | 'ATTACHED';
  /** An existing file system instead of a new one. */
  readonly fileSystemId?: string;
  /** An image instead of the official one of the release. */
  readonly image?: string;
  /** An image in ECR instead of building the Lambda client's; `none` for no client. */
  readonly clientImage?: string;
  /** Networks whose clients may reach the engine's port. */
  readonly clientCidrs: string[];
  /** The Cloud Map namespace, which follows `vast-server.` in the server's DNS name. */
  readonly namespace: string;
  readonly stackName: string;
}

/** A variable: what it is for, an example, and what is used where it is not given (a variable without is needed). */
interface Variable {
  readonly meaning: string;
  readonly example: string;
  readonly fallback?: string;
}

/** The variables of the command, as the help and the messages show them. */
export const VARIABLES: { readonly [name: string]: Variable } = {
  VAST_AWS_REGION: { meaning: 'AWS region', example: 'eu-west-1' },
  VAST_PEERED_VPC_ID: { meaning: 'VPC to peer with, or none', example: 'vpc-059a7ec8aac174fc9' },
  VAST_CIDR: { meaning: 'addresses of the new VPC, a /16 to /27', example: '172.31.48.0/24' },
  VAST_AVAILABILITY_ZONE: { meaning: 'availability zone of the new VPC, instead of the first of the region', example: 'eu-west-1b', fallback: '' },
  VAST_VERSION: { meaning: 'release of the engine', example: 'v3.1.0', fallback: 'v3.1.0' },
  VAST_SERVER_STORAGE_TYPE: { meaning: 'EFS or ATTACHED', example: 'EFS', fallback: 'EFS' },
  VAST_FILE_SYSTEM_ID: { meaning: 'existing EFS file system', example: 'fs-0123456789abcdef0', fallback: '' },
  VAST_CLIENT_CIDRS: { meaning: 'networks of the clients to let in', example: '10.0.1.0/24,10.0.2.0/24', fallback: '' },
  VAST_NAMESPACE: { meaning: 'DNS name that the server is below', example: 'vast.internal', fallback: '' },
  VAST_IMAGE: { meaning: 'image instead of the official one', example: 'ghcr.io/tenzir/vast:v3.1.0', fallback: '' },
  VAST_CLIENT_IMAGE: {
    meaning: 'image of the Lambda client in ECR, instead of building it; or none, for no client',
    example: '123456789012.dkr.ecr.eu-west-1.amazonaws.com/vast-client:v3.1.0',
    fallback: '',
  },
  VAST_STACK_NAME: { meaning: 'name of the CloudFormation stack', example: 'VastCloud', fallback: 'VastCloud' },
};

const STACK_NAME = /^[A-Za-z][A-Za-z0-9-]{0,127}$/;

/** A DNS name of two labels at least. */
const NAMESPACE = /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/;

/** The form of it; what it has to be beyond that is the constructs' to know. */
const CIDR = /^\d+\.\d+\.\d+\.\d+\/\d+$/;

/**
 * Reads the variables.
 *
 * @param names those that the command at hand needs to know
 * @throws UserError that names everything that is missing or wrong, with an example each
 */
export function readSettings(environment: NodeJS.ProcessEnv, names: string[] = Object.keys(VARIABLES)): Settings {
  const problems: string[] = [];
  const value = (name: string): string => {
    const { meaning, example, fallback } = VARIABLES[name];
    const given = environment[name]?.trim();
    if (!given && fallback === undefined && names.includes(name)) {
      problems.push(`${name} is missing (${meaning}): for example ${name}=${example}`);
    }
    return given || fallback || '';
  };
  const check = (name: string, right: (text: string) => boolean): string => {
    const text = value(name);
    if (text && !right(text)) {
      problems.push(`${name}='${text}' is not right (${VARIABLES[name].meaning}): for example ${name}=${VARIABLES[name].example}`);
    }
    return text;
  };

  for (const name of Object.keys(environment)) {
    const meant = name.startsWith('VAST_') && !(name in VARIABLES) && similar(name, Object.keys(VARIABLES));
    if (meant) {
      problems.push(`${name} is no variable of vast-cloud: did you mean ${meant}?`);
    }
  }
  const region = check('VAST_AWS_REGION', text => /^[a-z]{2,}(-[a-z]+)+-\d+$/.test(text));
  const peer = check('VAST_PEERED_VPC_ID', text => text === 'none' || /^vpc-[0-9a-f]{8,17}$/.test(text));
  const cidr = check('VAST_CIDR', text => CIDR.test(text));
  const availabilityZone = check('VAST_AVAILABILITY_ZONE', text => /^[a-z]{2,}(-[a-z]+)+-\d+[a-z]$/.test(text));
  const clientCidrs = check('VAST_CLIENT_CIDRS', text => text.split(',').every(part => CIDR.test(part.trim())));
  const image = check('VAST_IMAGE', text => !/\s/.test(text));
  const clientImage = check('VAST_CLIENT_IMAGE', text => text === 'none' || parseEcrImage(text) !== undefined);
  const storage = check('VAST_SERVER_STORAGE_TYPE', text => text === 'EFS' || text === 'ATTACHED');
  const fileSystemId = check('VAST_FILE_SYSTEM_ID', text => /^fs-[0-9a-f]{8,40}$/.test(text));
  const stackName = check('VAST_STACK_NAME', text => STACK_NAME.test(text));
  const namespace = check('VAST_NAMESPACE', text => NAMESPACE.test(text)) || defaultNamespace(stackName);
  let version = VastVersion.V3_1_0;
  try {
    version = VastVersion.of(value('VAST_VERSION'));
  } catch (error) {
    problems.push(`VAST_VERSION: ${(error as Error).message}`);
  }
  if (fileSystemId && storage === 'ATTACHED') {
    problems.push('VAST_FILE_SYSTEM_ID goes with VAST_SERVER_STORAGE_TYPE=EFS: leave one of them out');
  }
  if (region && availabilityZone && availabilityZone.slice(0, -1) !== region) {
    problems.push(`VAST_AVAILABILITY_ZONE=${availabilityZone} is not a zone of ${region}: give one such as ${region}b`);
  }
  if (names.includes('VAST_NAMESPACE') && !environment.VAST_NAMESPACE?.trim() && STACK_NAME.test(stackName) && !NAMESPACE.test(namespace)) {
    problems.push(`VAST_STACK_NAME=${stackName} cannot be a part of the server's DNS name: give VAST_NAMESPACE, for example ${VARIABLES.VAST_NAMESPACE.example}`);
  }
  const clientImageRegion = parseEcrImage(clientImage)?.region;
  if (clientImageRegion && region && clientImageRegion !== region) {
    problems.push(`VAST_CLIENT_IMAGE is in ${clientImageRegion}: Lambda takes images from ECR in its own region only, which is ${region}`);
  }
  if (problems.length > 0) {
    throw new UserError(['the settings (environment, and .env of this directory) are not right yet:', ...problems].join('\n  - '));
  }
  return {
    region,
    cidr,
    availabilityZone: availabilityZone || undefined,
    peeredVpcId: peer === 'none' || peer === '' ? undefined : peer,
    version,
    storage: storage as Settings['storage'],
    fileSystemId: fileSystemId || undefined,
    image: image || undefined,
    clientImage: clientImage || undefined,
    clientCidrs: clientCidrs ? clientCidrs.split(',').map(part => part.trim()) : [],
    namespace,
    stackName,
  };
}

/** A peer can resolve the names of two deployments only where the names differ. */
function defaultNamespace(stackName: string): string {
  return stackName === VARIABLES.VAST_STACK_NAME.fallback ? 'vast.internal' : `${stackName.toLowerCase()}.vast.internal`;
}

/** The settings as variables again, for the CDK app that runs as a process of its own. */
export function toEnvironment(settings: Settings): NodeJS.ProcessEnv {
  return {
    VAST_AWS_REGION: settings.region,
    VAST_PEERED_VPC_ID: settings.peeredVpcId ?? 'none',
    VAST_CIDR: settings.cidr,
    VAST_AVAILABILITY_ZONE: settings.availabilityZone ?? '',
    VAST_VERSION: settings.version.name,
    VAST_SERVER_STORAGE_TYPE: settings.storage,
    VAST_FILE_SYSTEM_ID: settings.fileSystemId ?? '',
    VAST_IMAGE: settings.image ?? '',
    VAST_CLIENT_IMAGE: settings.clientImage ?? '',
    VAST_CLIENT_CIDRS: settings.clientCidrs.join(','),
    VAST_NAMESPACE: settings.namespace,
    VAST_STACK_NAME: settings.stackName,
  };
}
