import type { Content } from './content.ts';
import type { Xml } from './xml.ts';

export type Versioning = 'Unversioned' | 'Enabled' | 'Suspended';
export type RetentionMode = 'COMPLIANCE' | 'GOVERNANCE';
/** A hold that was never set is absent; one that was lifted reads OFF. */
export type LegalHold = 'ON' | 'OFF';
export type Acl = 'private' | 'public-read' | 'public-read-write';
/** `default`: the bucket's, whatever it is then. */
export type ObjectAcl = Acl | 'default';

export interface Retention {
  readonly mode: RetentionMode;
  /** Whole seconds, UTC. */
  readonly retainUntil: Date;
}

/** Server-side encryption as an upload asks for it. It is kept and said again; nothing is encrypted here. */
export interface Encryption {
  readonly algorithm: 'AES256' | 'KMS' | 'SM4';
  /** Only with KMS. */
  readonly keyId?: string;
  /** Only with KMS. */
  readonly dataEncryption?: 'SM4';
}

/** A restoration that RestoreObject asked for; its state depends on the time: see restored.ts. */
export interface Restore {
  readonly finishedAt: Date;
  readonly days: number;
}

export interface DefaultRetention {
  readonly mode: RetentionMode;
  /** `days` are 24 hours each, `years` are calendar years in UTC; `writtenYears`: what OBS counts as 365 days each. */
  readonly period: { readonly days: number; readonly writtenYears?: number } | { readonly years: number };
}

/** The bucket WORM policy. What state it is in depends on the time too: see worm.ts. */
export interface WormPolicy {
  readonly id: string;
  readonly days: number;
  readonly createdAt: Date;
  readonly locked: boolean;
}

/** The age from which a rule applies: in days of 24 hours, or all before that date. */
export type LifecycleAge = { readonly days: number } | { readonly createdBefore: Date };

/** A change of storage class; `kept` are elements without effect here. */
export interface LifecycleTransition<Age> {
  readonly age: Age;
  readonly storageClass: string;
  readonly kept: Readonly<Record<string, string>>;
}

/** Objects that a rule leaves alone, and the sizes that it is for, in bytes. */
export interface LifecycleFilter {
  readonly not: readonly {
    readonly prefix: string;
    readonly tag?: { readonly key: string; readonly value: string };
  }[];
  readonly greaterThan?: number;
  readonly lessThan?: number;
}

/** A rule of the bucket's lifecycle; an age counts in days of 24 hours. */
export interface LifecycleRule {
  readonly id: string;
  readonly prefix: string;
  readonly isEnabled: boolean;
  readonly tags: Readonly<Record<string, string>>;
  readonly filter?: LifecycleFilter;
  /** Current objects of that age, or from before that date. */
  readonly expiration?: LifecycleAge;
  readonly transitions?: readonly LifecycleTransition<LifecycleAge>[];
  /** Delete markers that stand alone. */
  readonly expiresMarkers: boolean;
  /** Versions that were replaced that long ago. */
  readonly noncurrentDays?: number;
  readonly noncurrentTransitions?: readonly LifecycleTransition<{ readonly days: number }>[];
  readonly abortUploadDays?: number;
  /** Kept without effect: nobody records when objects are read. */
  readonly atimeBase?: string;
  /** Uploads that began before that date. */
  readonly abortUploadsBefore?: Date;
}

export interface Bucket {
  readonly name: string;
  /** Whose version ids it has; OSS's when absent. */
  readonly cloud?: 'obs';
  readonly createdAt: Date;
  readonly storageClass: string;
  readonly versioning: Versioning;
  readonly policy?: WormPolicy;
  /** Present once ObjectWorm is enabled, which cannot be undone. */
  readonly objectWorm?: { readonly defaultRetention?: DefaultRetention };
  /** Private when absent. */
  readonly acl?: Acl;
  readonly tags?: Readonly<Record<string, string>>;
  readonly lifecycle?: readonly LifecycleRule[];
  /** True: it belongs to a service and not to the account, whose list of buckets does not show it. */
  readonly isOfService?: boolean;
  /** The inventory configurations as they were sent, by id. */
  readonly inventories?: Readonly<Record<string, Xml>>;
  /** The day, as `2026-11-22`, of which each inventory was made last, by id. */
  readonly inventoriesMade?: Readonly<Record<string, string>>;
  /** Configurations as they were sent, by sub-resource; operations/kept.ts says which have an effect. */
  readonly configurations?: Readonly<Record<string, string>>;
  readonly encryption?: Encryption;
}

export interface DeleteMarker {
  readonly kind: 'delete marker';
  readonly versionId: string;
  readonly lastModified: Date;
}

export interface ObjectVersion {
  readonly kind: 'object';
  /** `null` for versions written while versioning was not enabled. */
  readonly versionId: string;
  readonly type: 'Normal' | 'Multipart' | 'Appendable' | 'Symlink';
  /** Whole seconds: retention and bucket WORM count from here. */
  readonly lastModified: Date;
  readonly content: Content;
  /** Upper-case hex, without quotes. */
  readonly etag: string;
  /** Base64; only where the service knows it, which is for objects written in one piece. */
  readonly md5?: string;
  readonly crc64: string;
  /** The headers that were stored with it: Content-Type and the like, and x-oss-meta-*. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly storageClass: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly retention?: Retention;
  readonly legalHold?: LegalHold;
  readonly acl?: ObjectAcl;
  readonly symlinkTarget?: string;
  readonly encryption?: Encryption;
  readonly restore?: Restore;
  /** Only of what AppendObject made: from here on nothing can be appended. */
  readonly sealedAt?: Date;
}

export type Version = ObjectVersion | DeleteMarker;

export interface Part {
  readonly number: number;
  readonly content: Content;
  readonly etag: string;
  readonly md5: string;
  readonly crc64: string;
  readonly lastModified: Date;
}

export interface Upload {
  readonly id: string;
  readonly bucket: string;
  readonly key: string;
  readonly initiatedAt: Date;
  readonly metadata: Readonly<Record<string, string>>;
  readonly storageClass: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly retention?: Retention;
  readonly legalHold?: LegalHold;
  readonly acl?: ObjectAcl;
  readonly encryption?: Encryption;
  /** Its parts have to come in their order, and the object has a Content-MD5. */
  readonly isSequential?: true;
  readonly parts: ReadonlyMap<number, Part>;
}
