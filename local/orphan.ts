const lookEveryMs = 500;

/**
 * Calls back once the process that started this one is gone. npm starts programs through a shell that passes no
 * signal on: whoever ends `npm start` or `npx` with SIGTERM would otherwise leave the program running, unseen. On
 * Windows a parent's end cannot be seen this way, and nothing is called.
 */
export function whenOrphaned(run: () => void): void {
  const parent = process.ppid;
  const look = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(look);
    run();
  }, lookEveryMs);
  look.unref();
}
