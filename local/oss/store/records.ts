import { type Body, type Content, contentOf } from '../content.ts';
import type { Part, Upload, Version } from '../state.ts';

/** Body id, body size, start and end of each piece. */
type ContentRecord = readonly (readonly [string, number, number, number])[];
type WithContent<T> = T extends { readonly content: Content }
  ? Omit<T, 'content'> & { readonly content: ContentRecord }
  : T;

/** This is how things are written down: the same, with contents as lists of pieces. */
export type VersionRecord = WithContent<Version>;
export type PartRecord = WithContent<Part>;
export type UploadRecord = Omit<Upload, 'parts'>;

export type FindBody = (id: string, size: number) => Body;

export function writeVersion(version: Version): VersionRecord {
  return version.kind === 'object' ? { ...version, content: writeContent(version.content) } : version;
}

export function readVersion(record: VersionRecord, find: FindBody): Version {
  return record.kind === 'object' ? { ...record, content: readContent(record.content, find) } : record;
}

export function writePart(part: Part): PartRecord {
  return { ...part, content: writeContent(part.content) };
}

export function readPart(record: PartRecord, find: FindBody): Part {
  return { ...record, content: readContent(record.content, find) };
}

function writeContent({ pieces }: Content): ContentRecord {
  return pieces.map(({ body, start, end }) => [body.id, body.size, start, end]);
}

function readContent(record: ContentRecord, find: FindBody): Content {
  return contentOf(record.map(([id, size, start, end]) => ({ body: find(id, size), start, end })));
}
