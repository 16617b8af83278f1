import { readdirSync } from 'node:fs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startCloud } from '../../local/cloud.ts';
import { createRetentionBucket, plainClient, retainedUntil } from '../../local/plain-client.ts';
import { cloudEnvironment, folderWith, runCli } from '../support/cli.ts';
import { contentOf, envelopeOf, idOf, placeUrl } from '../support/dead-letters.ts';
import { rulesFiles } from '../support/rules-file.ts';

const rules = `version: 1
limits: { maxRetention: 60y }
deadLetters: ${placeUrl}
objects:
  - { name: until, match: { bucket: records }, retain: { untilTag: until } }
`;

/** The event of an upload of `x`, as OSS sends it. */
const uploadOf = (key: string) =>
  JSON.stringify({
    events: [
      {
        eventName: 'ObjectCreated:PutObject',
        eventTime: '2099-01-01T00:00:00.000Z',
        oss: { bucket: { name: 'records' }, object: { key, eTag: '9DD4E461268C8034F5C8564E155C67A6' } },
      },
    ],
  });

/** An embedded cloud with a bucket of records and one of dead letters, and the commands run against it. */
async function start() {
  const cloud = await startCloud();
  onTestFinished(() => cloud.close());
  const records = await createRetentionBucket(cloud.url, 'records');
  await plainClient(cloud.url, 'kept').putBucket('kept');
  const cwd = folderWith({ ...rulesFiles(rules), 'nowhere.yaml': rules.replace(/deadLetters.*\n/, '') });
  const env = cloudEnvironment(cloud.url);
  return {
    cloud,
    records,
    redrive: (...args: string[]) => runCli(['redrive', ...args], { cwd, env }),
    async json(...args: string[]) {
      const { code, stdout } = await runCli(['redrive', ...args, '--json'], { cwd, env });
      return { code, said: JSON.parse(stdout) };
    },
    /** Uploads an object and lets its event fail to the end. */
    async fail(requestId: string, key: string, until: string): Promise<string> {
      const headers = { 'x-oss-tagging': `until=${until}` };
      const { res } = await records.put(key, Buffer.from('x'), { headers });
      const input = JSON.stringify(envelopeOf({ requestId, payload: uploadOf(key) }));
      const args = ['simulate', '-e', '-', '-f', 'dead-letter', '--write', '--yes'];
      expect(await runCli(args, { cwd, env, input })).toMatchObject({ code: 0 });
      return res.headers['x-oss-version-id'] ?? '';
    },
  };
}

describe('holdfast redrive', () => {
  it('lists, shows and replays a letter that somebody has deleted', async () => {
    const { cloud, redrive, json, fail, records } = await start();
    const kept = plainClient(cloud.url, 'kept');
    await kept.putBucketVersioning('kept', 'Enabled');
    const version = await fail('one', 'a', '2080-01-01');
    for (const [key] of await contentOf(cloud)) await kept.delete(key);

    expect((await redrive()).stdout).toMatch(
      new RegExp(`^${idOf('one')} .* open, deleted +holdfast-object`, 'm'),
    );
    expect((await redrive('show', idOf('one'))).stdout).toContain(
      'deleted     a delete marker is on its key',
    );
    expect(await json('replay', '--yes')).toMatchObject({ code: 0, said: { open: 0 } });
    expect(await retainedUntil(records, 'a', version)).toEqual(new Date('2080-01-02T00:00:00Z'));
    expect((await json('list', '--all')).said.letters).toMatchObject([{ deleted: true, open: false }]);
  });

  it('lists what is open, replays it, and what it protected is protected; twice is harmless', async () => {
    const { cloud, records, redrive, json, fail } = await start();
    const good = await fail('one', '账本/a b.txt', '2080-01-01');
    const bad = await fail('two', 'b', 'whenever');
    await records.putObjectTagging('b', { until: 'whenever' }, { versionId: bad });

    const listed = await redrive();
    expect(listed).toMatchObject({ code: 0, stderr: '' });
    expect(listed.stdout).toMatch(/^ID +WHEN +STATE +FUNCTION +OBJECT +CODE$/m);
    expect(listed.stdout).toMatch(
      new RegExp(
        `^${idOf('one')} +2026-11-21T10:00:00.123Z +open +holdfast-object-created +oss://records/账本/a b.txt +TAG_UNREADABLE$`,
        'm',
      ),
    );
    expect(listed.stdout).toContain(`2 open in ${placeUrl}`);

    const replayed = await redrive('replay', '--yes');
    expect(replayed.code).toBe(1);
    expect(replayed.stdout).toMatch(new RegExp(`^${idOf('one')} .*replayed: {"protect":1}$`, 'm'));
    expect(replayed.stdout).toMatch(
      new RegExp(`^${idOf('two')} .*failed again: TAG_UNREADABLE: .*whenever`, 'm'),
    );
    expect(replayed.stdout).toContain('1 replayed, 1 failed again, 1 open now');
    expect(await retainedUntil(records, '账本/a b.txt', good)).toEqual(new Date('2080-01-02T00:00:00Z'));
    expect(await retainedUntil(records, 'b', bad)).toBeUndefined();

    // Somebody corrects the tag.
    await records.putObjectTagging('b', { until: '2081-01-01' }, { versionId: bad });
    expect(await json('replay', '--yes')).toMatchObject({
      code: 0,
      said: { open: 0, replays: [{ id: idOf('two'), replayed: true, result: { protect: 1 } }] },
    });
    expect(await retainedUntil(records, 'b', bad)).toEqual(new Date('2081-01-02T00:00:00Z'));

    const again = await json('replay', '--all', '--yes');
    expect(again.code).toBe(0);
    expect(again.said.replays.map(({ result }: { result: unknown }) => result)).toEqual([
      { 'already-protected': 1 },
      { 'already-protected': 1 },
    ]);
    expect((await redrive('replay', '--yes')).stdout).toBe('nothing to replay, 0 open\n');
    const marks = (await contentOf(cloud)).map(([key]) => /marks\/(\w+)\/\S+-(\w+)\.json/.exec(key));
    const counted = marks.flatMap((mark) => (mark ? [`${mark[1]} ${mark[2]}`] : []));
    expect(counted.sort()).toEqual(
      [
        `${idOf('one')} replayed`,
        `${idOf('one')} replayed`,
        `${idOf('two')} failed`,
        `${idOf('two')} replayed`,
        `${idOf('two')} replayed`,
      ].sort(),
    );
    expect(cloud.oss.requests.list().filter(({ method }) => method === 'DELETE')).toEqual([]);
  });

  it('asks before a replay, and writes nothing where nobody can be asked', async () => {
    const { cloud, redrive, fail } = await start();
    await fail('one', 'a', '2080-01-01');
    cloud.oss.requests.clear();
    const { code, stdout, stderr } = await redrive('replay');
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(new RegExp(`^${idOf('one')} +object-created +oss://records/a$`, 'm'));
    expect(stderr).toContain('error NOT_CONFIRMED');
    expect(stderr).toContain(
      'replay 1 dead letter here, by rules.yaml (it may retain objects) cannot be undone',
    );
    expect(new Set(cloud.oss.requests.list().map(({ method }) => method))).toEqual(new Set(['GET']));
  });

  it('neither loads a file that a letter names nor lets a letter steer the terminal', async () => {
    const { cloud, json, redrive, fail } = await start();
    const evil = '\u001b[2J\u202e\n0000000000000000 fake';
    await fail('one', 'a', '2080-01-01');
    const [[letterKey, text] = ['', '']] = await contentOf(cloud);
    const folder = folderWith({ 'index.js': `require('fs').writeFileSync(__dirname + '/loaded', '')` });
    const put = (id: string, changes: object) => {
      const content = JSON.stringify({ ...JSON.parse(text), id, ...changes });
      return plainClient(cloud.url, 'kept').put(letterKey.replace(idOf('one'), id), Buffer.from(content));
    };
    await put('00000000000000aa', { function: `../../../../../../../..${folder}` });
    await put('00000000000000bb', {
      function: evil,
      payload: uploadOf(evil),
      error: { code: evil, message: evil, remedy: evil },
    });
    const { code, said } = await json('replay', '--yes');
    expect(code).toBe(1);
    const codes = said.replays.map(({ error }: { error?: { code: string } }) => error?.code);
    expect(codes.sort()).toEqual(['DEAD_LETTER_REFUSED', 'DEAD_LETTER_REFUSED', undefined]);
    expect(readdirSync(folder)).toEqual(['index.js']);
    for (const args of [['list'], ['show', '00000000000000bb'], ['replay', '--dry-run']]) {
      const { stdout, stderr } = await redrive(...args);
      expect(stdout).toContain('⟨U+001B⟩[2J⟨U+202E⟩');
      expect(`${stdout}${stderr}`).not.toMatch(/\p{Cf}|(?!\n)\p{Cc}|^0000000000000000/mu);
    }
  });

  it.each(['an earlier time', 'a later time', 'its own key'])(
    'no letter that claims the id of another one at %s hides it, also when that was replayed already',
    async (when) => {
      const { cloud, json, redrive, fail } = await start();
      const kept = plainClient(cloud.url, 'kept');
      await kept.putBucketVersioning('kept', 'Enabled');
      await fail('one', 'a', '2080-01-01');
      const id = idOf('one');
      const [[letterKey, text] = ['', '']] = await contentOf(cloud);
      if (when === 'an earlier time') await redrive('replay', '--yes', '--dry-run');
      const year = { 'an earlier time': '2020', 'a later time': '2030', 'its own key': '2026' }[when] ?? '';
      const planted = { ...JSON.parse(text), payload: uploadOf('planted') };
      await kept.put(letterKey.replaceAll('2026', year), Buffer.from(JSON.stringify(planted)));

      const { said } = await json('list');
      expect(said.letters).toMatchObject([{ id }, { id }]);
      const keys = said.letters.flatMap(({ objects }: { objects: { key: string }[] }) => objects);
      expect(keys.map(({ key }: { key: string }) => key).sort()).toEqual(['a', 'planted']);
      const names: string[] = said.letters.map(({ name }: { name: string }) => name);
      expect(new Set(names).size).toBe(2);
      for (const args of [
        ['show', id],
        ['replay', id, '--yes'],
        ['list', '--id', id],
      ]) {
        const { code, stderr } = await redrive(...args);
        expect(code).toBe(1);
        expect(stderr).toMatch(/DEAD_LETTER_AMBIGUOUS.*several dead letters claim the id/);
        for (const name of names) expect(stderr).toContain(name);
      }
      const real = said.letters.find(
        ({ objects }: { objects: { key: string }[] }) => objects[0]?.key === 'a',
      );
      expect((await redrive('show', real.name)).stdout).toContain(uploadOf('a'));
      const replayed = await json('replay', real.name, '--yes');
      expect(replayed).toMatchObject({
        code: 0,
        said: { open: 1, replays: [{ name: real.name, replayed: true }] },
      });
      expect((await json('list')).said.letters).toMatchObject([{ objects: [{ key: 'planted' }] }]);
    },
  );

  it('shows one with all it holds', async () => {
    const { redrive, json, fail } = await start();
    await fail('one', 'a', 'whenever');
    const { code, stdout } = await redrive('show', idOf('one'));
    expect(code).toBe(0);
    expect(stdout).toContain('TAG_UNREADABLE: it cannot be read');
    expect(stdout).toContain('what to do  correct it');
    expect(stdout).toContain(uploadOf('a'));
    expect(await json('show', idOf('one'))).toMatchObject({
      said: {
        id: idOf('one'),
        open: true,
        payload: uploadOf('a'),
        objects: [{ bucket: 'records', key: 'a' }],
      },
    });
  });

  it('picks by id, function, code and time', async () => {
    const { json, fail } = await start();
    await fail('one', 'a', '2080-01-01');
    await fail('two', 'b', '2080-01-01');
    const ids = async (...args: string[]) =>
      (await json('list', ...args)).said.letters.map(({ id }: { id: string }) => id);
    expect(await ids('--id', idOf('two'))).toEqual([idOf('two')]);
    expect(await ids('--function', 'object-created')).toHaveLength(2);
    expect(await ids('--function', 'policy-timer')).toEqual([]);
    expect(await ids('--code', 'OVER_CAP')).toEqual([]);
    expect(await ids('--code', 'TAG_UNREADABLE', '--since', '2026-11-21T10:00:00.123Z')).toHaveLength(2);
    expect(await ids('--since', '2026-11-21T10:00:00.124Z')).toEqual([]);
    expect(await ids('--since', '1min', '--all')).toEqual([]);
    const { said } = await json('replay', idOf('two'), '--yes');
    expect(said).toMatchObject({ open: 1, replays: [{ id: idOf('two'), replayed: true }] });
  });

  it('sends no write in a dry run', async () => {
    const { cloud, redrive, fail } = await start();
    await fail('one', 'a', '2080-01-01');
    cloud.oss.requests.clear();
    const { code, stdout } = await redrive('replay', '--dry-run');
    expect(code).toBe(0);
    expect(stdout).toContain('would succeed: {"protect":1}');
    expect(stdout).toContain('1 would succeed, 0 failed again, 1 open now');
    expect(new Set(cloud.oss.requests.list().map(({ method }) => method))).toEqual(new Set(['GET', 'HEAD']));
  });

  it('says of each what stands in the way, and goes on with the others', async () => {
    const { cloud, json, fail } = await start();
    await fail('one', 'a', '2080-01-01');
    const kept = plainClient(cloud.url, 'kept');
    const [[letterKey, text] = ['', '']] = await contentOf(cloud);
    const copy = (id: string, content: string) =>
      kept.put(letterKey.replace(idOf('one'), id), Buffer.from(content));
    const [broken, strange] = ['00000000000000aa', '00000000000000bb'];
    await copy(broken, '{');
    await copy(
      strange,
      text.replaceAll('holdfast-object-created', 'someone-elses').replace(idOf('one'), strange),
    );

    const listed = await json('list');
    expect(listed.code).toBe(1);
    expect(listed.said.letters).toContainEqual(
      expect.objectContaining({
        id: broken,
        unreadable: expect.objectContaining({ code: 'DEAD_LETTER_BROKEN' }),
      }),
    );
    cloud.oss.faults.add({
      operation: 'PutObject',
      key: 'failed/marks/',
      effect: { status: 403, code: 'AccessDenied' },
    });
    const { code, said } = await json('replay', '--yes');
    expect(code).toBe(1);
    const results = Object.fromEntries(said.replays.map((replay: { id: string }) => [replay.id, replay]));
    expect(results[broken].error.code).toBe('ACCESS_DENIED');
    expect(results[strange].error.message).toContain('failed, and could not be marked so');
    expect(results[idOf('one')].error.message).toContain('replayed, and could not be marked so');
    cloud.oss.faults.clear();
    const second = await json('replay', '--yes');
    expect(second.said.open).toBe(2);
    expect(second.said.replays.map(({ error }: { error?: { code: string } }) => error?.code).sort()).toEqual(
      ['DEAD_LETTER_BROKEN', 'DEAD_LETTER_REFUSED', undefined].sort(),
    );
  });

  it.each([
    {
      what: 'an id that is not there',
      args: ['show', '0000000000000000'],
      code: 1,
      says: 'DEAD_LETTER_UNKNOWN',
    },
    { what: 'no id to show', args: ['show'], code: 2, says: 'show needs the id' },
    { what: 'rules without a place', args: ['--rules', 'nowhere.yaml'], code: 2, says: 'set deadLetters' },
    { what: 'a time that is none', args: ['--since', 'lately'], code: 2, says: '--since lately: expected' },
    {
      what: 'a dry run elsewhere',
      args: ['replay', '--invoke', '--dry-run'],
      code: 2,
      says: '--dry-run cannot',
    },
  ])('says what is wrong with $what', async ({ args, code, says }) => {
    const { redrive } = await start();
    const result = await redrive(...args);
    expect(result).toMatchObject({ code, stdout: '' });
    expect(result.stderr).toContain(says);
  });

  it('says that the bucket of the dead letters is missing', async () => {
    const { cloud, redrive } = await start();
    await plainClient(cloud.url, 'kept').request({
      method: 'DELETE',
      bucket: 'kept',
      subres: {},
      headers: {},
    });
    const { code, stderr } = await redrive('list');
    expect(code).toBe(1);
    expect(stderr).toContain('error NO_SUCH_BUCKET');
  });
});
