import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { plainClient } from '../../local/plain-client.ts';
import { day } from '../../shared/platform/instant.ts';
import { type ApprovalTestWorld, approvalTestWorld } from '../support/approval-world.ts';
import { examplesOf, wordsOf } from '../support/doc-examples.ts';

const examples = examplesOf('docs/records.md');
const blockOf = (info: string): string => examples.find((each) => each.info === info)?.text ?? '';

/** A command with its prompt, and what it prints. */
interface Typed {
  readonly line: string;
  readonly prints: string;
}

/** One scene: what happens, and then commands. */
interface Scene {
  readonly what: string;
  readonly commands: readonly Typed[];
}

const scenes = blockOf('text story')
  .split('\n\n')
  .map((text): Scene => {
    const what = /^(?:#.*\n)*/.exec(text)?.[0] ?? '';
    const commands = text
      .slice(what.length)
      .split(/^(?=\S*\$ holdfast )/m)
      .map((each) => {
        const [line = '', ...rest] = each.trimEnd().split('\n');
        return { line, prints: rest.join('\n') };
      });
    return { what, commands };
  });

/** Tells whether a text is what the page says, with anything in place of an ellipsis. */
function isPrinted(expected: string, printed: string): boolean {
  const parts = expected.split('…').map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  return new RegExp(`^${parts.join('[^]*?')}\\n?$`).test(printed);
}

type Happening = () => Promise<unknown>;

/** Returns what happens between the commands, by words of the scene in which it does. */
function happenings({ cloud, upload }: ApprovalTestWorld): Readonly<Record<string, Happening>> {
  const versions = new Map<string, string>();
  const add = async (key: string, tags = {}) => versions.set(key, await upload('fin-1', key, tags));
  const remove = (key: string) =>
    plainClient(cloud.url, 'fin-1').delete(key, { versionId: versions.get(key) ?? '' });
  return {
    'two ledgers are uploaded': async () => {
      await add('ledger/a');
      await add('ledger/b', { client: 'acme' });
    },
    'In November 2027': () => cloud.advance(365 * day),
    'In January 2028': () => cloud.advance(60 * day),
    'january/delete.sh': () => remove('ledger/a'),
    // What was open in the same second counts as open since the plan.
    'The next plan': () => cloud.advance(day),
    'It goes the same way': () => remove('ledger/b'),
  };
}

/** Runs a command as its prompt says, and compares what it prints. */
async function runAsTyped(world: ApprovalTestWorld, { line, prints }: Typed): Promise<void> {
  const [, prompt, typed = ''] = /^(\S*)\$ holdfast (.*)$/.exec(line) ?? [];
  const person = prompt === 'approver' ? world.second : world.run;
  const { code, stdout, stderr } = await person(...wordsOf(typed));
  const [, file] = / > (\S+)$/.exec(line) ?? [];
  if (file !== undefined) writeFileSync(join(world.folder, file), stdout);
  const printed = `${stderr}${file === undefined ? stdout : ''}`;
  expect(isPrinted(prints, printed), `${line}\nprints\n${printed}instead of\n${prints}`).toBe(true);
  expect(code, line).toBe(prints.startsWith('error ') ? 1 : 0);
}

it('the story of docs/records.md goes as it says: commands, people and what is printed', async () => {
  const world = await approvalTestWorld(blockOf('yaml'));
  const left = new Map(Object.entries(happenings(world)));
  for (const { what, commands } of scenes) {
    for (const [words, happens] of left) {
      if (!what.includes(words)) continue;
      left.delete(words);
      await happens();
    }
    for (const typed of commands) await runAsTyped(world, typed);
  }
  expect([...left.keys()], 'all that happens in it is on the page').toEqual([]);
});
