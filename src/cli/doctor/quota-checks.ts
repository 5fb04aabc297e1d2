import { ok, Seen, skipped, wrong } from './finding';
import { AwsConnection } from '../../runtime/aws-connection';
import { QuotaKind, quotaState } from '../../runtime/doctor/quotas';
import { awsOptions } from '../aws-options';

/** Whether what a deployment takes is still to be had; what is deployed has taken it already. */
export async function seeQuota(connection: AwsConnection, kind: QuotaKind, region: string, deployed: boolean): Promise<Seen> {
  let state;
  try {
    state = await quotaState(connection, kind);
  } catch (error) {
    // It is a look ahead: whoever may deploy need not be allowed it, and not every AWS has it.
    return skipped(`it cannot be looked at: ${(error as Error).message}`);
  }
  const { limit, used } = state;
  const { unit, needed, serviceCode, quotaCode } = kind;
  const said = `${round(used)} of ${round(limit)} ${unit} used`;
  return deployed || used + needed <= limit
    ? ok(said)
    : wrong(`${said}, and a deployment takes ${needed}: free some, or ask for more: aws service-quotas request-service-quota-increase${awsOptions(region)} `
      + `--service-code ${serviceCode} --quota-code ${quotaCode} --desired-value ${Math.ceil(used + needed)}`);
}

function round(number: number): string {
  return String(Math.round(number * 100) / 100);
}
