import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { examplesOf } from '../support/doc-examples.ts';

const english = 'README.md';
const chinese = 'README.zh-CN.md';

/** The page without its code, where a `#` is a comment and brackets are no link. */
const proseOf = (page: string): string =>
  readFileSync(page, 'utf8')
    .replace(/^ *```.*\n[\s\S]*?^ *``` *$/gm, '')
    .replace(/^ {4}.*$/gm, '');

const headingLevels = (page: string): string[] =>
  [...proseOf(page).matchAll(/^(#+) /gm)].map(([, level = '']) => level);

/** The code blocks in order. Comments are prose, so they are translated. */
const codeOf = (page: string): { info: string; text: string }[] =>
  examplesOf(page).map(({ info, text }) => ({ info, text: text.replace(/(^| )#.*$/gm, '').trimEnd() }));

/** Names and commands within a sentence. Their order follows the language. */
const inlineCode = (page: string): string[] =>
  [...new Set([...proseOf(page).matchAll(/`([^`]+)`/g)].map(([, code = '']) => code))].sort();

const linksOf = (page: string): string[] =>
  [...proseOf(page).matchAll(/\]\((?!https?:|#)([^)\s]+)\)/g)].map(([, to = '']) => to);

const linksToOtherPages = (page: string): string[] =>
  linksOf(page)
    .filter((to) => to !== english && to !== chinese)
    .sort();

describe('the Chinese README', () => {
  it('has the headings of the English one, by level and order', () => {
    expect(headingLevels(english).length).toBeGreaterThan(5);
    expect(headingLevels(chinese)).toEqual(headingLevels(english));
  });

  it('has the same code blocks, apart from comments', () => {
    expect(codeOf(english).length).toBeGreaterThan(5);
    expect(codeOf(chinese)).toEqual(codeOf(english));
  });

  it('names the same commands, options and files in its sentences', () => {
    expect(inlineCode(english).length).toBeGreaterThan(10);
    expect(inlineCode(chinese)).toEqual(inlineCode(english));
  });

  it('links to the same pages', () => {
    expect(linksToOtherPages(english).length).toBeGreaterThan(10);
    expect(linksToOtherPages(chinese)).toEqual(linksToOtherPages(english));
  });

  it('links to the English one first, which links back first', () => {
    expect(linksOf(english)[0]).toBe(chinese);
    expect(linksOf(chinese)[0]).toBe(english);
  });
});
