import { Command } from 'commander';
import { systemClock } from '../../shared/platform/clock.ts';
import { startCloud } from '../cloud.ts';
import { defaultAccessKey } from '../keyring.ts';
import { readRecordings } from './recording.ts';
import { type Outcome, replay } from './replay.ts';

const program = new Command('replay')
  .description(
    "Sends recorded requests to the embedded OSS and prints where its replies differ from the service's",
  )
  .argument('<dir>', "recordings in WireMock's form, one file a pair")
  .option('--endpoint <url>', 'another server, whose buckets the recordings may fill')
  .action(async (folder: string, { endpoint }: { endpoint?: string }) => {
    const recordings = readRecordings(folder);
    // The service took these dates for the future; so must we, whenever this runs.
    const clock = recordings[0]?.at ?? systemClock.now();
    const cloud = endpoint === undefined ? await startCloud({ clock }) : undefined;
    try {
      const outcomes = await replay(recordings, {
        endpoint: endpoint ?? cloud?.url ?? '',
        accessKeyId: process.env['OSS_ACCESS_KEY_ID'] ?? defaultAccessKey.accessKeyId,
        accessKeySecret: process.env['OSS_ACCESS_KEY_SECRET'] ?? defaultAccessKey.accessKeySecret,
        now: systemClock.now, // signed URLs of users are judged by the machine's clock
      });
      print(outcomes);
    } finally {
      await cloud?.close();
    }
  });

function print(outcomes: readonly Outcome[]): void {
  const different = outcomes.filter((outcome) => outcome.differences.length > 0);
  for (const { recording, differences } of different) {
    console.log([recording.file, ...differences.map((each) => `  ${each}`)].join('\n'));
  }
  console.log(`${outcomes.length - different.length} of ${outcomes.length} replies are as recorded`);
  if (different.length > 0) process.exitCode = 1;
}

await program.parseAsync();
