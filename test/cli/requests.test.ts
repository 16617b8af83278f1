import { channel } from 'node:diagnostics_channel';
import { afterEach, expect, test } from 'vitest';
import { followRequests, unfollowRequests } from '../../cli/terminal/requests.ts';
import { requestChannels } from '../../shared/storage/oss/request-channels.ts';

// Telling of a request takes time, for each of a million, so it is done for somebody alone.

const names = ['http.client.request.start', 'http.client.response.finish', ...Object.values(requestChannels)];
const heard = () => names.filter((name) => channel(name).hasSubscribers);
const { isTTY } = process.stderr;

afterEach(() => {
  unfollowRequests();
  process.stderr.isTTY = isTTY;
});

test.each([
  { mode: 'without a terminal', isTTY: false, lines: { verbose: false, waiting: true }, listens: false },
  {
    mode: 'on a terminal that is to be quiet',
    isTTY: true,
    lines: { verbose: false, waiting: false },
    listens: false,
  },
  { mode: 'on a terminal', isTTY: true, lines: { verbose: false, waiting: true }, listens: true },
  { mode: 'with --verbose', isTTY: false, lines: { verbose: true, waiting: true }, listens: true },
])('a command $mode listens to requests only where it shows them', ({ isTTY, lines, listens }) => {
  process.stderr.isTTY = isTTY;
  followRequests(lines);
  expect(heard()).toEqual(listens ? names : []);
  unfollowRequests();
  expect(heard()).toEqual([]);
});
