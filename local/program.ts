import { minute } from '../shared/platform/instant.ts';
import { showError } from '../shared/terminal/error.ts';
import { whenOrphaned } from './orphan.ts';

/** This is what a shell reports for a program that a signal has ended: 128 + its number. */
const signals = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

interface Closable {
  close(): Promise<void>;
}

/**
 * Runs a program around an embedded cloud and ends the process with it: whatever happens (a signal, an orphaned process,
 * a reader that has gone, an error), the cloud is closed first, and no run is endless.
 * @param limit what the program is called, and how long it may take in milliseconds of real time
 * @param work hands what it has started to `keep`, and resolves with the exit code
 */
export async function runProgram(
  limit: { readonly name: string; readonly longestMs: number },
  work: (keep: <Item extends Closable>(item: Item) => Item) => Promise<number>,
): Promise<void> {
  const kept: Closable[] = [];
  let ending = false;

  const closeAll = () => Promise.all(kept.map((item) => item.close()));
  const endWith = async (exitCode: number) => {
    if (ending) return;
    ending = true;
    await closeAll();
    process.exit(exitCode);
  };
  for (const [name, exitCode] of Object.entries(signals)) process.on(name, () => void endWith(exitCode));
  whenOrphaned(() => void endWith(signals.SIGTERM));
  process.stdout.on('error', () => void endWith(0)); // a reader that has seen enough (`| head`) is no failure
  setTimeout(() => {
    showError(new Error(`${limit.name} has not ended within ${limit.longestMs / minute} minutes`), false);
    void endWith(1);
  }, limit.longestMs).unref();

  try {
    process.exitCode = await work((item) => {
      kept.push(item);
      return item;
    });
  } catch (error) {
    if (!ending) showError(error, false);
  } finally {
    if (!ending) await closeAll();
  }
}
