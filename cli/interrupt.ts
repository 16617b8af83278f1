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
