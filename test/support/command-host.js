import { Readable } from 'node:stream';

/*
 * Runs the built command again and again in one process, for tests to which the start of a process is not the point. Each run has its
 * own words, environment, folder, standard streams and exit code. There is no terminal, as for a command between pipes, unless it
 * has columns: then its lines break as on a terminal of that width.
 *
 * A wait of exactly `skippedMs` passes at once: tests move the cloud's clock instead.
 *
 * A command that ends the process, or fails outside of its promise, ends this one too, and the test sees that.
 */

// Before the command is loaded, which may keep it.
const timer = globalThis.setTimeout;
let skipped;
globalThis.setTimeout = (work, ms, ...given) => timer(work, ms === skipped ? 0 : ms, ...given);
Object.defineProperties(globalThis.setTimeout, Object.getOwnPropertyDescriptors(timer));

const { runCommand } = await import(process.argv[2]);
const home = process.cwd();
const said = { stdout: [], stderr: [] };

for (const [name, parts] of Object.entries(said)) {
  process[name].write = (chunk, encoding, written) => {
    parts.push(typeof chunk === 'string' ? Buffer.from(chunk, text(encoding)) : chunk);
    const after = typeof encoding === 'function' ? encoding : written;
    if (after) process.nextTick(after);
    return true;
  };
}

const text = (encoding) => (typeof encoding === 'string' ? encoding : 'utf8');

function take(name) {
  const all = Buffer.concat(said[name]).toString();
  said[name].length = 0;
  return all;
}

process.on('message', async ({ args, env, cwd, input, columns, skippedMs }) => {
  skipped = skippedMs;
  for (const name of Object.keys(process.env)) if (!(name in env)) delete process.env[name];
  Object.assign(process.env, env);
  process.chdir(cwd);
  process.exitCode = undefined;
  const stdin = Readable.from(input === '' ? [] : [Buffer.from(input)]);
  Object.defineProperty(process, 'stdin', { configurable: true, value: stdin });
  for (const name of Object.keys(said))
    Object.defineProperty(process[name], 'columns', { configurable: true, value: columns });
  await runCommand(args);
  const code = process.exitCode ?? 0;
  process.chdir(home); // the test may remove the folder now
  process.send({ code, stdout: take('stdout'), stderr: take('stderr') });
});
process.on('disconnect', () => process.exit());
process.send('ready');
