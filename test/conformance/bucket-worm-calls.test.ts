import { describe, expect } from 'vitest';
import { abort, complete, extend, initiate, initiated, ok, policyOf, readPolicy } from './bucket-calls.ts';
import { element, header, type Reply } from './client.ts';
import {
  type EmbeddedTarget,
  embeddedOnly,
  everywhere,
  irreversibly,
  type Target,
  useTarget,
} from './target.ts';

// What each call answers in each state. Where a case gives no other source, it is the API pages of the five
// calls and the integration suites of the vendor's SDKs (java1, py1, php2). [ours] = documented nowhere.

const DAY = 24 * 3_600_000;
const days = 10;
const wrongId = 'F'.repeat(32);

useTarget();

const none = 'NoSuchWORMConfiguration';

type State =
  | 'none'
  | 'young'
  | 'a second before 24 h'
  | '24 h old'
  | 'old'
  | 'Locked'
  | 'aborted'
  | 'initiated again';

/** Brings a new bucket into a state. Returns the policy's id, if it has or had one. */
async function bring(target: Target, bucket: string, state: State): Promise<string> {
  if (state === 'none') return wrongId;
  const wormId = await initiated(target, bucket, days);
  if (state === 'Locked') await ok(complete(target, bucket, wormId));
  if (state === 'aborted' || state === 'initiated again') await ok(abort(target, bucket));
  return state === 'initiated again' ? initiated(target, bucket, days) : wormId;
}

function age(target: EmbeddedTarget, state: State): void {
  if (state === 'a second before 24 h') target.advance(DAY - 1000);
  if (state === '24 h old') target.advance(DAY);
  if (state === 'old') target.advance(400 * DAY);
}

const calls = {
  initiate: (target: Target, bucket: string) => initiate(target, bucket, 20),
  get: readPolicy,
  complete,
  extend: (target: Target, bucket: string, wormId: string) => extend(target, bucket, wormId, 20),
  abort: (target: Target, bucket: string) => abort(target, bucket),
} satisfies Record<string, (target: Target, bucket: string, wormId: string) => Promise<Reply>>;

/** Case by case: the state, then for each call its status, its code and the policy that it leaves. */
const table: Record<State, Record<keyof typeof calls, [number, string, string]>> = {
  none: {
    initiate: [200, '', 'InProgress 20'],
    get: [404, none, none],
    complete: [404, none, none],
    extend: [404, none, none],
    abort: [404, none, none], // [ours]
  },
  young: {
    initiate: [409, 'WORMConfigurationAlreadyExists', 'InProgress 10'], // [ours]
    get: [200, '', 'InProgress 10'],
    complete: [200, '', 'Locked 10'],
    extend: [400, 'InvalidWORMConfiguration', 'InProgress 10'],
    abort: [204, '', none],
  },
  'a second before 24 h': {
    initiate: [409, 'WORMConfigurationAlreadyExists', 'InProgress 10'], // [ours]
    get: [200, '', 'InProgress 10'],
    complete: [200, '', 'Locked 10'],
    extend: [400, 'InvalidWORMConfiguration', 'InProgress 10'],
    abort: [204, '', none],
  },
  // Expired as a state, and abort before initiating again: gardener-extension-provider-alicloud.
  '24 h old': {
    initiate: [409, 'WORMConfigurationAlreadyExists', 'Expired 10'], // [ours]
    get: [200, '', 'Expired 10'],
    complete: [400, 'InvalidWORMConfiguration', 'Expired 10'], // [ours]
    extend: [400, 'InvalidWORMConfiguration', 'Expired 10'], // [ours]
    abort: [204, '', none],
  },
  old: {
    initiate: [409, 'WORMConfigurationAlreadyExists', 'Expired 10'], // [ours]
    get: [200, '', 'Expired 10'],
    complete: [400, 'InvalidWORMConfiguration', 'Expired 10'], // [ours]
    extend: [400, 'InvalidWORMConfiguration', 'Expired 10'], // [ours]
    abort: [204, '', none],
  },
  Locked: {
    initiate: [409, 'WORMConfigurationAlreadyExists', 'Locked 10'], // [ours]
    get: [200, '', 'Locked 10'],
    complete: [200, '', 'Locked 10'], // [ours]
    extend: [200, '', 'Locked 20'],
    abort: [403, 'WORMConfigurationLocked', 'Locked 10'],
  },
  aborted: {
    initiate: [200, '', 'InProgress 20'],
    get: [404, none, none],
    complete: [404, none, none],
    extend: [404, none, none],
    abort: [404, none, none], // [ours]
  },
  'initiated again': {
    initiate: [409, 'WORMConfigurationAlreadyExists', 'InProgress 10'], // [ours]
    get: [200, '', 'InProgress 10'],
    complete: [200, '', 'Locked 10'],
    extend: [400, 'InvalidWORMConfiguration', 'InProgress 10'],
    abort: [204, '', none],
  },
};

const aging: ReadonlySet<string> = new Set(['a second before 24 h', '24 h old', 'old']);

describe('each call in each state', () => {
  for (const [state, row] of Object.entries(table) as [State, (typeof table)[State]][]) {
    for (const [call, [status, code, after]] of Object.entries(row) as [
      keyof typeof calls,
      [number, string, string],
    ][]) {
      const title = `${state}: ${call} answers ${status} ${code} and leaves ${after}`;
      const run = async (target: Target, moveTime: () => void) => {
        const bucket = await target.makeBucket();
        const wormId = await bring(target, bucket, state);
        moveTime();
        expect(await calls[call](target, bucket, wormId)).toMatchObject({ status, code });
        expect(await policyOf(target, bucket)).toBe(after);
      };
      if (aging.has(state)) embeddedOnly(title, (target) => run(target, () => age(target, state)));
      else if (after.startsWith('Locked')) irreversibly(title, (target) => run(target, () => {}));
      else everywhere(title, (target) => run(target, () => {}));
    }
  }
});

describe('ids', () => {
  // py1, php2: an id that is not the policy's is a policy that does not exist.
  const wrong: [string, (wormId: string) => string][] = [
    ['of no policy', () => wrongId],
    ['that is empty', () => ''],
    ['in lower case', (wormId) => wormId.toLowerCase()],
    ['cut by a character', (wormId) => wormId.slice(0, -1)],
  ];
  for (const [what, change] of wrong) {
    everywhere(`an id ${what} locks nothing`, async (target) => {
      const bucket = await target.makeBucket();
      const wormId = await initiated(target, bucket, days);
      expect(await complete(target, bucket, change(wormId))).toMatchObject({ status: 404, code: none });
      expect(await policyOf(target, bucket)).toBe('InProgress 10');
    });

    irreversibly(`an id ${what} extends nothing`, async (target) => {
      const bucket = await target.makeBucket();
      const wormId = await initiated(target, bucket, days);
      await ok(complete(target, bucket, wormId));
      expect(await extend(target, bucket, change(wormId), 20)).toMatchObject({ status: 404, code: none });
      expect(await policyOf(target, bucket)).toBe('Locked 10');
    });
  }

  irreversibly('without an id nothing is extended [ours]', async (target) => {
    const bucket = await target.makeBucket();
    await ok(complete(target, bucket, await initiated(target, bucket, days)));
    expect((await extend(target, bucket, undefined, 20)).status).toBeGreaterThanOrEqual(400);
    expect(await policyOf(target, bucket)).toBe('Locked 10');
  });

  everywhere('the id of another bucket locks nothing', async (target) => {
    const [one, other] = [await target.makeBucket(), await target.makeBucket()];
    await initiated(target, one, days);
    const wormId = await initiated(target, other, days);
    expect(await complete(target, one, wormId)).toMatchObject({ status: 404, code: none });
    expect(await policyOf(target, one)).toBe('InProgress 10');
  });

  everywhere(
    'a policy initiated after an abort has another id, and the old one is gone [java1, php2]',
    async (target) => {
      const bucket = await target.makeBucket();
      const first = await initiated(target, bucket, days);
      await ok(abort(target, bucket));
      const second = await initiated(target, bucket, days);
      expect(second).not.toBe(first);
      expect(await complete(target, bucket, first)).toMatchObject({ status: 404, code: none });
      expect(element((await readPolicy(target, bucket)).body, 'WormId')).toBe(second);
    },
  );
});

describe('days', () => {
  const unacceptable: [string, string][] = [
    ['0', 'InvalidArgument'], // EC 0027-00000002
    ['25551', 'InvalidArgument'], // EC 0027-00000002
    ['-1', 'MalformedXML'], // EC 0027-00000005, as all that is not a positive integer
    ['ten', 'MalformedXML'],
    ['1.5', 'MalformedXML'],
    ['1e2', 'MalformedXML'],
    ['', 'MalformedXML'],
  ];
  for (const [value, code] of unacceptable) {
    everywhere(`initiating "${value}" days is refused as ${code}`, async (target) => {
      const bucket = await target.makeBucket();
      expect(await initiate(target, bucket, value)).toMatchObject({ status: 400, code });
      expect(await policyOf(target, bucket)).toBe(none);
    });

    irreversibly(`extending to "${value}" days is refused as ${code}`, async (target) => {
      const bucket = await target.makeBucket();
      const wormId = await initiated(target, bucket, 1);
      await ok(complete(target, bucket, wormId));
      expect(await extend(target, bucket, wormId, value)).toMatchObject({ status: 400, code });
      expect(await policyOf(target, bucket)).toBe('Locked 1');
    });
  }

  for (const value of [1, 25550]) {
    everywhere(`initiating ${value} day(s) is taken [1 day to 70 years, documented]`, async (target) => {
      const bucket = await target.makeBucket();
      await ok(initiate(target, bucket, value));
      expect(await policyOf(target, bucket)).toBe(`InProgress ${value}`);
    });
  }

  // The new period is the total. None of the vendors' suites tries a shorter one.
  for (const [value, status, after] of [
    [1, 400, 10],
    [9, 400, 10],
    [10, 400, 10], // [ours] equal
    [11, 200, 11],
    [25550, 200, 25550],
  ] as const) {
    embeddedOnly(`extending 10 days to ${value} answers ${status} and leaves ${after}`, async (target) => {
      const bucket = await target.makeBucket();
      const wormId = await initiated(target, bucket, 10);
      await ok(complete(target, bucket, wormId));
      const code = status === 200 ? '' : 'InvalidWORMConfiguration';
      expect(await extend(target, bucket, wormId, value)).toMatchObject({ status, code });
      expect(await policyOf(target, bucket)).toBe(`Locked ${after}`);
    });
  }

  embeddedOnly('a second extension counts from the first', async (target) => {
    const bucket = await target.makeBucket();
    const wormId = await initiated(target, bucket, 10);
    await ok(complete(target, bucket, wormId));
    await ok(extend(target, bucket, wormId, 30));
    expect((await extend(target, bucket, wormId, 20)).code).toBe('InvalidWORMConfiguration');
    expect(await policyOf(target, bucket)).toBe('Locked 30');
  });
});

describe('documents', () => {
  for (const body of [
    '',
    'days=10',
    '<Other/>',
    '<InitiateWormConfiguration/>',
    '<InitiateWormConfiguration>',
    '<!DOCTYPE a>',
  ]) {
    everywhere(`initiating with ${JSON.stringify(body)} is MalformedXML`, async (target) => {
      const bucket = await target.makeBucket();
      const reply = await target.send({ method: 'POST', bucket, query: { worm: '' }, body });
      expect(reply).toMatchObject({ status: 400, code: 'MalformedXML' });
      expect(await policyOf(target, bucket)).toBe(none);
    });
  }

  everywhere(
    'a policy reads as the documented document [getbucketworm; dates as seen live]',
    async (target) => {
      const bucket = await target.makeBucket();
      const before = Math.floor(target.now().getTime() / 1000) * 1000;
      const wormId = await initiated(target, bucket, days);
      expect(wormId).toMatch(/^[0-9A-F]{32}$/);
      const { body, headers } = await ok(readPolicy(target, bucket));
      expect(headers['content-type']).toBe('application/xml');
      expect(element(body, 'WormId')).toBe(wormId);
      expect(element(body, 'RetentionPeriodInDays')).toBe('10');
      const created = element(body, 'CreationDate');
      expect(created).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z$/);
      expect(new Date(created).getTime()).toBeGreaterThanOrEqual(before - 15 * 60_000);
    },
  );

  everywhere('replies without a document have none, and each names its request', async (target) => {
    const bucket = await target.makeBucket();
    for (const reply of [await initiate(target, bucket, days), await abort(target, bucket)]) {
      expect(reply.body).toBe('');
      expect(header(reply, 'x-oss-request-id')).toMatch(/^[0-9A-F]{24}$/);
    }
  });

  everywhere('every call to a bucket that is not there says so', async (target) => {
    const bucket = `${await target.makeBucket()}-not`;
    for (const call of Object.values(calls)) {
      expect(await call(target, bucket, wrongId)).toMatchObject({
        status: 404,
        code: 'NoSuchBucket',
        ec: '0015-00000101',
      });
    }
  });
});
