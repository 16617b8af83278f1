/** Bytes that came in at one go. They never change; where they are kept is the store's matter. */
export interface Body {
  readonly id: string;
  readonly size: number;
  /** The bytes from `start` up to, but not including, `end`. */
  read(start: number, end: number): AsyncIterable<Buffer> | Iterable<Buffer>;
}

/** The bytes of a body from `start` up to, but not including, `end`. */
export interface Piece {
  readonly body: Body;
  readonly start: number;
  readonly end: number;
}

/** The bytes of an object or part: pieces one after the other. Copies share bodies. */
export interface Content {
  readonly size: number;
  readonly pieces: readonly Piece[];
  /** The bytes from `start` up to, but not including, `end`. */
  read(start: number, end: number): AsyncIterable<Buffer> | Iterable<Buffer>;
}

/** Returns all of a body. */
export function wholeBody(body: Body): Content {
  return contentOf(body.size > 0 ? [{ body, start: 0, end: body.size }] : []);
}

export function contentOf(pieces: readonly Piece[]): Content {
  return new PiecedContent(pieces);
}

/** A class, since each version has one: a function of its own for each would be kept in memory with it. */
class PiecedContent implements Content {
  readonly size: number;
  readonly pieces: readonly Piece[];

  constructor(pieces: readonly Piece[]) {
    this.size = pieces.reduce((sum, piece) => sum + piece.end - piece.start, 0);
    this.pieces = pieces;
  }

  read(start: number, end: number): AsyncIterable<Buffer> | Iterable<Buffer> {
    const [first, second] = cut(this.pieces, start, end);
    if (first && !second) return first.body.read(first.start, first.end);
    return readAll(cut(this.pieces, start, end));
  }
}

/** This is what a symlink has, and an object of no bytes. */
export const emptyContent: Content = contentOf([]);

/** Returns several contents one after the other: the parts of a multipart upload, the pieces of an append. */
export function joinContents(contents: readonly Content[]): Content {
  return contentOf(contents.flatMap((content) => content.pieces));
}

/** Some of a content, without copying it: a part that is copied from an object. */
export function sliceContent(content: Content, start: number, end: number): Content {
  return contentOf(cut(content.pieces, start, end));
}

function cut(pieces: readonly Piece[], start: number, end: number): Piece[] {
  const chosen: Piece[] = [];
  let offset = 0;
  for (const piece of pieces) {
    const from = piece.start + Math.max(start - offset, 0);
    const to = piece.start + Math.min(end - offset, piece.end - piece.start);
    if (from < to) chosen.push({ body: piece.body, start: from, end: to });
    offset += piece.end - piece.start;
  }
  return chosen;
}

async function* readAll(pieces: readonly Piece[]): AsyncGenerator<Buffer> {
  for (const { body, start, end } of pieces) yield* body.read(start, end);
}
