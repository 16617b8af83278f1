import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { HoldWorld } from '../../cli/hold/world.ts';
import { mattersHolding, scopeCovers, scopeReadsTags } from '../../shared/matters/matching.ts';
import type { ScopeText } from '../../shared/matters/record.ts';
import { hasCode } from '../../shared/platform/errors.ts';
import { versionId } from '../../shared/storage/port.ts';
import { type HoldTestWorld, holdTestWorld } from '../support/hold-world.ts';
import { validScope } from '../support/matters.ts';

const buckets = ['fin-1', 'fin-2'];
const acme = { client: 'acme' };
const scope: fc.Arbitrary<ScopeText> = fc.record(
  {
    match: fc.constantFrom(
      ['oss://fin-*/**'],
      ['oss://fin-1'],
      ['oss://*/a', '!oss://fin-2'],
      ['oss://fin-2/led*/**'],
    ),
    tags: fc.constant(acme),
  },
  { requiredKeys: ['match'] },
);
const end = fc.constantFrom<End>('done', 'done', 'refused', 'killed');
const id = fc.constantFrom('one', 'two', 'three');
const opening = fc.record({ kind: fc.constant('open' as const), id, scope, end });
const releasing = fc.record({ kind: fc.constant('release' as const), id, end });
const uploading = fc.record({
  kind: fc.constant('upload' as const),
  bucket: fc.constantFrom(...buckets),
  key: fc.constantFrom('a', 'ledger/b'),
  tags: fc.constantFrom<Record<string, string>>({}, acme),
});

type End = 'done' | 'refused' | 'killed';
type Around = (world: HoldWorld) => HoldWorld;
type Opening = typeof opening extends fc.Arbitrary<infer Step> ? Step : never;
type Releasing = typeof releasing extends fc.Arbitrary<infer Step> ? Step : never;
type Uploading = typeof uploading extends fc.Arbitrary<infer Step> ? Step : never;

interface Version {
  readonly bucket: string;
  readonly key: string;
  readonly id: string;
  readonly tags: ReadonlyMap<string, string>;
  readonly lastModified: Date;
  /** The matters that have to hold it. */
  readonly owners: Set<string>;
}

/** The storage of a process that is killed at its third write of a hold. */
function killed(world: HoldWorld): HoldWorld {
  const { storage } = world;
  const { holds } = storage;
  let calls = 0;
  if (holds === undefined) return world;
  const putHold: typeof holds.putHold = (...args) => {
    calls += 1;
    return calls > 2 ? Promise.reject(new Error('killed')) : holds.putHold(...args);
  };
  return { ...world, storage: { ...storage, holds: { ...holds, putHold } } };
}

/** What has to be held, said by sets alone, beside the world in which it is. */
class Model {
  readonly #versions: Version[] = [];
  readonly #matters = new Map<string, { readonly scope: ScopeText; isOpen: boolean }>();

  constructor(
    private readonly world: HoldTestWorld,
    private readonly prefix: string,
  ) {}

  async step(step: Opening | Releasing | Uploading): Promise<void> {
    if (step.kind === 'upload') return await this.#upload(step);
    const name = `${this.prefix}-${step.id}`;
    await (step.kind === 'open' ? this.#open(name, step) : this.#release(name, step));
    await this.#check(true);
  }

  async releaseAll(): Promise<void> {
    // Twice: the first time, holds may be left for matters with tags that are still open.
    for (const name of [...this.#matters.keys(), ...this.#matters.keys()]) {
      await this.#release(name, { end: 'done' });
    }
    await this.#check(true);
    expect(this.#versions.filter(({ owners }) => owners.size > 0)).toEqual([]);
    await this.#holdLate();
  }

  /** Puts holds on behind the releases, and takes them off by going over the released matters again. */
  async #holdLate(): Promise<void> {
    const { holds } = this.world.storage;
    for (const name of this.#matters.keys()) {
      const had = this.#versions.filter((version) => this.#matches(name, version));
      for (const { bucket, key, id: version } of had)
        await holds?.putHold({ bucket, key, versionId: versionId(version) }, 'ON');
      const { json } = await this.world.release(name, { again: true });
      expect(json).toMatchObject({ lifted: had.length, complete: true });
    }
    await this.#check(true);
  }

  async #upload({ bucket, key, tags }: Uploading): Promise<void> {
    const version = await this.world.upload(bucket, key, tags);
    const lastModified = this.world.cloud.time.now();
    const given = { bucket, key, id: version, tags: new Map(Object.entries(tags)), lastModified };
    this.#versions.push({ ...given, owners: new Set() });
  }

  async #open(name: string, { scope: text, end: how }: Opening): Promise<void> {
    const given = { match: text.match, ...(text.tags !== undefined && { tag: ['client=acme'] }) };
    if (this.#matters.has(name)) {
      await expect(this.world.open(name, given)).rejects.toMatchObject({ code: 'MATTER_EXISTS' });
      return;
    }
    this.#matters.set(name, { scope: text, isOpen: true });
    await this.#through(how, (around) => this.world.open(name, given, around));
    for (const version of this.#versions) {
      if (this.#has(name, version)) version.owners.add(name);
    }
  }

  async #release(name: string, { end: how }: Pick<Releasing, 'end'>): Promise<void> {
    const matter = this.#matters.get(name);
    const had = this.#versions.filter((version) => this.#matches(name, version));
    const held = new Set(had.filter(({ owners }) => owners.size > 0));
    if (matter?.isOpen === true) {
      matter.isOpen = false;
      for (const version of this.#versions) version.owners.delete(name);
      this.#leave(had, held);
      await this.#through(how, (around) => this.world.release(name, {}, around));
    } else {
      const refusal = await this.world.release(name).catch((error: unknown) => error);
      if (hasCode(refusal, 'MATTER_UNKNOWN', 'MATTER_RELEASED')) return;
      expect(refusal).toMatchObject({ exitCode: 0 }); // it has left holds for others before
      this.#leave(had, held);
    }
    // A release makes sure that what another matter has is held.
    const others = [...this.#matters.keys()];
    for (const version of had) {
      for (const other of others.filter((each) => this.#has(each, version))) version.owners.add(other);
    }
  }

  /** A hold stays where an open matter with tags has the place: its tags may have been others. */
  #leave(had: readonly Version[], held: ReadonlySet<Version>): void {
    const open = [...this.#matters.values()].filter(({ isOpen }) => isOpen);
    const withTags = open.map((each) => validScope(each.scope)).filter(scopeReadsTags);
    for (const version of had) {
      const mayBeTheirs = withTags.some((each) => scopeCovers(each, version));
      if (!mayBeTheirs) version.owners.delete('left');
      else if (held.has(version)) version.owners.add('left');
    }
  }

  #has(name: string, version: Version): boolean {
    return this.#matters.get(name)?.isOpen === true && this.#matches(name, version);
  }

  #matches(name: string, version: Version): boolean {
    const matter = this.#matters.get(name);
    if (matter === undefined) return false;
    return mattersHolding([{ id: name, scope: validScope(matter.scope) }], version, version.tags).length > 0;
  }

  /** Runs a command that may be refused or killed, and then again until it is through. */
  async #through(how: End, run: (around?: Around) => Promise<{ exitCode?: number }>): Promise<void> {
    const { faults } = this.world.cloud.oss;
    const effect = { status: 403, code: 'AccessDenied' };
    if (how === 'refused') faults.add({ operation: 'PutObjectLegalHold', times: 1, effect });
    const first = await run(how === 'killed' ? killed : undefined).catch((error: Error) => {
      expect(error.message).toBe('killed');
      return { exitCode: 1 };
    });
    faults.clear();
    await this.#check(false);
    if (first.exitCode !== 0) expect((await run()).exitCode).toBe(0);
  }

  /** @param exactly false while a command is not through: then nothing may be free that a matter has to hold */
  async #check(exactly: boolean): Promise<void> {
    for (const { bucket, key, id: version, owners } of this.#versions) {
      if (owners.size === 0 && !exactly) continue;
      const held = await this.world.isHeld(bucket, key, version);
      expect({ bucket, key, owners, held }).toEqual({ bucket, key, owners, held: owners.size > 0 });
    }
  }
}

it('releases no version early and leaves none held, whenever commands are refused or killed', async () => {
  const world = await holdTestWorld(buckets);
  let round = 0;
  const steps = fc.array(fc.oneof(uploading, opening, releasing), { minLength: 4, maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(steps, async (given) => {
      round += 1;
      const model = new Model(world, `r${round}`);
      for (const step of given) await model.step(step);
      await model.releaseAll();
    }),
    { numRuns: 12 },
  );
});
