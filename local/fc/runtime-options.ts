import type { Template } from '../../shared/deploy/template.ts';
import type { VirtualTime } from '../virtual-time.ts';
import type { DeliveryPolicy } from './delivery.ts';
import type { Place } from './environment.ts';
import type { FunctionHost } from './host.ts';
import type { TimeLimit } from './instance.ts';
import type { Invocation, InvocationLog } from './invocations.ts';
import type { Credentials } from './messages.ts';
import type { InstanceKind, StartSandbox } from './sandbox.ts';
import type { DeliveryChecks, Undelivered } from './undelivered.ts';
import type { Weather, WeatherRule } from './weather.ts';

/** The place, the time and the limits of functions that run. */
export interface RuntimeOptions {
  /** The platform; Function Compute unless given. */
  readonly host?: FunctionHost;
  /** Remembers the invocations, those of another platform too; one of its own unless given. */
  readonly log?: InvocationLog;
  readonly template: Template;
  /** The folder that the `code` paths of the template start from. */
  readonly codeRoot: string;
  /** The program of a function instance, built: local/fc/instance-main.ts, or instance-thread.ts for threads. */
  readonly bootstrap: string;
  /** These are what instances run in; processes unless given. */
  readonly instances?: InstanceKind | StartSandbox | undefined;
  readonly place: Place;
  readonly time: VirtualTime;
  /** Variables set over those of each function. */
  readonly environment: Readonly<Record<string, string>>;
  readonly issueCredentials: (functionName: string) => Credentials;
  readonly everyBucket: boolean;
  readonly deliver: DeliveryPolicy;
  /** This is what goes wrong on the way and in the instances, from the start; more can come through {@link Weather}. */
  readonly weather?: readonly WeatherRule[];
  /** The most instances a function may have; with all of them busy it is throttled. Not throttled unless given. */
  readonly instanceLimit?: number | undefined;
  /**
   * This is how many instances of a function run at the same time without that limit; 4 unless given. Further
   * requests wait.
   */
  readonly processLimit?: number | undefined;
  /** Ends requests that take too long; by the machine's timer unless given. */
  readonly timeLimit?: TimeLimit | undefined;
  /** Hears of each invocation when it has finished. */
  readonly onInvocation: (invocation: Invocation) => void;
  /** Who may hand events to functions; everybody unless given. */
  readonly checks?: DeliveryChecks | undefined;
  /** Hears of each event that could not be delivered. */
  readonly onUndelivered?: ((undelivered: Undelivered) => void) | undefined;
}
