import { anchored } from './anchor.ts';
import type { AuditFile } from './file.ts';
import type { AuditFinding } from './findings.ts';
import { type FileName, formatName } from './name.ts';

/** A file that another one names. */
export interface Reference {
  readonly to: FileName;
  /** The file that names it. */
  readonly from: string;
  /** An anchor, or the next file of the chain. */
  readonly kind: 'anchor' | 'chain';
}

/** This is what is known when all files of an hour have been seen. */
export interface HourEnd {
  /** To files that were not seen in this hour or the one before; they may be older, or missing. */
  readonly unseen: readonly Reference[];
}

/**
 * Checks how files stand to each other. They come in the order of their names, and memory holds two hours of names:
 * what a file names is mostly of its hour or the one before.
 */
export interface ChainCheck {
  /** @param file undefined when no content of it is to be trusted: its name still counts */
  add(name: FileName, file: AuditFile | undefined): AuditFinding[];
  /** The hour of the files added last is over. */
  endHour(): HourEnd;
  /** Ends of chains that no file names: if they were removed, nothing would tell. */
  readonly unnamed: number;
  /** Tells what has to be kept to go on later. Only between two hours: right after {@link ChainCheck.endHour}. */
  state(): ChainState;
}

/** This is what a check of files knows between two hours. */
export interface ChainState {
  /** The names of the last hour. */
  readonly names: readonly string[];
  /** The last file of each writer in it. */
  readonly heads: [writer: string, name: string][];
  readonly namedByLater: readonly string[];
  readonly unnamed: readonly string[];
}

interface Hour {
  readonly names: Set<string>;
  /** The last file of each writer. */
  readonly heads: Map<string, string>;
  readonly references: Reference[];
}

const emptyHour = (): Hour => ({ names: new Set(), heads: new Map(), references: [] });

/** @param from what an earlier check has known between two hours; nothing when it begins */
export function createChainCheck(from?: ChainState): ChainCheck {
  let before: Hour = { names: new Set(from?.names), heads: new Map(from?.heads), references: [] };
  let hour = emptyHour();
  let last: FileName | undefined;
  const namedByLater = new Set(from?.namedByLater);
  const unnamed = new Set(from?.unnamed);

  const add: ChainCheck['add'] = (name, file) => {
    const predecessor = last?.writer === name.writer && last.hour === name.hour ? last : undefined;
    last = name;
    const from = formatName(name);
    hour.names.add(from);
    hour.heads.set(name.writer, from);
    if (file !== undefined) {
      const heads = file.records.flatMap(anchored);
      hour.references.push(...heads.map((to): Reference => ({ to, from, kind: 'anchor' })));
      if (file.previous !== undefined) hour.references.push({ to: file.previous, from, kind: 'chain' });
    }
    return [...gap(predecessor, name, file), ...wrongOrder(predecessor, name, file)];
  };

  return {
    add,
    endHour() {
      const unseen = hour.references.filter(({ to }) => {
        const text = formatName(to);
        return !hour.names.has(text) && !before.names.has(text);
      });
      for (const { to } of hour.references) namedByLater.add(formatName(to));
      for (const { to } of hour.references) unnamed.delete(formatName(to));
      for (const head of unnamedHeads(before, namedByLater)) unnamed.add(head);
      for (const text of before.names) namedByLater.delete(text);
      before = hour;
      hour = emptyHour();
      last = undefined;
      return { unseen };
    },
    get unnamed() {
      return unnamed.size + unnamedHeads(before, namedByLater).length;
    },
    state: () => ({
      names: [...before.names],
      heads: [...before.heads],
      namedByLater: [...namedByLater],
      unnamed: [...unnamed],
    }),
  };
}

const unnamedHeads = ({ heads }: Hour, named: ReadonlySet<string>): string[] =>
  [...heads.values()].filter((text) => !named.has(text));

/** Files whose numbers were left out; the one right before is named by this one, with its hash. */
function gap(predecessor: FileName | undefined, name: FileName, file: AuditFile | undefined): AuditFinding[] {
  if (predecessor === undefined) return [];
  const first = predecessor.sequence + 1;
  const end = file === undefined ? name.sequence - 1 : name.sequence - 2;
  if (first > end) return [];
  const numbers = first === end ? `number ${first}` : `numbers ${first} to ${end}`;
  const reason = `${numbers} of this writer must have been before ${formatName(name)}`;
  return [{ fault: 'missing', file: `${name.hour}/${name.writer}/`, reason }];
}

function wrongOrder(
  predecessor: FileName | undefined,
  name: FileName,
  file: AuditFile | undefined,
): AuditFinding[] {
  const found = (reason: string): AuditFinding[] => [
    { fault: 'out-of-order', file: formatName(name), reason },
  ];
  if (predecessor?.sequence === name.sequence) {
    return found(`number ${name.sequence} of this writer is there twice: ${formatName(predecessor)}`);
  }
  if (file === undefined) return [];
  const { previous } = file;
  if (previous === undefined) {
    return name.sequence === 1 ? [] : found(`it has number ${name.sequence} and names no file before it`);
  }
  const isNext = previous.writer === name.writer && previous.sequence === name.sequence - 1;
  if (name.sequence > 1 && !isNext) return found(`it names ${formatName(previous)} as the one before it`);
  if (predecessor?.sequence === name.sequence - 1 && formatName(predecessor) !== formatName(previous)) {
    return found(`it follows ${formatName(previous)}, and not ${formatName(predecessor)}`);
  }
  return [];
}
