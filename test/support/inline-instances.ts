import { once } from 'node:events';
import fs, { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { createRequire } from 'node:module';
import { dirname, resolve } from 'node:path';
import { PassThrough } from 'node:stream';
import { Script } from 'node:vm';
import { answer, handlersIn } from '../../local/fc/instance-answer.ts';
import { virtualDate } from '../../local/fc/instance-date.ts';
import { endOfOutput, type Reply, type Work } from '../../local/fc/messages.ts';
import type { Gone, Sandbox, SandboxOptions, StartSandbox } from '../../local/fc/sandbox.ts';

/**
 * Runs instances of the built functions in the thread of the test. Starting threads, each of which reads the same bundle again, was a
 * large part of the time of all tests. Each instance has modules, environment, time, output and connections of its own. One that is
 * killed sends nothing more. It is not for a function that never lets go of its thread, ends its process, takes too much memory, or goes
 * on behind its answer: nothing freezes it.
 */
export const inlineInstances: StartSandbox = (options) => startInline(options, setTimeout);

/**
 * Runs instances likewise, for functions that get every answer: no timer of theirs fires. So no limit ends a request, however long a busy
 * machine keeps the answer.
 */
export const patientInstances: StartSandbox = (options) => startInline(options, () => undefined);

function startInline(
  { codeFolder, environment, offsetMs }: SandboxOptions,
  startTimer: Surroundings['setTimeout'],
): Sandbox {
  let ahead = offsetMs;
  let onReply: (reply: Reply) => void = () => undefined;
  const output = new PassThrough();
  const errors = new PassThrough();
  const connections = createConnections();
  const load = handlersIn(
    codeFolder,
    loaderOf({
      builtIn: { ...connections.modules, 'node:fs': { ...fs, writeSync: writerTo([output, errors]) } },
      process: Object.create(process, { env: { value: { ...environment } } }),
      Date: virtualDate(() => ahead),
      setTimeout: (work, ms, ...given) => startTimer(() => void (connections.closed || work(...given)), ms),
    }),
  );

  async function serve(work: Work): Promise<void> {
    const reply = await answer(work, load);
    if (connections.closed) return;
    for (const stream of [output, errors]) stream.write(`${endOfOutput(work.context.requestId)}\n`);
    onReply(reply);
  }

  let end: () => void = () => undefined;
  const ended = new Promise<void>((done) => {
    end = done;
  });
  return {
    outputs: [output, errors],
    send(order) {
      if (order.kind === 'shift') ahead = order.offsetMs;
      else void serve(order);
    },
    onReply(listener) {
      onReply = listener;
    },
    kill() {
      connections.close();
      end();
    },
    gone: ended.then(async (): Promise<Gone> => {
      const ends = [output, errors].map((stream) => once(stream, 'end'));
      output.end();
      errors.end();
      await Promise.all(ends);
      return 'ended';
    }),
  };
}

/** Takes what is written to the first two descriptors, as `fs.writeSync` does. */
function writerTo(streams: readonly PassThrough[]) {
  return (...[fd, data, ...rest]: [number, Uint8Array, ...unknown[]]): unknown => {
    const stream = streams[fd - 1];
    if (stream === undefined) return Reflect.apply(fs.writeSync, fs, [fd, data, ...rest]);
    if (!stream.writableEnded) stream.write(Buffer.from(data));
    return data.length;
  };
}

/** Makes the modules by which an instance sends requests. Once they are closed its connections are broken, and no request leaves. */
function createConnections() {
  const agents: http.Agent[] = [];
  let closed = false;
  const guarded =
    (module: typeof http | typeof https) =>
    (...args: unknown[]): unknown => {
      if (closed) throw new Error('the instance is gone');
      return Reflect.apply(module.request, module, args);
    };
  class HttpAgent extends http.Agent {
    constructor(options?: http.AgentOptions) {
      super(options);
      agents.push(this);
    }
  }
  class HttpsAgent extends https.Agent {
    constructor(options?: https.AgentOptions) {
      super(options);
      agents.push(this);
    }
  }
  return {
    modules: {
      'node:http': { ...http, Agent: HttpAgent, request: guarded(http) },
      'node:https': { ...https, Agent: HttpsAgent, request: guarded(https) },
    },
    get closed() {
      return closed;
    },
    close() {
      closed = true;
      for (const agent of agents) agent.destroy();
    },
  };
}

type Exports = Readonly<Record<string, unknown>>;

/** The built-in modules and globals that the code of an instance finds in place of those of the test's thread. */
interface Surroundings {
  readonly builtIn: Readonly<Record<string, Exports>>;
  readonly process: unknown;
  readonly Date: DateConstructor;
  readonly setTimeout: (work: (...given: unknown[]) => void, ms: number, ...given: unknown[]) => unknown;
}

const parameters = 'exports, require, module, __filename, __dirname, process, Date, setTimeout';
const requireBuiltIn = createRequire(import.meta.url);

/** Loads CommonJS files, each once for an instance. */
function loaderOf({ builtIn, ...own }: Surroundings): (file: string) => Exports {
  const modules = new Map<string, { exports: Exports }>();
  return function load(file) {
    const known = modules.get(file);
    if (known) return known.exports;
    const module: { exports: Exports } = { exports: {} };
    modules.set(file, module);
    const folder = dirname(file);
    const require = (name: string): unknown =>
      name.startsWith('.') ? load(resolve(folder, name)) : (builtIn[name] ?? requireBuiltIn(name));
    compiled(file)(module.exports, require, module, file, folder, own.process, own.Date, own.setTimeout);
    return module.exports;
  };
}

type Wrapped = (...given: unknown[]) => void;

/** The compiled bundles, by their text: instances of one function share them, and nothing else. */
const scripts = new Map<string, Script>();

function compiled(file: string): Wrapped {
  const text = readFileSync(file, 'utf8');
  const script =
    scripts.get(text) ??
    // A script that is compiled here has nobody who imports for it.
    new Script(
      `(function (${parameters}) {${text.replaceAll(/\bimport\("(\.[^"]+)"\)/g, 'Promise.resolve(require("$1"))')}\n})`,
      {
        filename: file,
      },
    );
  scripts.set(text, script);
  const wrapped: Wrapped = script.runInThisContext();
  return wrapped;
}
