// What a month costs, from quantities, use and prices.

const HOURS = 730;

/** A month without any data. */
const NO_USE = { databaseGb: 0, readGb: 0, writtenGb: 0, natGb: 0, logGb: 0, calls: 0, callSeconds: 0, clientImageGb: 0, backupGb: 0 };

/**
 * The items of a month's bill.
 *
 * @param q quantities, as quantities.cjs has them
 * @param use of a month in which the server runs all the time; what only happens while it runs is left out where it does not
 */
function itemsOf(q, use, running, prices) {
  const usd = name => {
    if (!(name in prices)) throw new Error(`there is no price '${name}'`);
    return prices[name].usd;
  };
  const hours = running ? HOURS : 0;
  const done = amount => running ? amount : 0;
  const [vcpu, gb, gbSecond] = q.arm
    ? ['fargateArmVcpuHour', 'fargateArmGbHour', 'lambdaArmGbSecond']
    : ['fargateVcpuHour', 'fargateGbHour', 'lambdaGbSecond'];
  return {
    'Fargate': hours * (q.vcpu * usd(vcpu) + q.memoryGb * usd(gb)),
    'disk of the task beyond 20 GB': hours * Math.max(0, q.diskGb - 20) * usd('fargateDiskGbHour'),
    'NAT gateway': q.natGateways * HOURS * usd('natHour'),
    'data through the NAT gateway': q.natGateways > 0 ? done(use.natGb) * usd('natGb') : 0,
    'its public IPv4 address': q.publicAddresses * HOURS * usd('ipv4Hour'),
    'interface endpoints': q.interfaceEndpoints * HOURS * usd('endpointHour'),
    'data through interface endpoints': q.natGateways === 0 && q.interfaceEndpoints > 0 ? done(use.natGb) * usd('endpointGb') : 0,
    'EFS: what is stored': q.efs ? use.databaseGb * usd('efsGbMonth') : 0,
    'EFS: elastic throughput': q.throughput === 'elastic' ? done(use.readGb) * usd('efsReadGb') + done(use.writtenGb) * usd('efsWriteGb') : 0,
    'EFS: provisioned throughput': q.throughput === 'provisioned' ? q.provisionedMiBps * usd('efsProvisionedMonth') : 0,
    'backups': q.backups ? use.backupGb * usd('backupGbMonth') : 0,
    'Lambda': done(use.calls) * (use.callSeconds * q.clientGb * usd(gbSecond) + usd('lambdaMillion') / 1e6),
    'client\'s image in ECR': q.clientGb > 0 ? use.clientImageGb * usd('ecrGbMonth') : 0,
    'logs': done(use.logGb) * usd('logsGb') + use.logGb * usd('logsGbMonth'),
    'private hosted zone': q.hostedZones * usd('zoneMonth'),
  };
}

const totalOf = items => Object.values(items).reduce((sum, one) => sum + one, 0);

/** As a bill has it. */
const money = amount => amount.toFixed(2);

module.exports = { HOURS, itemsOf, money, NO_USE, totalOf };
