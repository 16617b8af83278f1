import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { askFor } from '../../cli/init/questions.ts';
import type { Texts } from '../../shared/init/read-answers.ts';
import type { CloudName } from '../../shared/platform/address.ts';

/** What a person types, line by line, and what stands on the terminal afterwards. */
async function dialogue(typed: string, known: Texts = {}, cloud: CloudName = 'oss') {
  const [input, output] = [new PassThrough(), new PassThrough()];
  input.end(typed);
  const texts = await askFor(cloud, known, { input, output });
  output.end();
  return { texts, seen: await text(output) };
}

test('everything is asked for, and an empty answer takes what is offered', async () => {
  const { texts, seen } = await dialogue('\nfin-eu, fin-us\n\n7y\n\n\n\n');
  expect(texts).toEqual({
    region: 'cn-hangzhou',
    objectBuckets: 'fin-eu, fin-us',
    archiveBuckets: '',
    keep: '7y',
    max: '10y6mo',
    deadLetters: 'oss://holdfast-dead-letters/dead-letters/',
    inventoryBucket: '',
  });
  expect(seen).toContain('Region of the buckets [cn-hangzhou]: ');
});

test('what the command line says is not asked for', async () => {
  const known = {
    region: 'cn-beijing',
    objectBuckets: 'a-bucket',
    archiveBuckets: '',
    max: '9y',
    inventoryBucket: '',
  };
  const { texts, seen } = await dialogue('1y\n\n', { ...known, deadLetters: 'oss://letters/x/' });
  expect(texts).toEqual({ ...known, keep: '1y', deadLetters: 'oss://letters/x/' });
  expect(seen).not.toContain('Region');
});

test('an answer that cannot be read is asked for again, with the reason', async () => {
  const known = {
    objectBuckets: 'a-bucket',
    archiveBuckets: '',
    max: '9y',
    deadLetters: '',
    inventoryBucket: '',
  };
  const { texts, seen } = await dialogue('Hangzhou\ncn-hangzhou\n\n7\n7y\n', known);
  expect(texts).toMatchObject({ region: 'cn-hangzhou', keep: '7y' });
  expect(seen).toContain('  expected a region such as cn-hangzhou, found "Hangzhou"\n');
  expect(seen).toContain('  an answer is needed\n');
  expect(seen).toContain('  "7" has no unit: write 7d for days, 7mo or 7y\n');
});

test('an input that ends leaves open what was not answered', async () => {
  const { texts } = await dialogue('cn-beijing\n');
  expect(texts.region).toBe('cn-beijing');
  expect(texts.keep).toBeUndefined();
});

test('OBS is asked what it takes, in its own words, and offers its own region and folder', async () => {
  const { texts, seen } = await dialogue('\n\nfin.eu\n7y\n\noss://letters/x/\n\nlists\n', {}, 'obs');
  expect(texts).toEqual({
    region: 'cn-north-4',
    objectBuckets: 'fin.eu',
    keep: '7y',
    max: '10y6mo',
    deadLetters: 'obs://holdfast-dead-letters/dead-letters/',
    inventoryBucket: 'lists',
  });
  expect(seen).toContain('retained one by one (WORM), separated by commas: ');
  expect(seen).toContain('  an answer is needed\n');
  expect(seen).toContain('  expected a folder of a bucket such as obs://my-bucket/dead-letters/, found');
  expect(seen).not.toMatch(/oss:\/\/(?!letters)|OSS|ObjectWorm/);
});
