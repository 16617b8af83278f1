import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { holdfast } from '../support/cli.ts';

/** Makes string-width fail where it is loaded: it makes a segmenter then. */
const withoutSegmenter =
  'data:text/javascript,Intl.Segmenter = class { constructor() { throw new Error("string-width is loaded"); } };';

it.each([[['validate']], [['schedule']], [['explain', '--help']]])(
  'the command %j loads nothing about emoji for a text in ASCII',
  (words) => {
    const command = ['--import', withoutSegmenter, holdfast, ...words];
    expect(execFileSync(process.execPath, command, { encoding: 'utf8' })).toMatch(/rule|usage/i);
  },
);
