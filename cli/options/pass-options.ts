import type { Command } from 'commander';
import { readCount } from './read-count.ts';

/** Tells where versions come from, how fast they are worked on, and where progress is kept. */
export const addPassOptions = (command: Command): Command =>
  command
    .option(
      '--inventory <url>',
      'take the versions from the manifest.json at this address instead of listing them',
    )
    .option('--no-decode-keys', 'the keys in the inventory are not URL-encoded')
    .option('--concurrency <n>', 'requests under way at once, at most', readCount, 64)
    .option('--qps <n>', 'requests a second, at most (default: as many as the service takes)', readCount)
    .option('--checkpoint <file>', 'where progress is kept (default: a file in .holdfast/)')
    .option('--restart', 'forget the progress of an earlier run, and begin anew');
