import { expect, it } from 'vitest';
import { createOpenMatters } from '../../../shared/matters/read-open.ts';
import { type Matters, mattersOf } from '../../../shared/matters/state.ts';
import { failure } from '../../../shared/platform/errors.ts';
import { minutes, opened } from '../../support/matters.ts';

const matters = mattersOf([
  opened('one', 1, { match: ['oss://fin-1'] }),
  opened('two', 2, { match: ['oss://hr'] }),
]);
const denied = () => failure('ACCESS_DENIED', { operation: 'ListObjectVersions', target: 'e', action: 'x' });
const malformed = () => failure('MATTER_MALFORMED', { target: 'oss://e/three', reason: 'no JSON' });
const withUnreadable = (): Matters => ({
  ...matters,
  unreadable: [
    {
      name: { id: 'three', kind: 'opened', sha256: '0'.repeat(64) },
      error: malformed(),
      mayHold: true,
    },
  ],
});

/** Reads once for each of the answers, and gives what each read says in short; and what was told of it all. */
async function readings(answers: readonly (() => Matters | undefined)[], openedBefore?: Date) {
  const told: string[] = [];
  const left = [...answers];
  const read = createOpenMatters(
    async () => left.shift()?.(),
    (error, what) => told.push(`${error.code} ${what}`),
  );
  const said: { open: string[]; unknown: Error[] }[] = [];
  for (const _ of answers) {
    const { open, unknown } = await read(openedBefore);
    said.push({ open: open.map(({ id }) => id), unknown: [...unknown] });
  }
  return { said, told };
}

const throwing = (): never => {
  throw denied();
};

it('has no matters where the rules have no folder for them', async () => {
  expect(await readings([() => undefined])).toEqual({ said: [{ open: [], unknown: [] }], told: [] });
});

it('keeps what was read before where a read fails, and tells each reason once', async () => {
  const { said, told } = await readings([() => matters, throwing, throwing, withUnreadable, withUnreadable]);
  expect(said.map(({ open }) => open)).toEqual(said.map(() => ['one', 'two']));
  expect(said.map(({ unknown }) => unknown.length)).toEqual([0, 1, 1, 1, 1]);
  expect(said[2]?.unknown[0], 'one reason is one error').toBe(said[1]?.unknown[0]);
  expect(told).toEqual(['ACCESS_DENIED all', 'MATTER_MALFORMED record']);
});

it('leaves out what was opened at an instant or later', async () => {
  expect((await readings([() => matters], minutes(2))).said).toEqual([{ open: ['one'], unknown: [] }]);
});

it('hides no mistake of the code', async () => {
  const mistake = new TypeError('x is undefined');
  const failing = () => {
    throw mistake;
  };
  await expect(readings([failing])).rejects.toBe(mistake);
});
