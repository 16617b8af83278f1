import { operations } from '../../oss/operations/index.ts';
import type { Reply } from '../../oss/reply.ts';
import type { ObsCall, ObsCloud, ObsOperation } from '../operation.ts';
import { fromCore } from '../translate.ts';

/** Changes a reply of the shared core before it is translated, or refuses the call before it runs. */
interface Adjustments {
  before?(call: ObsCall, cloud: ObsCloud): void;
  after?(reply: Reply, call: ObsCall, cloud: ObsCloud): Reply;
}

/**
 * Returns an operation that OBS has as OSS has it, done by the shared core.
 * @param name the OSS API's name of it
 */
export function fromOss(name: string, { before, after }: Adjustments = {}): ObsOperation {
  const operation = operations.find((each) => each.name === name);
  if (operation === undefined) throw new Error(`the embedded OSS has no ${name}`);
  return {
    ...operation,
    async run(call, cloud) {
      before?.(call, cloud);
      const reply = await operation.run(call, cloud);
      return fromCore(after?.(reply, call, cloud) ?? reply, call.dialect);
    },
  };
}
