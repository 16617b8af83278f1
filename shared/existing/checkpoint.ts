import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import * as z from 'zod';
import { failure, type HoldfastError } from '../platform/errors.ts';
import { openShard, plainShard } from './shard.ts';
import { emptyTally, tally } from './tally.ts';

const size = z.int().nonnegative();

/** How far a run has come: everything that is needed to go on after it was killed at any moment. */
const schema = z.object({
  version: z.literal(1),
  /** What the run was begun with, by name. */
  run: z.record(z.string(), z.string()),
  /** Where the next shard begins; absent at the beginning. */
  position: z.string().optional(),
  /** The shard whose writes may have begun. */
  shard: openShard.optional(),
  tally,
  /** Bytes of the report that are certain. */
  report: z.object({ lines: size, table: size }),
  requests: size,
  elapsedMs: size,
});
export type Progress = z.infer<typeof schema>;

export const atStart = (run: Progress['run']): Progress => ({
  version: 1,
  run,
  tally: emptyTally,
  report: { lines: 0, table: 0 },
  requests: 0,
  elapsedMs: 0,
});

/** Keeps progress in a file. */
export interface Checkpoint {
  readonly file: string;
  /**
   * What was kept; undefined when there is nothing.
   * @throws CHECKPOINT_MISMATCH when another run left it, CHECKPOINT_UNUSABLE
   */
  load(run: Progress['run']): Promise<Progress | undefined>;
  /** Replaces the file as a whole: a kill leaves the old one or the new one. @throws CHECKPOINT_UNUSABLE */
  save(progress: Progress): Promise<void>;
  remove(): Promise<void>;
}

export function fileCheckpoint(file: string): Checkpoint {
  const unusable = (reason: string, cause?: unknown) =>
    failure('CHECKPOINT_UNUSABLE', { file, reason }, { cause });
  const beside = `${file}.new`;

  return {
    file,
    async load(run) {
      const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return undefined;
        throw unusable(error.message, error);
      });
      if (text === undefined) return undefined;
      const progress = parse(text, unusable);
      const names = [...new Set([...Object.keys(run), ...Object.keys(progress.run)])];
      const others = names.filter((name) => run[name] !== progress.run[name]);
      if (others.length === 0) return progress;
      const differences = others
        .map((name) => `${name} was ${progress.run[name] ?? 'not given'} and is ${run[name] ?? 'not given'}`)
        .join(', ');
      throw failure('CHECKPOINT_MISMATCH', { file, differences });
    },
    async save(progress) {
      const { shard, ...rest } = progress;
      const plain = shard === undefined ? rest : { ...rest, shard: plainShard(shard) };
      try {
        await mkdir(dirname(file), { recursive: true });
        const handle = await open(beside, 'w');
        try {
          await handle.writeFile(JSON.stringify(plain));
          await handle.datasync();
        } finally {
          await handle.close();
        }
        await rename(beside, file);
      } catch (error) {
        throw unusable(error instanceof Error ? error.message : String(error), error);
      }
    },
    async remove() {
      await rm(file, { force: true });
    },
  };
}

function parse(text: string, unusable: (reason: string, cause: unknown) => HoldfastError): Progress {
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    throw unusable('it is not a checkpoint of this version', cause);
  }
}
