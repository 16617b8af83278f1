import { byId, el } from '../../shared/page/dom.ts';
import { startTheme } from '../../shared/page/theme.ts';
import { type CloudName, formatAddress } from '../../shared/platform/address.ts';
import type { BucketView, VersionsPage } from '../views/shown.ts';
import {
  CallFailed,
  fireTimer,
  readBuckets,
  readClock,
  readFaults,
  readFunctions,
  readInvocations,
  readLetters,
  readUndelivered,
  readVersions,
  type ShownVersions,
} from './api.ts';
import { bucketsSection } from './buckets.ts';
import { clockSection } from './clock.ts';
import { faultsSection } from './faults.ts';
import { invocationsSection } from './invocations.ts';
import { lettersSection } from './letters.ts';
import { versionsSection } from './versions.ts';

/** Milliseconds from one look at the cloud to the next. */
const pause = 2000;
/** The latest invocations that are listed. */
const shownRuns = 50;

let shown = fromAddressBar();

const clock = clockSection(refresh);
const buckets = bucketsSection(({ cloud, name }: BucketView) =>
  look({ cloud, bucket: name, prefix: '', after: undefined }),
);
const versions = versionsSection(
  (prefix) => shown && look({ ...shown, prefix, after: undefined }),
  (after) => shown && look({ ...shown, after }),
);
const runs = invocationsSection((cloud, trigger) => {
  void fireTimer(cloud, trigger)
    .catch(() => undefined)
    .then(refresh);
});
const letters = lettersSection();
const faults = faultsSection(refresh);

const sections = [clock, buckets, versions, runs, letters, faults].map(({ section }) => section);
byId('main').append(...sections);
byId('sections').append(
  ...sections.map(({ id, firstElementChild }) =>
    el('a', { href: `#${id}` }, firstElementChild?.textContent ?? ''),
  ),
);

/** Shows other versions, and lets the address bar say which. */
function look(wanted: ShownVersions): void {
  shown = wanted;
  const { cloud, bucket, prefix } = wanted;
  const query = new URLSearchParams({ cloud, bucket, ...(prefix !== '' && { prefix }) });
  history.replaceState(null, '', `?${query}${location.hash}`);
  void refresh();
}

function fromAddressBar(): ShownVersions | undefined {
  const query = new URLSearchParams(location.search);
  const bucket = query.get('bucket');
  const cloud: CloudName = query.get('cloud') === 'obs' ? 'obs' : 'oss';
  return bucket === null ? undefined : { cloud, bucket, prefix: query.get('prefix') ?? '', after: undefined };
}

/** Reads everything, and shows what has changed. */
async function refresh(): Promise<void> {
  const trouble = byId('trouble');
  try {
    await readAll();
    trouble.hidden = true;
  } catch {
    trouble.textContent = 'The embedded cloud does not answer. It is asked again every two seconds.';
    trouble.hidden = false;
  }
}

async function readAll(): Promise<void> {
  const wanted = shown;
  const [now, inBuckets, functions, invocations, kept, undelivered, rules, page] = await Promise.all([
    readClock(),
    readBuckets(),
    readFunctions(),
    readInvocations(shownRuns),
    readLetters(),
    readUndelivered(),
    readFaults(),
    wanted && pageOf(wanted),
  ]);
  clock.show(now);
  buckets.show(inBuckets, shown && formatAddress(shown.cloud, shown));
  // Another bucket may have been chosen meanwhile, whose page is on its way.
  if (wanted === shown) versions.show(wanted, page);
  runs.show(functions, invocations);
  letters.show(kept, undelivered);
  faults.show(rules);
}

/** Reads a page of versions; a refusal, such as that of a bucket that was removed, takes its place. */
async function pageOf(wanted: ShownVersions): Promise<VersionsPage | string> {
  return await readVersions(wanted).catch((error: unknown) => {
    if (error instanceof CallFailed) return error.message;
    throw error;
  });
}

const live = byId('live');
const isLive = () => live.getAttribute('aria-pressed') === 'true';
live.addEventListener('click', () => {
  live.setAttribute('aria-pressed', String(!isLive()));
  if (isLive()) void refresh();
});

async function follow(): Promise<void> {
  if (isLive() && !document.hidden) await refresh();
  setTimeout(() => void follow(), pause);
}

startTheme(byId('theme'));
void refresh().then(follow);
