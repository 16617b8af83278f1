import * as z from 'zod';
import { readObjectEvents } from '../events/object-events.ts';
import { readObsEvents } from '../events/obs-events.ts';
import { shareOf } from '../fan-out/plan.ts';
import { readRequests, repairTasksOf, type Task } from '../fan-out/request.ts';
import type { ShardTask } from '../fan-out/task.ts';
import { type CloudName, schemeOf } from '../platform/address.ts';
import { failure, type HoldfastError, hasCode } from '../platform/errors.ts';
import { hashRules } from '../rules/hash-rules.ts';
import type { Rules } from '../rules/types.ts';
import type { StorageReads } from '../storage/port.ts';
import type { DeadLetter } from './letter.ts';
import { type ReplayedFunction, replayedFunctionOf, replayedFunctions } from './own-functions.ts';

/** The events that the functions of a cloud take. */
interface EventForms {
  /** @throws EVENT_MALFORMED, OBS_EVENT_MALFORMED */
  uploads(payload: string): unknown;
  /** @throws ZodError */
  timer(payload: string): unknown;
  /** @throws EVENT_MALFORMED, OBS_EVENT_MALFORMED */
  requests(payload: string): readonly Task[];
}

/** Function Compute, "Timer trigger". */
const computeTimer = z.object({ triggerTime: z.string(), triggerName: z.string() });
/** FunctionGraph, "Timer Trigger". */
const graphTimer = z.object({ trigger_type: z.literal('TIMER'), trigger_name: z.string() });

const eventForms: Readonly<Record<CloudName, EventForms>> = {
  oss: {
    uploads: (payload) => readObjectEvents(Buffer.from(payload)),
    timer: (payload) => computeTimer.parse(JSON.parse(payload)),
    requests: (payload) => readRequests(Buffer.from(payload)),
  },
  obs: {
    uploads: (payload) => readObsEvents(JSON.parse(payload)),
    timer: (payload) => graphTimer.parse(JSON.parse(payload)),
    requests: (payload) => repairTasksOf(readObsEvents(JSON.parse(payload)), 'obs'),
  },
};

/** Tells whether it is the address of a manifest in a cloud. */
const isManifest = (cloud: CloudName, address: string): boolean =>
  schemeOf(address) === cloud && /^[a-z]+:\/\/[a-z0-9.-]+\/(?:.+\/)?manifest\.json$/s.test(address);

/**
 * Checks that a letter may go back, and to which function. A letter is text from a bucket: whoever may write there may
 * have made it up. So only a function of Holdfast's own is named, its event must be of the kind that it takes, and a
 * task must be one of a plan that is kept beside the letters and was made by these rules. What the function then does
 * with the event is decided by the rules, as for any event.
 * @throws DEAD_LETTER_REFUSED, and what reading the plan throws
 */
export async function checkReplay(
  storage: Pick<StorageReads, 'cloud' | 'readText'>,
  rules: Rules,
  letter: DeadLetter,
): Promise<ReplayedFunction> {
  const name = replayedFunctionOf(letter.function);
  if (name === undefined) {
    const known = replayedFunctions.join(', ');
    throw refused(letter, `"${letter.function}" is none of the functions that are replayed (${known})`);
  }
  const { cloud } = storage;
  const forms = eventForms[cloud];
  const { payload } = letter;
  switch (name) {
    case 'object-created':
      readEvent(letter, () => forms.uploads(payload));
      return name;
    case 'policy-timer':
      readEvent(letter, () => forms.timer(payload));
      return name;
    case 'protect-existing':
      for (const task of readEvent(letter, () => forms.requests(payload))) {
        if (task.task === 'check') throw refused(letter, 'a check changes nothing and is never repeated');
        if (task.task === 'repair' && !isManifest(cloud, task.manifest)) {
          throw refused(letter, `its task names no manifest of an inventory: ${task.manifest}`);
        }
        if (task.task === 'protect-shard') await checkTaskOfPlan(storage, rules, letter, task);
      }
      return name;
  }
}

/** Reads the event of a letter. @throws DEAD_LETTER_REFUSED for another kind of event */
function readEvent<Read>(letter: DeadLetter, read: () => Read): Read {
  try {
    return read();
  } catch (cause) {
    const why = cause instanceof z.ZodError ? 'it is not the event of a timer' : whyOf(cause);
    throw refused(letter, `its event is not of the kind that ${letter.function} takes: ${why}`, cause);
  }
}

const whyOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** A task says nothing but which shard of which plan it is: that plan must be kept, and made by these rules. */
async function checkTaskOfPlan(
  storage: Pick<StorageReads, 'cloud' | 'readText'>,
  rules: Rules,
  letter: DeadLetter,
  task: ShardTask,
): Promise<void> {
  const { plan } = await shareOf(storage, rules, task).catch((error: unknown) => {
    throw hasCode(error, 'TASK_REFUSED') ? refused(letter, error.message, error) : error;
  });
  const hash = hashRules(rules);
  if (plan.run.rules !== undefined && plan.run.rules !== hash) {
    throw refused(letter, `its plan was made by other rules (${plan.run.rules}; these are ${hash})`);
  }
}

const refused = ({ id }: DeadLetter, reason: string, cause?: unknown): HoldfastError =>
  failure('DEAD_LETTER_REFUSED', { id, reason }, { cause });
