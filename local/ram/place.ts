/** The account that calls are about, and its time. */
export interface RamPlace {
  readonly accountId: string;
  /** The time of now as RAM writes it: UTC and whole seconds. */
  time(): string;
}
