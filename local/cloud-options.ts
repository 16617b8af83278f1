import type { CloudName } from '../shared/platform/address.ts';
import type { DeliveryPolicy } from './fc/delivery.ts';
import type { TimeLimit } from './fc/instance.ts';
import type { Invocation } from './fc/invocations.ts';
import type { InstanceKind, StartSandbox } from './fc/sandbox.ts';
import type { Undelivered } from './fc/undelivered.ts';
import type { WeatherRule } from './fc/weather.ts';
import type { AgencyPolicies } from './iam/roles.ts';
import type { AccessKey } from './keyring.ts';
import type { PolicyFiles } from './ram/roles.ts';

/** These are the options of an embedded cloud. */
export interface CloudOptions {
  /** 0, which is the default: a free one. */
  readonly port?: number;
  /** The IP address to listen on; 127.0.0.1 (and ::1 beside it) unless given. */
  readonly host?: string;
  /** Further names that requests may have in `Host`, each with its subdomains; see {@link createGate}. */
  readonly names?: readonly string[];
  /** The s.yaml whose functions run; none run without it. */
  readonly template?: string;
  /** This is what the `code` paths of the template start from; its own folder unless given. */
  readonly codeRoot?: string;
  /** The rules file that the functions use instead of the one in their code. */
  readonly rules?: string;
  /**
   * This is what time it is now; unless given the real time, or what the time in `data` has become. Time never goes
   * back: an instant that has passed in `data` is not gone back to.
   */
  readonly clock?: Date;
  /** The folder that keeps the object store and the time; all is in memory, and ends with the cloud, without. */
  readonly data?: string;
  readonly region?: string;
  /** The object stores that are served; OSS alone unless given. With both, OBS has a port of its own. */
  readonly clouds?: readonly CloudName[];
  /** The port of OBS beside OSS; 0, which is the default: a free one. */
  readonly obsPort?: number;
  /** The region of OBS; `cn-north-4` unless given. */
  readonly obsRegion?: string;
  readonly accountId?: string;
  readonly accessKeys?: readonly AccessKey[];
  /** Variables set over those of every function. */
  readonly environment?: Readonly<Record<string, string>>;
  /**
   * An OSS trigger of s.yaml stands for the one bucket of its sourceArn. True lets each stand for every bucket, since
   * here buckets come and go.
   */
  readonly everyBucket?: boolean;
  /** The RAM policies that functions run under: a folder such as ram/, or files by function; all may do everything without. */
  readonly policies?: PolicyFiles;
  /** The IAM policies that functions of FunctionGraph run under, as `policies` gives those of Function Compute, or their texts. */
  readonly iamPolicies?: AgencyPolicies;
  /** This is what goes wrong with requests from the start, as {@link Oss.faults} takes it. */
  readonly faults?: unknown;
  /** Hears of each invocation when it has finished. */
  readonly onInvocation?: (invocation: Invocation) => void;
  /** Hears of each event that could not be delivered to a function. */
  readonly onUndelivered?: (undelivered: Undelivered) => void;
  /** Loses, repeats or delays events; each arrives once and at once unless given. */
  readonly deliver?: DeliveryPolicy;
  /** It disturbs invocations by seeded rates, and kills instances at random. */
  readonly weather?: readonly WeatherRule[];
  /** The most instances a function may have, after which it is throttled. */
  readonly instanceLimit?: number;
  /**
   * This is how many instances of a function run at the same time without that limit; 4 unless given. Further
   * requests wait.
   */
  readonly processLimit?: number;
  /** Ends requests of functions that take too long; by the machine's timer unless given. */
  readonly timeLimit?: TimeLimit;
  /** These are what function instances run in; processes unless given. */
  readonly instances?: InstanceKind | StartSandbox;
  /** The program of a function instance, built; the one that belongs to `instances` unless given. */
  readonly bootstrap?: string;
}
