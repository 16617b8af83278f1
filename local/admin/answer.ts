/** A request that makes no sense: 400 unless told, with what to send instead. */
export class BadRequest extends Error {
  constructor(
    message: string,
    readonly remedy: string,
    readonly status = 400,
  ) {
    super(message);
  }
}

/** An answer with a status of its own. */
export interface AdminReply {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Wraps an answer that is given with its own status. */
export class Served {
  constructor(readonly reply: AdminReply) {}
}

/** A page of the admin API, in place of JSON. */
export class HtmlPage {
  constructor(readonly html: string) {}
}

/** A call of the admin API, read. */
export interface AdminCall {
  /** The JSON of the body; undefined when there is none. */
  readonly body: unknown;
  readonly query: URLSearchParams;
  /** This is what follows the route's path, as in `timer/NAME`. */
  readonly rest: string;
}

/** Answers a call: what it returns is sent as JSON. */
export type Answer = (call: AdminCall) => unknown;

/** The routes of the admin API by method and path, such as `POST clock`. */
export type Routes = Readonly<Record<string, Answer>>;
