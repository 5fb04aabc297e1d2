import type { EcsService } from './ecs-words';
import { ServerChangedError } from './errors';

/** An answer of ECS may come from before a change, even after one from behind it; so many in a row do not. */
const CONTRARY_LOOKS = 5;

/** Compares what the service is told to be with what we have told it, and notices when somebody else tells it otherwise. */
export class DesiredCount {
  private seen = false;
  private contrary = 0;

  /** @param wanted whether we want the server to run */
  public constructor(private readonly wanted: boolean) {}

  /**
   * Whether ECS wants what we want, as of this look.
   *
   * @throws ServerChangedError
   */
  public agrees({ desiredCount = 0, serviceName }: EcsService): boolean {
    const agrees = desiredCount > 0 === this.wanted;
    this.seen ||= agrees;
    this.contrary = agrees || !this.seen ? 0 : this.contrary + 1;
    if (this.contrary >= CONTRARY_LOOKS) {
      const [theirs, ours, again] = this.wanted ? ['stopped', 'started', 'start'] : ['started', 'stopped', 'stop'];
      throw new ServerChangedError(`somebody else has ${theirs} the server ${serviceName} while it was ${ours}: agree with them, and ${again} it again`);
    }
    return agrees;
  }
}
