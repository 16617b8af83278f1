import { createPool, type Pool } from '../local/fc/pool.ts';
import type { DeadLetter } from '../shared/dead-letters/letter.ts';
import type { ReplayedFunction } from '../shared/dead-letters/own-functions.ts';
import { inOneText } from '../shared/platform/error-text.ts';
import { connectFunctions } from './invoke.ts';
import { type Ending, type LocalFunction, type LocalOptions, startFunction } from './local-function.ts';

/** Gives the event of a dead letter to its function once more. */
export interface Replayer {
  /** How many at a time. */
  readonly concurrency: number;
  /**
   * @param name the function that the letter may go back to
   * @throws what invoking throws
   */
  replay(name: ReplayedFunction, letter: DeadLetter): Promise<Ending>;
  close(): Promise<void>;
}

/** The built functions here, or the deployed ones. */
export async function replayerFor(options: LocalOptions & { readonly invoke?: boolean }): Promise<Replayer> {
  return options.invoke === true ? await deployed(options) : builtHere(options);
}

/** Processes of one function; each takes one event at a time. */
const processes = 4;

function builtHere(options: LocalOptions): Replayer {
  const pools = new Map<ReplayedFunction, Pool<Member>>();
  return {
    concurrency: processes,
    async replay(name, { payload }) {
      const pool = pools.get(name) ?? createPool(processes, () => member(startFunction(name, options)));
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

async function deployed({ region }: LocalOptions): Promise<Replayer> {
  const invoker = await connectFunctions({
    region,
    ...fromEnvironment('account', 'ALIBABA_CLOUD_ACCOUNT_ID'),
    ...fromEnvironment('endpoint', 'HOLDFAST_FC_ENDPOINT'),
  });
  return {
    concurrency: 8,
    async replay(_name, { function: deployedName, payload }) {
      const answer = await invoker.invoke(deployedName, payload);
      return answer.ok ? endingOf(parse(answer.body)) : { error: answer.error };
    },
    close: () => Promise.resolve(),
  };
}

/** A function that has kept a permanent failure as a new dead letter ends well, and the replay has failed all the same. */
function endingOf(result: unknown): Ending {
  const failed = typeof result === 'object' && result !== null && 'failed' in result ? result.failed : 0;
  if (typeof failed !== 'number' || failed === 0) return { result };
  const advice = 'see the newest dead letters, which say why, and close this one when they are mended';
  const errorMessage = inOneText({
    message: `${failed} event(s) failed for good again, and are kept as a new dead letter`,
    remedy: advice,
  });
  return { error: { errorType: 'EVENTS_FAILED', errorMessage, stackTrace: [] } };
}

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
