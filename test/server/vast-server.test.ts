import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { AddressInfo, connect, createServer } from 'node:net';
import { aws_ecs as ecs, aws_ec2 as ec2, aws_logs as logs, aws_secretsmanager as secretsmanager, Lazy, RemovalPolicy } from 'aws-cdk-lib';
import { VastDeploymentProps, VastStorage, VastVersion } from '../../src';
import { launcherEntryPoint } from '../../src/server/engine-launcher';
import { refusalOf, serverAlone, stackOfTests, SynthesizedDeployment } from '../synthesized-deployment';

const logGroupOf = (synthesized: SynthesizedDeployment) => synthesized.resourceOf(synthesized.deployment.logGroup);
const containerWith = (props: Partial<VastDeploymentProps>) => serverAlone(props).container;

describe('the service', () => {
  const synthesized = serverAlone();
  const { Properties: service } = synthesized.only('AWS::ECS::Service');

  test('stops the old task before it starts the new one, and goes back where the new one fails', () => {
    expect(service.DeploymentConfiguration).toMatchObject({
      MinimumHealthyPercent: 0, MaximumPercent: 100, DeploymentCircuitBreaker: { Enable: true, Rollback: true },
    });
  });

  test('is not moved to balance availability zones, which would start a second task', () => {
    expect(service.AvailabilityZoneRebalancing).toBe('DISABLED');
  });

  test('runs on Fargate, without a public address, in the Vast subnet', () => {
    expect(service.LaunchType).toBe('FARGATE');
    expect(service.NetworkConfiguration.AwsvpcConfiguration).toEqual({
      AssignPublicIp: 'DISABLED',
      Subnets: [synthesized.stack.resolve(synthesized.deployment.vastSubnet.subnetId)],
      SecurityGroups: [synthesized.stack.resolve(synthesized.deployment.connections.securityGroups[0].securityGroupId)],
    });
  });

  test('lets operators in, and keeps what they type out of the logs', () => {
    expect(service.EnableExecuteCommand).toBe(true);
    expect(synthesized.only('AWS::ECS::Cluster').Properties.Configuration).toEqual({ ExecuteCommandConfiguration: { Logging: 'NONE' } });
  });

  test('is started by the first deployment and left as it is by later ones: no count in the template', () => {
    expect(service).not.toHaveProperty('DesiredCount');
    expect(serverAlone({ autoStart: true }).only('AWS::ECS::Service').Properties).not.toHaveProperty('DesiredCount');
  });

  test('is created stopped where that is asked for', () => {
    expect(serverAlone({ autoStart: false }).only('AWS::ECS::Service').Properties.DesiredCount).toBe(0);
  });

  test('waits for its rights and for a way to its image', () => {
    expect(synthesized.only('AWS::ECS::Service').DependsOn).toEqual(expect.arrayContaining([
      ...Object.keys(synthesized.all('AWS::IAM::Policy')).filter(id => /^VastServer/.test(id)),
      Object.entries(synthesized.all('AWS::EC2::Route')).find(([, { Properties }]) => Properties.NatGatewayId)![0],
    ]));
  });
});

describe('the name', () => {
  const synthesized = serverAlone();

  test('is vast-server in a private namespace of the VPC', () => {
    expect(synthesized.only('AWS::ServiceDiscovery::PrivateDnsNamespace').Properties).toMatchObject({
      Name: 'vast.internal', Vpc: { Ref: synthesized.only('AWS::EC2::VPC').logicalId },
    });
    expect(synthesized.only('AWS::ServiceDiscovery::Service').Properties).toMatchObject({
      Name: 'vast-server', DnsConfig: { DnsRecords: [{ Type: 'A', TTL: 5 }] },
    });
    expect(synthesized.deployment.serverEndpoint).toBe('vast-server.vast.internal:5158');
  });

  test('is the one under which ECS registers the task', () => {
    expect(synthesized.only('AWS::ECS::Service').Properties.ServiceRegistries).toEqual([
      { RegistryArn: { 'Fn::GetAtt': [synthesized.only('AWS::ServiceDiscovery::Service').logicalId, 'Arn'] } },
    ]);
  });

  test('is found soon after the start: that it did not exist is remembered for 5 s', () => {
    expect(synthesized.only('AWS::ServiceDiscovery::PrivateDnsNamespace').Properties.Properties).toEqual({ DnsProperties: { SOA: { TTL: 5 } } });
  });

  test('may have another namespace', () => {
    const other = serverAlone({ namespaceName: 'siem.example.org' });
    expect(other.only('AWS::ServiceDiscovery::PrivateDnsNamespace').Properties.Name).toBe('siem.example.org');
    expect(other.deployment.serverHostname).toBe('vast-server.siem.example.org');
  });
});

describe('the logs', () => {
  test('are kept for a month, and when the deployment is destroyed', () => {
    const group = logGroupOf(serverAlone());
    expect(group.Properties.RetentionInDays).toBe(30);
    expect([group.DeletionPolicy, group.UpdateReplacePolicy]).toEqual(['RetainExceptOnCreate', 'Retain']);
  });

  test('may be kept otherwise', () => {
    const group = logGroupOf(serverAlone({ logRetention: logs.RetentionDays.ONE_WEEK, removalPolicy: RemovalPolicy.DESTROY }));
    expect(group.Properties.RetentionInDays).toBe(7);
    expect(group.DeletionPolicy).toBe('Delete');
  });

  test('are where the container writes to', () => {
    const synthesized = serverAlone();
    expect(synthesized.container.LogConfiguration).toMatchObject({
      LogDriver: 'awslogs', Options: { 'awslogs-group': { Ref: synthesized.resourceOf(synthesized.deployment.logGroup).logicalId }, 'awslogs-stream-prefix': 'server' },
    });
  });
});

describe('the container', () => {
  const container = containerWith({});

  test('has two minutes to flush, which is all that Fargate gives', () => {
    expect(container.StopTimeout).toBe(120);
  });

  test('has an init process, which passes signals on', () => {
    expect(container.LinuxParameters.InitProcessEnabled).toBe(true);
  });

  test('has a writable root and no user of its own, which an operator\'s session needs', () => {
    expect(container).not.toHaveProperty('ReadonlyRootFilesystem');
    expect(container).not.toHaveProperty('User');
  });

  test('starts the engine through the launcher', () => {
    expect(container.EntryPoint).toEqual(launcherEntryPoint());
    expect(container.Command.slice(-4)).toEqual(['vast', '--endpoint=0.0.0.0:5158', '--db-directory=/var/lib/vast', 'start']);
  });

  test.each([
    ['v2.4.2', 42000, '/var/lib/vast', 'tenzir/vast:v2.4.2'],
    ['v3.1.0', 5158, '/var/lib/vast', 'tenzir/vast:v3.1.0'],
    ['v6.20.0', 5158, '/var/lib/tenzir', 'tenzir/tenzir:v6.20.0'],
  ])('%s listens on %d and keeps its state in %s', (name, port, directory, image) => {
    const synthesized = serverAlone({ version: VastVersion.of(name) });
    expect(synthesized.container).toMatchObject({
      Image: image,
      PortMappings: [{ ContainerPort: port, Protocol: 'tcp' }],
      MountPoints: [expect.objectContaining({ ContainerPath: directory })],
    });
    expect(synthesized.container.Command[0]).toBe(directory);
    expect(synthesized.deployment.serverPort).toBe(port);
    const ingress = Object.values(synthesized.all('AWS::EC2::SecurityGroup')).flatMap(({ Properties }) => Properties.SecurityGroupIngress ?? []);
    expect(ingress.map(({ FromPort, ToPort }) => [FromPort, ToPort])).toEqual([[port, port]]);
  });

  test.each([[1024, 2048], [16384, 122880]])('%d CPU units with %d MiB', (cpu, memoryLimitMiB) => {
    expect(serverAlone({ cpu, memoryLimitMiB }).taskDefinition.Properties).toMatchObject({
      Cpu: String(cpu), Memory: String(memoryLimitMiB),
    });
  });

  test('runs on arm64 where that is asked for', () => {
    const synthesized = serverAlone({ version: VastVersion.V6_20_0, cpuArchitecture: ecs.CpuArchitecture.ARM64 });
    expect(synthesized.taskDefinition.Properties.RuntimePlatform).toEqual({ CpuArchitecture: 'ARM64', OperatingSystemFamily: 'LINUX' });
  });

  test('may have another image, of which the version says what it contains', () => {
    const other = containerWith({ image: ecs.ContainerImage.fromRegistry('example.org/engine:1'), version: VastVersion.V6_20_0 });
    expect(other.Image).toBe('example.org/engine:1');
    expect(other.Command).toContain('tenzir-node');
  });

  test('has the environment that was given, and none else', () => {
    expect(container).not.toHaveProperty('Environment');
    expect(containerWith({ environment: { VAST_X: '1' } }).Environment).toEqual([{ Name: 'VAST_X', Value: '1' }]);
  });

  test('has secrets by reference, and the right to read them is the execution role\'s, on that secret', () => {
    const stack = stackOfTests();
    const secret = new secretsmanager.Secret(stack, 'Secret');
    const synthesized = serverAlone({ secrets: { TOKEN: ecs.Secret.fromSecretsManager(secret) } }, stack);
    expect(synthesized.container.Secrets).toEqual([{ Name: 'TOKEN', ValueFrom: stack.resolve(secret.secretArn) }]);
    const policies = Object.entries(synthesized.all('AWS::IAM::Policy')).filter(([, policy]) => JSON.stringify(policy).includes('secretsmanager:'));
    expect(policies.map(([id]) => id)).toEqual([expect.stringContaining('ExecutionRole')]);
    expect(policies[0][1].Properties.PolicyDocument.Statement).toContainEqual(expect.objectContaining({ Resource: stack.resolve(secret.secretArn) }));
  });

  test('may run in a cluster that exists', () => {
    const stack = stackOfTests();
    const cluster = ecs.Cluster.fromClusterAttributes(stack, 'Theirs', { clusterName: 'theirs', vpc: ec2.Vpc.fromVpcAttributes(stack, 'V', { vpcId: 'vpc-1', availabilityZones: ['a'] }) });
    const synthesized = serverAlone({ cluster }, stack);
    synthesized.template.resourceCountIs('AWS::ECS::Cluster', 0);
    expect(synthesized.only('AWS::ECS::Service').Properties.Cluster).toBe('theirs');
    expect(synthesized.deployment.clusterName).toBe('theirs');
  });

  test('does not run in a cluster of which only the ARN is known', () => {
    const stack = stackOfTests();
    const cluster = ecs.Cluster.fromClusterArn(stack, 'Theirs', 'arn:aws:ecs:eu-central-1:111111111111:cluster/theirs');
    expect(refusalOf({ cluster }, stack)).toBe('Stack/Vast: cluster was imported with ecs.Cluster.fromClusterArn(), which does not say enough of it: '
      + 'import it with ecs.Cluster.fromClusterAttributes(), which takes its name and a VPC');
  });

  test('has the tags of its service, and those with which ECS says where a task is from', () => {
    expect(serverAlone().only('AWS::ECS::Service').Properties).toMatchObject({ PropagateTags: 'SERVICE', EnableECSManagedTags: true });
  });
});

describe('the engine\'s configuration', () => {
  test('goes to the launcher as JSON, and the engine is told where it will stand', () => {
    const { Command } = containerWith({ version: VastVersion.V6_20_0, engineConfiguration: { tenzir: { 'max-partition-size': 1048576 } } });
    expect(JSON.parse(Command[4])).toEqual({ tenzir: { 'max-partition-size': 1048576, 'shutdown-grace-period': '1min' } });
    expect(Command).toContain(`--config=${Command[3]}`);
  });

  test('is absent where none is given, and the engine looks where it always does', () => {
    const { Command } = containerWith({});
    expect(Command[4]).toBe('-');
    expect(Command.join(' ')).not.toContain('--config');
  });

  test.each([['v3.1.0', false], ['v5.36.0', false], ['v6.2.0', false], ['v6.3.0', true], ['v6.20.0', true], ['main', true]])(
    'of %s ends its pipelines before Fargate kills it, where it would take longer: %p', (name, draining) => {
      const { Command } = containerWith({ version: VastVersion.of(name) });
      expect(Command[4]).toBe(draining ? '{"tenzir":{"shutdown-grace-period":"1min"}}' : '-');
    });

  test.each<Partial<VastDeploymentProps>>([
    { engineConfiguration: { tenzir: { 'shutdown-grace-period': '2min' } } },
    { engineConfiguration: { 'tenzir.shutdown-grace-period': '2min' } },
    { environment: { TENZIR_SHUTDOWN_GRACE_PERIOD: '2min' } },
  ])('has the grace period that it is given: %j', (props) => {
    const { Command } = containerWith({ version: VastVersion.V6_20_0, ...props });
    expect(Command[4]).toBe(props.engineConfiguration ? JSON.stringify(props.engineConfiguration) : '-');
  });

  test('may contain tokens', () => {
    const stack = stackOfTests();
    const synthesized = serverAlone({
      engineConfiguration: { vast: { region: stack.region, lazy: Lazy.string({ produce: () => 'later' }) } },
    }, stack);
    expect(synthesized.container.Command[4]).toEqual({
      'Fn::Join': ['', ['{"vast":{"region":"', { Ref: 'AWS::Region' }, '","lazy":"later"}}']],
    });
  });
});

describe('the health check', () => {
  test.each([['v2.4.2', 'A410'], ['v3.1.0', '1426'], ['v6.20.0', '1426']])('of %s looks for its port, in hexadecimal %s', (name, hex) => {
    const [, , , pattern] = containerWith({ version: VastVersion.of(name) }).HealthCheck.Command;
    expect(pattern.toUpperCase()).toBe(`:${hex} 0+:0000 0A `);
  });

  test('leaves a successor the time in which it waits for its predecessor', () => {
    const { HealthCheck, Command } = containerWith({ storage: VastStorage.efs() });
    expect(HealthCheck).toMatchObject({ Interval: 10, Timeout: 5, Retries: 10 });
    expect(HealthCheck.StartPeriod).toBeGreaterThanOrEqual(Number(Command[2]) + 60);
    expect(HealthCheck.StartPeriod).toBeLessThanOrEqual(300);
  });

  // The kernel's table is Linux's; so is every container of this package.
  const onLinux = process.platform === 'linux' ? describe : describe.skip;
  onLinux('against the kernel\'s table', () => {
    const healthy = (port: number) => {
      const [kind, program, ...args] = containerWith({}).HealthCheck.Command.map((part: string) =>
        part.replace(/^:1426/i, `:${port.toString(16).padStart(4, '0')}`));
      expect(kind).toBe('CMD');
      return spawnSync(program, args).status === 0;
    };

    test.each(['127.0.0.1', '0.0.0.0', '::'])('what listens on %s is alive, what has ended is not, though connections remain', async (host) => {
      const server = createServer().listen(0, host);
      await once(server, 'listening');
      const { port } = server.address() as AddressInfo;
      expect(healthy(port)).toBe(true);

      const accepted = once(server, 'connection');
      const client = connect(port, '127.0.0.1');
      const [socket] = await accepted;
      server.close();
      expect(healthy(port)).toBe(false);
      client.destroy();
      socket.destroy();
      await once(server, 'close');
      expect(healthy(port)).toBe(false);
    });
  });
});
