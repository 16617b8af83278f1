import {
  ASYMMETRIC_MATCHERS_OBJECT,
  chai,
  GLOBAL_EXPECT,
  getState,
  JestAsymmetricMatchers,
  JestChaiExpect,
  JestExtend,
  setState,
} from '@vitest/expect';
import { spyOn } from '@vitest/spy';

/** What the unit tests use of vitest, for `in-process.js`: its own expectations, and a list of tests in place of its runner. */

for (const plugin of [JestExtend, JestChaiExpect, JestAsymmetricMatchers]) chai.use(plugin);

const expect = (value, message) => {
  setState({ assertionCalls: getState(expect).assertionCalls + 1 }, expect);
  return chai.expect(value, message);
};
Object.assign(expect, chai.expect, globalThis[ASYMMETRIC_MATCHERS_OBJECT], {
  getState: () => getState(expect),
  setState: (state) => setState(state, expect),
});
Object.defineProperty(globalThis, GLOBAL_EXPECT, { value: expect, writable: true, configurable: true });
setState({ assertionCalls: 0, isExpectingAssertions: false, expectedAssertionsNumber: null }, expect);

/** The tests that were defined, the groups around what is being defined, and what is to be done when the running test has ended. */
let found = [];
let groups = [];
let atEnd = [];

const hook = (kind) => (fn) => {
  groups.at(-1)[kind].push(fn);
};
const newGroup = (name) => ({ name, isBegun: false, beforeAll: [], beforeEach: [], afterEach: [] });
const onTestFinished = (fn) => {
  atEnd.unshift(fn);
};

async function call(fn, around) {
  atEnd = [];
  try {
    for (const group of around) {
      if (!group.isBegun) for (const before of group.beforeAll) await before();
      group.isBegun = true;
      for (const before of group.beforeEach) await before();
    }
    await fn();
  } finally {
    for (const group of around.toReversed()) for (const after of group.afterEach) await after();
    for (const after of atEnd) await after();
  }
}

const each = (one) => (table) => (name, fn) => {
  for (const row of table) {
    const values = Array.isArray(row) ? row : [row];
    one(name, () => fn(...values));
  }
};
const it = (name, fn) => {
  const around = [...groups];
  const words = [...around.slice(1).map((group) => group.name), `${found.length} ${name}`];
  found.push({ name: words.join(' '), call: () => call(fn, around) });
};
it.each = each(it);
const describe = (name, fn) => {
  groups.push(newGroup(name));
  fn();
  groups.pop();
};
describe.each = each(describe);

const hooks = {
  beforeAll: hook('beforeAll'),
  beforeEach: hook('beforeEach'),
  afterEach: hook('afterEach'),
  // The processes of this runner serve no other tests.
  afterAll: () => undefined,
};

const environment = new Map();
const vi = {
  spyOn,
  stubEnv(name, value) {
    if (!environment.has(name)) environment.set(name, process.env[name]);
    process.env[name] = value;
  },
  unstubAllEnvs() {
    for (const [name, value] of environment) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
    environment.clear();
  },
};

/** Collects the tests that a call defines. */
export function testsOf(define) {
  found = [];
  groups = [newGroup('')];
  define();
  return found;
}

/** The packages that were loaded, by their names. */
export const packages = {
  known: new Map([['vitest', { describe, expect, it, test: it, vi, onTestFinished, ...hooks }]]),
  async load(name) {
    if (!this.known.has(name)) this.known.set(name, await import(name));
    return this.known.get(name);
  },
};
globalThis.holdfastPackages = packages.known;
