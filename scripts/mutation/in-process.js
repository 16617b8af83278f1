import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Script } from 'node:vm';
import { build } from 'esbuild';
import { packages, testsOf } from './vitest-stand-in.js';

/**
 * A test runner of Stryker that starts no process and no thread for a mutant. Each test file is bundled once with the code it
 * reaches, and the bundle is evaluated anew for each mutant, so that no mutant sees what another left in a module and one that acts
 * while modules load is there as well. Packages of others are loaded once.
 *
 * It serves tests that stay within the process. Stryker ends the process of a mutant that runs too long, and starts another.
 */
class InProcess {
  static inject = ['options'];
  #files = new Map();

  constructor({ holdfastTests }) {
    this.tests = holdfastTests;
    // What a mutant leaves behind may fail when another is tried, and says nothing about it.
    process.on('unhandledRejection', () => undefined);
  }

  capabilities = () => ({ reloadEnvironment: true });

  async init() {
    for (const file of this.tests) this.#files.set(file, await bundled(file));
  }

  async dryRun() {
    const tests = [];
    const mutantCoverage = { static: {}, perTest: {} };
    for (const file of this.#files.keys()) {
      const space = { mutantCoverage };
      for (const test of this.#load(file, space)) tests.push(await run(file, test, space));
    }
    globalThis.__stryker__ = undefined;
    return { status: 'complete', tests, mutantCoverage };
  }

  async mutantRun({ testFilter, activeMutant, hitLimit }) {
    let nrOfTests = 0;
    for (const file of this.#files.keys()) {
      if (testFilter && !testFilter.some((id) => id.startsWith(`${file}#`))) continue;
      const space = { activeMutant: activeMutant.id, hitLimit, hitCount: hitLimit && 0 };
      const result = await this.#fails(file, testFilter, space);
      nrOfTests += result.count;
      if (space.hitCount > hitLimit) return { status: 'timeout', reason: 'hit limit' };
      if (result.failed)
        return {
          status: 'killed',
          killedBy: [result.failed.id],
          failureMessage: result.failed.failureMessage,
          nrOfTests,
        };
    }
    return { status: 'survived', nrOfTests };
  }

  async #fails(file, testFilter, space) {
    let tests;
    try {
      tests = this.#load(file, space);
    } catch (error) {
      const id = testFilter?.find((each) => each.startsWith(`${file}#`)) ?? `${file}#`;
      return { count: 0, failed: { id, failureMessage: String(error) } };
    }
    let count = 0;
    for (const test of tests) {
      if (testFilter && !testFilter.includes(`${file}#${test.name}`)) continue;
      count += 1;
      const result = await run(file, test, space);
      if (result.status === 1) return { count, failed: result };
    }
    return { count };
  }

  /** Evaluates the bundle of a test file, with a namespace for Stryker that is its own. */
  #load(file, space) {
    globalThis.__stryker__ = space;
    return testsOf(() => this.#files.get(file).runInThisContext());
  }
}

async function run(file, { name, call }, space) {
  const id = `${file}#${name}`;
  space.currentTestId = id;
  const start = performance.now();
  const about = () => ({ id, name, fileName: file, timeSpentMs: Math.ceil(performance.now() - start) });
  try {
    await call();
    return { ...about(), status: 0 };
  } catch (error) {
    return { ...about(), status: 1, failureMessage: String(error?.message ?? error) };
  } finally {
    space.currentTestId = undefined;
  }
}

/** Bundles a test file with all that is of this project; what it takes of packages are values that are there already. */
async function bundled(file) {
  const plugin = {
    name: 'packages',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^[^./]/ }, ({ path, kind }) =>
        kind === 'entry-point' ? undefined : { path, namespace: 'package' },
      );
      onLoad({ filter: /.*/, namespace: 'package' }, async ({ path }) => {
        const names = Object.keys(await packages.load(path));
        const from = `globalThis.holdfastPackages.get(${JSON.stringify(path)})`;
        const lines = names.map(
          (name, at) => `const _${at} = all[${JSON.stringify(name)}]; export { _${at} as ${name} };`,
        );
        return { contents: [`const all = ${from};`, ...lines].join('\n') };
      });
      onLoad({ filter: /\.ts$/, namespace: 'file' }, async ({ path }) => {
        const text = await readFile(path, 'utf8');
        if (!text.includes('import.meta')) return { contents: text, loader: 'ts' };
        const contents = text
          .replaceAll('import.meta.url', JSON.stringify(pathToFileURL(path).href))
          .replaceAll('import.meta.dirname', JSON.stringify(dirname(path)));
        return { contents, loader: 'ts' };
      });
    },
  };
  const { outputFiles } = await build({
    absWorkingDir: process.cwd(), // the sandbox, which is not where this module was loaded
    entryPoints: [file],
    bundle: true,
    write: false,
    format: 'iife',
    platform: 'node',
    target: 'node20',
    logLevel: 'error',
    plugins: [plugin],
  });
  return new Script(outputFiles[0].text, { filename: file });
}

const factory = (injector) => injector.injectClass(InProcess);
factory.inject = ['$injector'];

export const strykerPlugins = [{ kind: 'TestRunner', name: 'in-process', factory }];
