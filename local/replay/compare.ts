import type { Recording } from './recording.ts';

/** A reply as it is compared; header names in lower case. */
export interface Answered {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Headers whose value differs from run to run; only whether they are there counts. */
const volatile = new Set(['x-oss-request-id', 'x-oss-server-time', 'date', 'last-modified', 'x-oss-err']);
/** Headers of the transport, which the recorder dropped or its proxy changed. */
const ignored = new Set(['content-length', 'connection', 'keep-alive', 'transfer-encoding']);

/** Ids that the service and we gave to the same thing; they may differ, but only one way. */
export type Ids = Map<string, string>;

/**
 * Returns everything in which a reply is not as recorded: status, headers and body, with ids, times and owner put
 * aside.
 * @param ids recorded id to ours; what the pair shows is added
 */
export function differences({ reply, bucket }: Recording, ours: Answered, ids: Ids): string[] {
  const found: string[] = [];
  const expect = (what: string, recorded: string, got: string) => {
    if (recorded !== got) found.push(`${what}: recorded ${recorded}, got ${got}`);
  };
  learnId(ids, reply.headers['x-oss-version-id'], ours.headers['x-oss-version-id']);
  expect('status', String(reply.status), String(ours.status));
  const names = new Set([...Object.keys(reply.headers), ...Object.keys(ours.headers)]);
  for (const name of [...names].filter((each) => !ignored.has(each)).sort()) {
    const [recorded = '(none)', got = '(none)'] = [reply.headers[name], ours.headers[name]];
    const isThere = recorded !== '(none)' && got !== '(none)';
    if (!(volatile.has(name) && isThere)) expect(name, ids.get(recorded) ?? recorded, got);
  }
  expect('body', normalise(reply.body, bucket, ids), normalise(ours.body, bucket, new Map()));
  return found;
}

/** Notes that a recorded id and ours mean the same, unless one of them already means something else. */
export function learnId(ids: Ids, recorded: string | undefined, ours: string | undefined): void {
  if (recorded === undefined || ours === undefined) return;
  if (!ids.has(recorded) && ![...ids.values()].includes(ours)) ids.set(recorded, ours);
}

function normalise(body: string, bucket: string, ids: Ids): string {
  const mapped = [...ids].reduce((text, [recorded, ours]) => text.replaceAll(recorded, ours), body);
  return mapped
    .replace(/(<RequestId>).*?</g, '$1(id)<')
    .replace(/(<HostId>).*?</g, '$1(host)<')
    .replace(/(<(?:LastModified|CreationDate|Initiated)>).*?</g, '$1(time)<')
    .replace(/<Owner>.*?<\/Owner>/gs, '(owner)')
    .replace(/(<Location>)https?:\/\/[^/]+/g, '$1(host)')
    .replace(`<Location>(host)/${bucket}/`, '<Location>(host)/'); // we send the bucket in the path
}
