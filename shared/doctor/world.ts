import type { DeployedGraphFunction } from '../deploy/graph/terraform-file.ts';
import type { Template } from '../deploy/template.ts';
import type { FunctionCatalog } from '../function-compute/catalog-port.ts';
import type { Clock } from '../platform/clock.ts';
import type { Rules } from '../rules/types.ts';
import type { BucketSummary, Storage } from '../storage/port.ts';
import type { AccountReader } from './account-port.ts';

/** Something that several checks need and that may not be there. */
export interface Prerequisite<Value> {
  /** Loads it, once for all. @throws why it is not there; for the line of its own */
  load(): Promise<Value>;
  /** Gives the value to the checks that need it. @throws Missing */
  need(): Promise<Value>;
}

/** A check cannot be made, because of what another line tells. */
export class MissingPrerequisite extends Error {
  override readonly name = 'Missing';

  constructor(readonly what: string) {
    super(`${what} is missing`);
  }
}

/** @param what as a line says it: "the rules" */
export function prerequisite<Value>(what: string, load: () => Promise<Value>): Prerequisite<Value> {
  let loading: Promise<Value> | undefined;
  const once = () => {
    loading ??= load();
    return loading;
  };
  return {
    load: once,
    need: () =>
      once().catch(() => {
        throw new MissingPrerequisite(what);
      }),
  };
}

/** This is what the checks look at. */
export interface World {
  /** False: functions, roles and what is deployed cannot be asked for from here. */
  readonly asksFunctions: boolean;
  /** Lets no write through. */
  readonly storage: Storage;
  readonly clock: Clock;
  /** The region that is served. */
  readonly region: string;
  /** Other regions that the same run of the doctor looks at. */
  readonly servedElsewhere: ReadonlySet<string>;
  readonly rules: Prerequisite<Rules>;
  /** This is where they are, for the lines. */
  readonly rulesPlace: string;
  readonly template: Prerequisite<Template>;
  readonly templatePlace: string;
  /** The functions of main.tf.json beside the rules; undefined: there is no such file. */
  readonly terraform: Prerequisite<readonly DeployedGraphFunction[] | undefined>;
  /** All buckets of the account. */
  readonly buckets: Prerequisite<readonly BucketSummary[]>;
  readonly catalog: Prerequisite<FunctionCatalog>;
  /** Roles and log projects. */
  readonly account: Prerequisite<AccountReader>;
  /** The account's id, where it is known. */
  readonly accountId: string | undefined;
  /** The built files of a function by its `code` in s.yaml; undefined: it is not built. */
  builtFiles(code: string): Promise<ReadonlyMap<string, Uint8Array> | undefined>;
  /** The text of a RAM policy such as `object-created`; undefined: there is no such file. */
  policyText(name: string): Promise<string | undefined>;
}
