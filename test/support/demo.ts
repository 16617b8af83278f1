import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, onTestFinished } from 'vitest';

/** The built demo. */
export const demo = 'dist/local/demo.js';

/** Starts the demo. */
export const startDemo = (...args: string[]) => start(process.execPath, demo, ...args);

/** Starts a program as the leader of a process group of its own, so that whoever it leaves behind can be found. */
export function start(program: string, ...args: string[]) {
  const env = { ...process.env, NO_COLOR: '1' };
  const child = spawn(program, args, { detached: true, env });
  const group = -(child.pid ?? Number.NaN);
  const lives = () => {
    try {
      return process.kill(group, 0);
    } catch {
      return false;
    }
  };
  onTestFinished(() => {
    if (lives()) process.kill(group, 'SIGKILL');
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8');
    stream.on('data', (text: string) => {
      output += text;
    });
  }
  return {
    child,
    lives,
    /** Resolves when a function of it has been invoked, whose instance lives on. */
    async functionsRun() {
      const url = /at (http:\S+):/;
      await expect.poll(() => output).toMatch(url);
      const invocations = async () =>
        await (await fetch(`${url.exec(output)?.[1]}/_local/invocations`)).json();
      await expect.poll(invocations).not.toEqual([]);
    },
    ended: once(child, 'close').then(([code, signal]) => ({ code, signal, output })),
  };
}

/** Finds the line of the objects table for a key. */
export const demoRow = (output: string, key: string): string | undefined =>
  output.split('\n').find((line) => line.startsWith(key));
