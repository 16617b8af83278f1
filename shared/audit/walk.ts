import pLimit from 'p-limit';
import { day } from '../platform/instant.ts';
import type { ObjectPrefix } from '../rules/types.ts';
import type { ListedVersion, Listing, Page, StorageReads } from '../storage/port.ts';
import type { EvidenceEntry } from './inspect.ts';
import { hourOf } from './name.ts';

/** Returns all keys of the folder with their versions, in order. @param since from that day on, when it is given */
export async function* entries(
  storage: Pick<StorageReads, 'listVersions'>,
  { bucket, prefix }: ObjectPrefix,
  since: Date | undefined,
  now: Date,
): AsyncIterable<EvidenceEntry> {
  for (const folder of since === undefined ? [''] : days(since, now)) {
    for await (const entry of byKey(storage.listVersions(bucket, `${prefix}${folder}`))) {
      if (entry.key !== prefix) yield entry; // consoles make an object for a folder
    }
  }
}

/** A page may name its versions first and its delete markers after them; keys go from page to page in order. */
async function* byKey(list: Listing<ListedVersion>): AsyncIterable<EvidenceEntry> {
  let open: ListedVersion[] = [];
  for (let fetch: typeof list.first | undefined = list.first; fetch !== undefined; ) {
    const page: Page<ListedVersion> = await fetch();
    const sorted = [...open, ...page.items].sort(byKeyAlone);
    const last = sorted.at(-1)?.key;
    open = sorted.filter(({ key }) => key === last);
    yield* groups(sorted.slice(0, sorted.length - open.length));
    fetch = page.next;
  }
  yield* groups(open);
}

/** Keys of evidence are ASCII, where this is the order of the service. */
const byKeyAlone = (one: ListedVersion, other: ListedVersion): number =>
  one.key < other.key ? -1 : one.key > other.key ? 1 : 0;

function groups(sorted: readonly ListedVersion[]): Iterable<EvidenceEntry> {
  const byName = new Map<string, ListedVersion[]>();
  for (const version of sorted) byName.set(version.key, [...(byName.get(version.key) ?? []), version]);
  return [...byName].map(([key, versions]) => ({ key, versions }));
}

/** One more than there is: the clocks of writers may be ahead. */
function* days(since: Date, now: Date): Iterable<string> {
  for (let at = since.getTime(); at <= now.getTime() + day; at += day) {
    yield `${hourOf(new Date(at)).slice(0, 'yyyy/mm/dd'.length)}/`;
  }
}

/** This is how many files are read at the same time, and how many are held while they wait for their turn. */
const concurrency = 16;
const ahead = 64;

/** So many bytes of files are held at most, or one file: a file may have one record, or a thousand of a run over existing versions. */
const mostBytes = 3e6;

/** Works on evidence as it comes, several files at a time, and hands the results on in the order of the evidence. */
export async function* inOrder<Result>(
  evidence: AsyncIterable<EvidenceEntry>,
  work: (entry: EvidenceEntry) => Promise<Result>,
): AsyncIterable<Result> {
  const limit = pLimit(concurrency);
  const waiting: { readonly result: Promise<Result>; readonly bytes: number }[] = [];
  let held = 0;
  const handOnFirst = async function* () {
    const [first] = waiting;
    if (first === undefined) return;
    yield await first.result;
    waiting.shift();
    held -= first.bytes;
  };
  for await (const entry of evidence) {
    const bytes = bytesOf(entry);
    while (waiting.length >= ahead || (waiting.length > 0 && held + bytes > mostBytes)) yield* handOnFirst();
    const result = limit(work, entry);
    result.catch(() => undefined); // it is thrown when its turn comes
    waiting.push({ result, bytes });
    held += bytes;
  }
  while (waiting.length > 0) yield* handOnFirst();
}

const bytesOf = ({ versions }: EvidenceEntry): number =>
  versions.reduce((sum, version) => sum + (version.kind === 'version' ? version.size : 0), 0);
