import type { FunctionError } from '../../local/fc/messages.ts';
import { createPool, type Pool } from '../../local/fc/pool.ts';
import { type DeadLetter, letterId } from '../../shared/dead-letters/letter.ts';
import type { ReplayedFunction } from '../../shared/dead-letters/own-functions.ts';
import { inOneText } from '../../shared/platform/error-text.ts';
import { quantity } from '../../shared/platform/quantity.ts';
import { connectFunctions } from '../invoke.ts';
import {
  type Ending,
  functionsElsewhere,
  type LocalFunction,
  type LocalOptions,
  startFunction,
} from '../world/local-function.ts';

/**
 * The ending of a replay. `repeatedAs`: the id of the letter that the deployed function has kept of this replay, because
 * its failure is permanent.
 */
export type ReplayEnding =
  | Extract<Ending, { readonly result: unknown }>
  | (Extract<Ending, { readonly error: unknown }> & { readonly repeatedAs?: string });

/** Gives the event of a dead letter to its function once more. */
export interface Replayer {
  /** This is how many at a time. */
  readonly concurrency: number;
  /**
   * @param name the function that the letter may go back to
   * @throws what invoking throws
   */
  replay(name: ReplayedFunction, letter: DeadLetter): Promise<ReplayEnding>;
  close(): Promise<void>;
}

/** Returns the built functions here, or the deployed ones. */
export async function replayerFor(options: LocalOptions & { readonly invoke?: boolean }): Promise<Replayer> {
  return options.invoke === true ? await deployed(options) : builtHere(options);
}

/** Threads of one function; each takes one event at a time. */
const threads = 4;

function builtHere(options: LocalOptions): Replayer {
  const pools = new Map<ReplayedFunction, Pool<Member>>();
  return {
    concurrency: threads,
    async replay(name, { payload }) {
      const pool = pools.get(name) ?? createPool(threads, () => member(startFunction(name, options)));
      pools.set(name, pool);
      const { ending } = await pool.use((local) => local.run(Buffer.from(payload)));
      return ending;
    },
    async close() {
      await Promise.all([...pools.values()].map((pool) => pool.close()));
    },
  };
}

type Member = LocalFunction & { shift(offsetMs: number): void };

/** Time is real here, so there is nothing to shift. */
const member = (local: LocalFunction): Member => ({
  get alive() {
    return local.alive;
  },
  run: local.run,
  kill: local.kill,
  shift: () => undefined,
});

async function deployed({ cloud, region, profile }: LocalOptions): Promise<Replayer> {
  if (cloud !== 'oss') throw functionsElsewhere('redrive --invoke');
  const invoker = await connectFunctions({
    region,
    profile,
    ...fromEnvironment('account', 'ALIBABA_CLOUD_ACCOUNT_ID'),
    ...fromEnvironment('endpoint', 'HOLDFAST_FC_ENDPOINT'),
  });
  return {
    concurrency: 8,
    async replay(_name, { function: deployedName, payload }) {
      const answer = await invoker.invoke(deployedName, payload);
      if (!answer.ok) return { error: answer.error };
      const result = parse(answer.body);
      const failed = failedIn(result);
      if (failed === 0) return { result };
      const repeatedAs = letterId({ function: deployedName, requestId: answer.requestId });
      return { error: keptAgain(failed, repeatedAs), repeatedAs };
    },
    close: () => Promise.resolve(),
  };
}

/**
 * A function that has kept a permanent failure as a new dead letter ends well, and the replay has failed all the same.
 * @returns how many events failed for good, by what the function answered
 */
function failedIn(result: unknown): number {
  const answers: readonly unknown[] = Array.isArray(result) ? result : [result];
  return answers.reduce((sum: number, answer) => {
    const isKept = typeof answer === 'object' && answer !== null && 'failed' in answer && isFailure(answer);
    return isKept && typeof answer.failed === 'number' ? sum + answer.failed : sum;
  }, 0);
}

/** The other answers of `protect-existing` count versions, and have an action. */
const isFailure = (answer: object): boolean => !('action' in answer) || answer.action === 'failed';

const keptAgain = (failed: number, letter: string): FunctionError => ({
  errorType: 'EVENTS_FAILED',
  errorMessage: inOneText({
    message: `${quantity(failed, 'event')} failed for good again`,
    remedy: `see why with \`holdfast redrive show ${letter}\`, correct that, and replay this dead letter again`,
  }),
  stackTrace: [],
});

function fromEnvironment<Name extends string>(name: Name, variable: string) {
  const value = process.env[variable];
  return value ? { [name]: value } : {};
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
