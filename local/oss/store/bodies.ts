import { randomBytes } from 'node:crypto';
import type { Body, Content } from '../content.ts';
import type { BodyFiles } from './body-files.ts';
import { intake, withoutSlack } from './intake.ts';
import type { Lease } from './store.ts';

/** This is what a store records about bodies. */
export interface Ledger {
  /** Tells how many pieces of versions and parts name a body. */
  count(id: string): number;
  setCount(body: Body, count: number): void;
  /** Takes a small body; undefined when there is no room for it. */
  small(id: string, bytes: Buffer): Body | undefined;
  /** Notes a file before it is there, so that it is found again if the process is killed. */
  expectFile(id: string): void;
  /** Forgets bodies that nobody names any more, and their bytes. */
  free(bodies: readonly Body[]): void;
}

export interface Bodies {
  lease(): Lease;
  /** Counts the bodies of what is saved, and of what that replaces. */
  recount(before: readonly Content[], after: readonly Content[]): void;
  fileBody(id: string, size: number): Body;
  /** Frees what is left to be freed. */
  settle(): Promise<void>;
}

/**
 * Keeps bodies while anything names or leases them. What has become free goes in a later turn: by then the change
 * that freed it has been committed, and whoever was handed it in this turn has a lease.
 */
export function createBodies(files: BodyFiles, ledger: Ledger): Bodies {
  const leased = new Map<string, number>();
  const loose = new Map<string, Body>();
  const newId = bodyIds();
  const closing = new Set<Promise<void>>();
  let sweeping: NodeJS.Immediate | undefined;

  const sweep = () => {
    sweeping = undefined;
    const free = [...loose.values()].filter(({ id }) => !leased.has(id) && ledger.count(id) === 0);
    loose.clear();
    if (free.length > 0) ledger.free(free);
  };
  const loosen = (body: Body) => {
    loose.set(body.id, body);
    sweeping ??= setImmediate(sweep);
  };
  const hold = (body: Body) => leased.set(body.id, (leased.get(body.id) ?? 0) + 1);
  const letGo = (body: Body) => {
    const holders = (leased.get(body.id) ?? 0) - 1;
    if (holders > 0) leased.set(body.id, holders);
    else leased.delete(body.id);
    if (holders <= 0 && ledger.count(body.id) === 0) loosen(body);
  };
  const change = (body: Body, by: number) => {
    const count = ledger.count(body.id) + by;
    ledger.setCount(body, count);
    if (count === 0) loosen(body);
  };
  const fileBody = (id: string, size: number): Body => ({
    id,
    size,
    read: (start, end) => files.read(id, start, end),
  });

  function lease(): Lease {
    const held: Body[] = [];
    const open: (() => Promise<void>)[] = [];
    const keep = (body: Body) => {
      hold(body);
      held.push(body);
      return body;
    };
    const receive = () => {
      const id = newId();
      const taking = intake({
        small(bytes) {
          const body = ledger.small(id, bytes);
          return body && keep(body);
        },
        openFile() {
          ledger.expectFile(id);
          keep(fileBody(id, 0));
          open.push(taking.abandon);
          return files.create(id);
        },
        file: (size) => fileBody(id, size),
      });
      return taking;
    };
    return {
      receive,
      receiveSmall(bytes) {
        const body = ledger.small(newId(), withoutSlack([bytes]));
        if (body) return keep(body);
        const taking = receive();
        void taking.write(bytes);
        return taking.end();
      },
      keep(content) {
        for (const { body } of content.pieces) keep(body);
      },
      end() {
        if (open.length === 0) {
          for (const body of held) letGo(body);
          return;
        }
        const closed = Promise.all(open.map((close) => close())).then(() => {
          closing.delete(closed);
          for (const body of held) letGo(body);
        });
        closing.add(closed);
      },
    };
  }

  return {
    lease,
    fileBody,
    recount(before, after) {
      const added = before.length === 0 ? onlyBody(after) : undefined;
      if (added) {
        change(added, 1);
        return;
      }
      const changes = new Map<string, { readonly body: Body; by: number }>();
      const add = (contents: readonly Content[], by: number) => {
        for (const { pieces } of contents) {
          for (const { body } of pieces) {
            const change = changes.get(body.id);
            if (change) change.by += by;
            else changes.set(body.id, { body, by });
          }
        }
      };
      add(after, 1);
      add(before, -1);
      for (const { body, by } of changes.values()) if (by !== 0) change(body, by);
    },
    async settle() {
      await Promise.all(closing);
      clearImmediate(sweeping);
      sweep();
    },
  };
}

/** The body of what is saved where there is just one, as with most uploads. */
function onlyBody([content, another]: readonly Content[]): Body | undefined {
  const [piece, more] = content?.pieces ?? [];
  return another || more ? undefined : piece?.body;
}

/** Ids that rise, so that a store on disk appends. A run's first half tells it from every other run. */
function bodyIds(): () => string {
  const run = randomBytes(8).toString('hex');
  let serial = 0;
  return () => {
    serial += 1;
    return run + serial.toString(16).padStart(8, '0');
  };
}
