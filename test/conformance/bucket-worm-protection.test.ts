import { describe, expect } from 'vitest';
import { abort, complete, extend, initiate, initiated, ok, policyOf, setVersioning } from './bucket-calls.ts';
import { header, type Reply } from './client.ts';
import {
  append,
  copy,
  get,
  link,
  named,
  put,
  remove,
  removeMany,
  stored,
  tag,
  uploading,
} from './object-calls.ts';
import { embeddedOnly, everywhere, irreversibly, type Target, useTarget } from './target.ts';

// What a policy protects, from when, until when. Source where no other is given: the user guide on retention
// policies (doc-detail 90564) and the API pages. Vendors' suites try none of it but the first delete.

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

useTarget();

/** What would take an object's data away, or change it. `prepare` runs before there is a policy. */
const harmful: Record<string, (target: Target, bucket: string) => Promise<() => Promise<Reply>>> = {
  delete: async (target, bucket) => () => remove(target, bucket, 'a'),
  overwrite: async (target, bucket) => () => put(target, bucket, 'a', 'new'),
  'copy onto': async (target, bucket) => {
    await stored(target, bucket, 'b', 'other');
    return () => copy(target, bucket, 'a', 'b');
  },
  'copy onto itself with other metadata': async (target, bucket) => () =>
    copy(target, bucket, 'a', 'a', { 'x-oss-metadata-directive': 'REPLACE', 'x-oss-meta-k': 'v' }),
  'symlink in its place': async (target, bucket) => () => link(target, bucket, 'a', 'b'),
  'multipart completion': async (target, bucket) => await uploading(target, bucket, 'a'),
  append: async (target, bucket) => {
    await ok(append(target, bucket, 'log', 0));
    return () => append(target, bucket, 'log', 4);
  },
  'delete multiple': async (target, bucket) => async () => {
    const reply = await removeMany(target, bucket, named('a'));
    const refused = /<Code>(\w+)<\/Code>/.exec(reply.body)?.[1];
    return refused === undefined ? reply : { ...reply, status: 409, code: refused };
  },
};

interface Moment {
  readonly when: string;
  readonly isProtected: boolean;
  /** Brings the policy (10 days) and the time there. */
  go(target: Target & { advance(ms: number): void }, bucket: string): Promise<void>;
}

async function lock(target: Target, bucket: string): Promise<string> {
  const wormId = await initiated(target, bucket, 10);
  await ok(complete(target, bucket, wormId));
  return wormId;
}

const moments: readonly Moment[] = [
  {
    when: 'while the policy is InProgress',
    isProtected: true,
    go: async (target, bucket) => void (await initiated(target, bucket, 10)),
  },
  {
    when: 'after it was aborted',
    isProtected: false,
    async go(target, bucket) {
      await initiated(target, bucket, 10);
      await ok(abort(target, bucket));
    },
  },
  {
    when: 'after it lapsed, 24 h old',
    isProtected: false,
    async go(target, bucket) {
      await initiated(target, bucket, 10);
      target.advance(DAY);
    },
  },
  {
    when: 'a second before it lapses',
    isProtected: true,
    async go(target, bucket) {
      await initiated(target, bucket, 10);
      target.advance(DAY - 1000);
    },
  },
  {
    when: 'after it lapsed, was aborted and initiated again',
    isProtected: true,
    async go(target, bucket) {
      await initiated(target, bucket, 10);
      target.advance(DAY);
      await ok(abort(target, bucket));
      await initiated(target, bucket, 10);
    },
  },
  {
    when: 'while it is Locked',
    isProtected: true,
    async go(target, bucket) {
      await lock(target, bucket);
      target.advance(5 * DAY);
    },
  },
  {
    when: 'a second before its days are over',
    isProtected: true,
    async go(target, bucket) {
      await lock(target, bucket);
      target.advance(10 * DAY - 1000);
    },
  },
  {
    when: 'when its days are over [to the second: ours]',
    isProtected: false,
    async go(target, bucket) {
      await lock(target, bucket);
      target.advance(10 * DAY);
    },
  },
  {
    when: 'when its days were over but have been extended',
    isProtected: true,
    async go(target, bucket) {
      const wormId = await lock(target, bucket);
      target.advance(15 * DAY);
      await ok(extend(target, bucket, wormId, 16));
    },
  },
];

for (const { when, isProtected, go } of moments) {
  for (const [name, prepare] of Object.entries(harmful)) {
    embeddedOnly(`${name}, ${when}: ${isProtected ? 'refused' : 'done'}`, async (target) => {
      const bucket = await target.makeBucket();
      await stored(target, bucket, 'a', 'original');
      const act = await prepare(target, bucket);
      await go(target, bucket);
      const { status, code } = await act();
      if (isProtected) expect({ status, code }).toEqual({ status: 409, code: 'FileImmutable' });
      else expect(status).toBeLessThan(300);
      const read = await get(target, bucket, 'a');
      if (isProtected) expect(read).toMatchObject({ status: 200, body: 'original' });
    });
  }
}

describe('an InProgress policy on any endpoint', () => {
  for (const [name, prepare] of Object.entries(harmful)) {
    everywhere(`refuses ${name} until it is aborted`, async (target) => {
      const bucket = await target.makeBucket();
      await stored(target, bucket, 'a', 'original');
      const act = await prepare(target, bucket);
      await ok(initiate(target, bucket, 1));
      expect(await act()).toMatchObject({ status: 409, code: 'FileImmutable' });
      await ok(abort(target, bucket));
      expect((await act()).status).toBeLessThan(300);
    });
  }
});

describe('what a policy leaves free', () => {
  everywhere('new objects, reading, tags, copies elsewhere', async (target) => {
    const bucket = await target.makeBucket();
    await stored(target, bucket, 'a', 'original');
    await ok(initiate(target, bucket, 1));
    for (const reply of [
      await put(target, bucket, 'new'),
      await get(target, bucket, 'a'),
      await tag(target, bucket, 'a', 'v'),
      await target.send({ method: 'DELETE', bucket, key: 'a', query: { tagging: '' } }),
      await copy(target, bucket, 'copy', 'a'),
    ]) {
      expect(reply).toMatchObject({ code: '' });
    }
    expect((await remove(target, bucket, 'copy')).code).toBe('FileImmutable');
  });

  embeddedOnly('a tag written later moves no end [putobjecttagging: Last-Modified stays]', async (target) => {
    const bucket = await target.makeBucket();
    await stored(target, bucket, 'a');
    await lock(target, bucket);
    target.advance(9 * DAY);
    await ok(tag(target, bucket, 'a', 'v'));
    target.advance(DAY);
    expect((await remove(target, bucket, 'a')).status).toBe(204);
  });

  embeddedOnly(
    'each object ends by its own Last-Modified, older than the policy or newer',
    async (target) => {
      const bucket = await target.makeBucket();
      await stored(target, bucket, 'older');
      target.advance(4 * DAY);
      await lock(target, bucket);
      target.advance(2 * DAY);
      await stored(target, bucket, 'newer');
      target.advance(4 * DAY);
      expect((await remove(target, bucket, 'older')).status).toBe(204);
      expect((await remove(target, bucket, 'newer')).code).toBe('FileImmutable');
      target.advance(6 * DAY);
      expect((await remove(target, bucket, 'newer')).status).toBe(204);
    },
  );

  embeddedOnly('a multipart upload counts from its completion', async (target) => {
    const bucket = await target.makeBucket();
    const finish = await uploading(target, bucket, 'a');
    target.advance(5 * DAY);
    await lock(target, bucket);
    await ok(finish());
    target.advance(9 * DAY);
    expect((await remove(target, bucket, 'a')).code).toBe('FileImmutable');
    target.advance(DAY);
    expect((await remove(target, bucket, 'a')).status).toBe(204);
  });

  everywhere('of many deleted at once each is judged alone', async (target) => {
    const bucket = await target.makeBucket();
    await stored(target, bucket, 'a');
    await ok(initiate(target, bucket, 1));
    const { body } = await ok(removeMany(target, bucket, named('a') + named('never-there')));
    expect(body).toMatch(/<Error>\s*<Key>a<\/Key>\s*<Code>FileImmutable</);
    expect(body).toMatch(/<Deleted>\s*<Key>never-there</);
  });
});

describe('versions under a policy [versioning and a policy go together since 2025]', () => {
  everywhere('stay, while delete markers and new versions come and go', async (target) => {
    const bucket = await target.makeBucket();
    await ok(setVersioning(target, bucket, 'Enabled'));
    const first = await stored(target, bucket, 'a', 'first');
    await ok(initiate(target, bucket, 1));
    await stored(target, bucket, 'a', 'second');
    const marker = await ok(remove(target, bucket, 'a'));
    expect(header(marker, 'x-oss-delete-marker')).toBe('true');
    expect((await remove(target, bucket, 'a', { versionId: first })).code).toBe('FileImmutable');
    const markerId = header(marker, 'x-oss-version-id');
    expect((await remove(target, bucket, 'a', { versionId: markerId })).status).toBe(204);
    expect((await get(target, bucket, 'a')).body).toBe('second');
    expect((await get(target, bucket, 'a', { versionId: first })).body).toBe('first');
  });

  embeddedOnly('go one by one as their days end', async (target) => {
    const bucket = await target.makeBucket();
    await ok(setVersioning(target, bucket, 'Enabled'));
    const first = await stored(target, bucket, 'a', 'first');
    await lock(target, bucket);
    target.advance(DAY);
    const second = await stored(target, bucket, 'a', 'second');
    target.advance(9 * DAY);
    expect((await remove(target, bucket, 'a', { versionId: second })).code).toBe('FileImmutable');
    expect((await remove(target, bucket, 'a', { versionId: first })).status).toBe(204);
  });
});

describe('the bucket', () => {
  for (const locked of [false, true]) {
    const register = locked ? irreversibly : everywhere;
    register(
      `${locked ? 'Locked' : 'InProgress'}: empty it can be deleted, policy and all [java1]`,
      async (target) => {
        const bucket = await target.makeBucket();
        const wormId = await initiated(target, bucket, 1);
        if (locked) await ok(complete(target, bucket, wormId));
        expect((await target.send({ method: 'DELETE', bucket })).status).toBe(204);
        expect(await policyOf(target, bucket)).toBe('NoSuchBucket');
      },
    );
  }

  everywhere('with an object in it stays', async (target) => {
    const bucket = await target.makeBucket();
    await stored(target, bucket, 'a');
    await ok(initiate(target, bucket, 1));
    const reply = await target.send({ method: 'DELETE', bucket });
    expect(reply).toMatchObject({ status: 409, code: 'BucketNotEmpty' });
  });

  embeddedOnly('made anew under the same name it has no policy', async (target) => {
    const bucket = await target.makeBucket();
    await lock(target, bucket);
    await ok(target.send({ method: 'DELETE', bucket }));
    await ok(target.send({ method: 'PUT', bucket }));
    expect(await policyOf(target, bucket)).toBe('NoSuchWORMConfiguration');
  });

  everywhere('refuses to suspend versioning under a policy, may enable it', async (target) => {
    const bucket = await target.makeBucket();
    await ok(initiate(target, bucket, 1));
    expect((await setVersioning(target, bucket, 'Suspended')).status).toBe(409); // [ours] the code
    expect((await setVersioning(target, bucket, 'Enabled')).status).toBe(200);
    expect((await setVersioning(target, bucket, 'Suspended')).status).toBe(409);
  });

  everywhere('with versioning suspended takes no policy [user guide, Dec 2025]', async (target) => {
    const bucket = await target.makeBucket();
    await ok(setVersioning(target, bucket, 'Suspended'));
    expect((await initiate(target, bucket, 1)).status).toBe(409); // [ours] the code
    expect(await policyOf(target, bucket)).toBe('NoSuchWORMConfiguration');
    await ok(setVersioning(target, bucket, 'Enabled'));
    expect((await initiate(target, bucket, 1)).status).toBe(200);
  });
});
