import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { plainClient } from '../../../local/plain-client.ts';
import { keepMatterRecord } from '../../../shared/audit/matter-record.ts';
import { openScopes } from '../../../shared/matters/matching.ts';
import { readMatters } from '../../../shared/matters/read.ts';
import { parseMatterRecord } from '../../../shared/matters/record.ts';
import type { MatterRecord } from '../../../shared/matters/types.ts';
import { evidenceWorld } from '../../support/evidence.ts';
import { author, minutes, validScope } from '../../support/matters.ts';
import { type OssServer, startOss } from '../../support/oss-server.ts';
import { validRules } from '../../support/rules-file.ts';

let server: OssServer;
beforeAll(async () => {
  server = await startOss();
});
afterAll(() => server.close());

const about = { id: 'case-1', at: minutes(1), by: author, reason: 'a lawsuit' };
const opening: MatterRecord = {
  ...about,
  kind: 'opened',
  scope: validScope({ match: ['oss://fin-*/**'], tags: { client: 'acme' } }),
};

async function world() {
  const { rules, storage, bucket, put, remove, verify } = await evidenceWorld(server);
  const clock = { now: () => server.now(), sleep: () => Promise.resolve() };
  const deps = { rules, storage, clock };
  let loads = 0;
  const load = () => {
    loads += 1;
    return Promise.resolve(parseMatterRecord);
  };
  const known = new Map();
  const read = () => readMatters({ storage, folder: { bucket, prefix: 'audit/' }, load, known });
  const path = ({ key }: { readonly key: string }) => key.slice('audit/'.length);
  return { deps, read, path, bucket, put, remove, verify, loads: () => loads };
}

describe('records of matters', () => {
  it('are read as they were written, each once, and no parser is loaded before there is one', async () => {
    const { deps, read, loads } = await world();
    expect(await read()).toEqual({ all: [], unreadable: [] });
    expect(loads()).toBe(0);
    const { file, sent, errors } = await keepMatterRecord(deps, opening);
    expect({ sent, errors }).toEqual({ sent: true, errors: [] });
    expect(openScopes(await read())).toMatchObject([{ id: 'case-1' }]);
    await keepMatterRecord(deps, { ...about, kind: 'released', follows: [file] });
    server.oss.requests.clear();
    const matters = await read();
    expect(openScopes(matters)).toEqual([]);
    expect(matters.all).toMatchObject([{ id: 'case-1', openings: [{ released: { reason: 'a lawsuit' } }] }]);
    await read();
    const operations = server.oss.requests.list().map(({ operation }) => operation);
    expect(operations).toEqual(['ListObjectVersions', 'GetObject', 'ListObjectVersions']);
  });

  it('stay as they are, whatever is put or deleted over them', async () => {
    const { deps, read, path, put, bucket } = await world();
    const kept = await keepMatterRecord(deps, opening);
    await put(path(kept), '{}');
    await plainClient(`http://127.0.0.1:${server.port}`, bucket).delete(kept.key);
    expect(openScopes(await read())).toMatchObject([{ id: 'case-1' }]);
  });

  it('are told when their content is not the one that they were named for', async () => {
    const { deps, read, path, put, remove } = await world();
    const kept = await keepMatterRecord(deps, opening);
    await remove(path(kept));
    await put(path(kept), '{}');
    await put('matters/case-1/readme.txt', 'not a record');
    expect(await read()).toMatchObject({
      all: [],
      unreadable: [
        {
          mayHold: true,
          error: { code: 'MATTER_MALFORMED', message: expect.stringMatching(/hash of another content/) },
        },
      ],
    });
  });

  it('count as evidence: what was put over one, or is none, is found', async () => {
    const { deps, path, put, verify } = await world();
    const kept = await keepMatterRecord(deps, opening);
    expect((await verify()).found).toEqual([]);
    await put(path(kept), '{}');
    await put('matters/case-1/readme.txt', 'not a record');
    expect((await verify()).found).toMatchObject([
      { fault: 'changed', file: path(kept) },
      { fault: 'foreign', file: 'matters/case-1/readme.txt' },
    ]);
  });

  it('are not written where the rules have no folder, or when they could not be read again', async () => {
    const { deps } = await world();
    const rules = validRules(
      'version: 1\nlimits: { maxRetention: 10y }\nobjects: [{ name: a, match: { bucket: a }, retain: 1y }]\n',
    );
    await expect(keepMatterRecord({ ...deps, rules }, opening)).rejects.toMatchObject({
      code: 'EVIDENCE_UNSET',
    });
    server.oss.requests.clear();
    await expect(keepMatterRecord(deps, { ...opening, reason: ' ' })).rejects.toMatchObject({
      code: 'MATTER_MALFORMED',
    });
    const match = Array.from({ length: 3000 }, (_each, index) => `oss://fin-${index}/${'é'.repeat(50)}/**`);
    await expect(keepMatterRecord(deps, { ...opening, scope: validScope({ match }) })).rejects.toMatchObject({
      code: 'MATTER_MALFORMED',
      message: expect.stringContaining('at most 262144'),
    });
    expect(server.oss.requests.list()).toEqual([]);
  });
});
