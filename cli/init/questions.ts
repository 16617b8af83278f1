import { once } from 'node:events';
import { createInterface } from 'node:readline/promises';
import { type AskedField, setupIn } from '../../shared/init/clouds.ts';
import { type Field, type Texts, whyNot } from '../../shared/init/read-answers.ts';
import { type CloudName, formatAddress } from '../../shared/platform/address.ts';
import { cloudWords } from '../../shared/platform/cloud-words.ts';
import { formatDuration, parseDuration } from '../../shared/rules/duration.ts';
import { holdLiveLine } from '../../shared/terminal/live-line.ts';
import type { Terminal } from '../terminal/confirm.ts';
import { interrupt } from '../terminal/interrupt.ts';

interface Question {
  readonly text: string;
  /** This is what an empty answer means, after the answers so far; undefined: it is asked again. */
  readonly otherwise?: (answered: Texts) => string | undefined;
}

/** Returns the questions of a cloud, for the answers that it takes. */
function questionsFor(cloud: CloudName): Readonly<Record<AskedField, Question>> {
  const { region, service, objectLock } = cloudWords[cloud];
  const takesOthers = setupIn[cloud].fields.includes('archiveBuckets');
  const letters = { bucket: 'holdfast-dead-letters', key: 'dead-letters/' };
  return {
    region: { text: 'Region of the buckets', otherwise: () => region },
    objectBuckets: takesOthers
      ? {
          text: `Buckets whose objects are retained one by one (${objectLock}), separated by commas; none: empty`,
          otherwise: () => '',
        }
      : { text: `Buckets whose objects are retained one by one (${objectLock}), separated by commas` },
    archiveBuckets: {
      text: 'Buckets that are retained as a whole (WORM policy), separated by commas; none: empty',
      otherwise: () => '',
    },
    keep: { text: 'How long is everything kept, such as 7y, 18mo or 90d' },
    max: {
      text: 'Beyond which time is nothing ever kept, whatever a rule or a tag says',
      otherwise: ({ keep }) => keep && halfAgain(keep),
    },
    deadLetters: {
      text: 'Folder for events that failed to the end, in a bucket of its own',
      otherwise: () => formatAddress(cloud, letters),
    },
    inventoryBucket: {
      text: `Bucket that ${service} writes inventories to, for repairs that run by themselves; none: empty`,
      otherwise: () => '',
    },
  };
}

/**
 * Asks on a terminal for what is not known yet, each question until its answer can be read.
 * @returns all that is known when the last question is answered, or the input ends
 */
export async function askFor(cloud: CloudName, known: Texts, { input, output }: Terminal): Promise<Texts> {
  const reader = createInterface({ input, output });
  reader.once('SIGINT', interrupt);
  const release = holdLiveLine();
  const lines = reader[Symbol.asyncIterator]();
  const ended = once(reader, 'close').then(() => ({ done: true, value: undefined }) as const);
  /** The answer; undefined when the input has ended. */
  const ask = async (
    field: AskedField,
    text: string,
    otherwise: string | undefined,
  ): Promise<string | undefined> => {
    reader.setPrompt(`${text}${otherwise ? ` [${otherwise}]` : ''}: `);
    for (;;) {
      reader.prompt();
      const line = await Promise.race([lines.next(), ended]);
      if (line.done === true) return undefined;
      const answer = line.value.trim() || otherwise;
      const problem = answer === undefined ? 'an answer is needed' : whyNot(field, answer, cloud);
      if (problem === undefined) return answer;
      output.write(`  ${problem}\n`);
    }
  };
  const texts: { [Each in Field]?: string | undefined } = { ...known };
  const questions = questionsFor(cloud);
  for (const field of setupIn[cloud].fields.filter((each) => known[each] === undefined)) {
    const { text, otherwise } = questions[field];
    const answer = await ask(field, text, otherwise?.(texts));
    if (answer === undefined) break;
    texts[field] = answer;
  }
  release();
  reader.close();
  return texts;
}

/** A limit that leaves room for an extension, and still stops a slip of the pen. */
function halfAgain(keep: string): string | undefined {
  const duration = parseDuration(keep);
  if ('problem' in duration) return undefined;
  return formatDuration({ months: Math.ceil(duration.months * 1.5), ms: duration.ms * 1.5 });
}
