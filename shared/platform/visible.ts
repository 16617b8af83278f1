/*
 * Keys, tags and names of buckets are what anybody who may upload has chosen, and what a service answers is text from
 * outside too. These two functions are the one place where such text is made safe to print. Pure, without any package.
 */

/**
 * Makes a text one line in which nothing is hidden: characters that would steer a terminal, break the line, turn the
 * direction of writing or show nothing at all stand there as ⟨U+202E⟩.
 */
export const visible = (text: string): string => (printable.test(text) ? text : text.replace(hidden(), mark));

/** Does the same to a text of several lines, whose line feeds stay. */
export const visibleLines = (text: string): string => text.split('\n').map(visible).join('\n');

const mark = (character: string): string => {
  const code = character.codePointAt(0) ?? 0;
  return `⟨U+${code.toString(16).toUpperCase().padStart(4, '0')}⟩`;
};

/** Nearly every text: then the larger set of characters is not needed. */
const printable = /^[\x20-\x7e]*$/;

/**
 * Control and format characters (bidirectional marks and zero-width ones among them), line and paragraph separators,
 * halves of surrogate pairs, and what a font may leave out (Unicode, "Default_Ignorable_Code_Point").
 */
const hiddenSets = ['Cc', 'Cf', 'Zl', 'Zp', 'Cs', 'Default_Ignorable_Code_Point'];

/** Made when it is first needed: these sets take a millisecond of every cold start, even as a literal that never runs. */
const hidden = (): RegExp => {
  hiddenPattern ??= new RegExp(`[${hiddenSets.map((set) => `\\p{${set}}`).join('')}]`, 'gu');
  return hiddenPattern;
};
let hiddenPattern: RegExp | undefined;

/** Escapes the same characters in JSON, where they can only stand inside strings; a parser reads the same value. */
export const visibleJson = (json: string): string =>
  json.replace(hidden(), (character) => {
    if (character === '\n') return character; // JSON.stringify escapes those of strings; this one is a line's end
    return [...Array(character.length).keys()]
      .map((index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`)
      .join('');
  });
