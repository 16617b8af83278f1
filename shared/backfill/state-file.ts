import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { failure, type HoldfastError } from '../platform/errors.ts';
import { mostOfList, readTextFile } from '../platform/text.ts';
import { makeFolders } from './make-folders.ts';

/** This is what a run must say of itself to be gone on with. */
export interface RunState {
  /** This is what the run was begun with, by name. */
  readonly run: Readonly<Record<string, string>>;
}

/** Keeps how far a run has come in a file. */
export interface StateFile<State extends RunState> {
  readonly file: string;
  /**
   * Tells what was kept; undefined when there is nothing, or when another run has left it before it had done anything.
   * @throws CHECKPOINT_MISMATCH when another run left it, CHECKPOINT_UNUSABLE
   */
  load(run: State['run']): Promise<State | undefined>;
  /** Replaces the file as a whole: a kill leaves the old one or the new one. @throws CHECKPOINT_UNUSABLE */
  save(state: State): Promise<void>;
  remove(): Promise<void>;
}

/** This is how a state is written as JSON, and read back. */
export interface StateFormat<State> {
  /** Throws for what is no such state. */
  parse(json: unknown): State;
  /** Returns the state as JSON text; absent: it is written as it stands. */
  text?(state: State): string;
  /** Tells whether anything was done, so that there is something to lose; absent: it was. */
  isBegun?(state: State): boolean;
}

export function stateFile<State extends RunState>(
  file: string,
  { parse, text = JSON.stringify, isBegun = () => true }: StateFormat<State>,
): StateFile<State> {
  const unusable = (reason: string, cause?: unknown) =>
    failure('CHECKPOINT_UNUSABLE', { file, reason }, { cause });

  return {
    file,
    async load(run) {
      const found = await readTextFile(file, mostOfList).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return undefined;
        throw unusable(error.message, error);
      });
      if (found === undefined) return undefined;
      const state = parseState(parse, found, unusable);
      const differences = differencesOf(run, state.run);
      if (differences.length === 0) return state;
      if (!isBegun(state)) return undefined;
      throw failure('CHECKPOINT_MISMATCH', { file, differences: differences.join(', ') });
    },
    async save(state) {
      try {
        await replaceFile(file, text(state));
      } catch (error) {
        throw unusable(error instanceof Error ? error.message : String(error), error);
      }
    },
    async remove() {
      await rm(file, { force: true });
    },
  };
}

function parseState<State>(
  parse: (json: unknown) => State,
  text: string,
  unusable: (reason: string, cause: unknown) => HoldfastError,
): State {
  try {
    return parse(JSON.parse(text));
  } catch (cause) {
    throw unusable('it is not a checkpoint of this version', cause);
  }
}

function differencesOf(run: RunState['run'], kept: RunState['run']): string[] {
  const names = [...new Set([...Object.keys(run), ...Object.keys(kept)])];
  return names
    .filter((name) => run[name] !== kept[name])
    .map((name) => `${name} was ${kept[name] ?? 'not given'} and is ${run[name] ?? 'not given'}`);
}

async function replaceFile(file: string, text: string): Promise<void> {
  const beside = `${file}.new`;
  await makeFolders(dirname(file));
  const handle = await open(beside, 'w');
  try {
    await handle.writeFile(text);
    await handle.datasync();
  } finally {
    await handle.close();
  }
  await rename(beside, file);
}
