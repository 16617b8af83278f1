/** This is what Ctrl-C does. By convention a program that it ends exits with 128 + 2. */
let handler = (): void => {
  process.stderr.write('\ninterrupted\n');
  process.exit(130);
};

/**
 * Lets Ctrl-C (and a terminal's end) do something else than end the program at once.
 * @returns what lets it do again what it did before
 */
export function onInterrupt(replacement: () => void): () => void {
  const before = handler;
  handler = replacement;
  return () => {
    handler = before;
  };
}

export function interrupt(): void {
  handler();
}

/**
 * Lets the first Ctrl-C stop what listens to a signal, and the second one end the program at once.
 * @returns the signal, and what lets Ctrl-C do again what it did before
 */
export function stopOnInterrupt(): { readonly signal: AbortSignal; readonly restore: () => void } {
  const stop = new AbortController();
  const restore = onInterrupt(() => (stop.signal.aborted ? process.exit(130) : stop.abort()));
  return { signal: stop.signal, restore };
}

/**
 * Tells whether an error is the stop itself, and not something that failed while work was stopped. Pure.
 * @param error what the work has thrown: the reason of the signal, or an AbortError of a call that was given the signal
 */
export const isStop = (signal: AbortSignal, error: unknown): boolean =>
  signal.aborted && (error === signal.reason || (error instanceof Error && error.name === 'AbortError'));
