/**
 * CRC-64/XZ (the reflected ECMA-182 polynomial), the checksum of x-oss-hash-crc64ecma. Kept as two 32-bit
 * halves, since BigInt arithmetic is some fifty times slower.
 */
const POLYNOMIAL_HIGH = 0xc96c5795;
const POLYNOMIAL_LOW = 0xd7870f42;

const tableHigh = new Uint32Array(256);
const tableLow = new Uint32Array(256);
for (let byte = 0; byte < 256; byte++) {
  let high = 0;
  let low = byte;
  for (let bit = 0; bit < 8; bit++) {
    const carry = low & 1;
    low = (low >>> 1) | (high << 31);
    high >>>= 1;
    if (carry) {
      high ^= POLYNOMIAL_HIGH;
      low ^= POLYNOMIAL_LOW;
    }
  }
  tableHigh[byte] = high;
  tableLow[byte] = low;
}

export interface Crc64 {
  update(data: Uint8Array): void;
  /** The checksum of everything so far, in decimal. */
  digest(): string;
}

/** @param sofar the checksum of the bytes that went before, in decimal */
export function crc64(sofar = '0'): Crc64 {
  const start = BigInt(sofar);
  let high = ~Number(start >> 32n);
  let low = ~Number(start & 0xffffffffn);
  return {
    update(data) {
      let h = high;
      let l = low;
      for (let i = 0; i < data.length; i++) {
        const index = (l ^ (data[i] ?? 0)) & 0xff;
        l = ((l >>> 8) | (h << 24)) ^ (tableLow[index] ?? 0);
        h = (h >>> 8) ^ (tableHigh[index] ?? 0);
      }
      high = h;
      low = l;
    },
    digest: () => ((BigInt(~high >>> 0) << 32n) | BigInt(~low >>> 0)).toString(),
  };
}

const POLYNOMIAL = 0xc96c5795d7870f42n;
/** In the reflected form the highest bit is x^0. */
const ONE = 1n << 63n;

/**
 * Returns the checksum of two runs of bytes one after the other, from the checksum of each.
 * @param secondSize how many bytes the second run has
 */
export function joinCrc64(first: string, second: string, secondSize: number): string {
  if (secondSize !== shift.size) shift = { size: secondSize, power: powerOfX(secondSize * 8) };
  return (multiply(shift.power, BigInt(first)) ^ BigInt(second)).toString();
}

/** The last one, since the parts of an upload are of one size. */
let shift = { size: 0, power: ONE };

/** x^n modulo the polynomial, by squaring. */
function powerOfX(n: number): bigint {
  let power = ONE;
  let square = ONE >> 1n;
  for (let rest = BigInt(n); rest > 0n; rest >>= 1n) {
    if (rest & 1n) power = multiply(power, square);
    square = multiply(square, square);
  }
  return power;
}

function multiply(a: bigint, b: bigint): bigint {
  let product = 0n;
  let shifted = b;
  for (let bit = ONE; bit > 0n; bit >>= 1n) {
    if (a & bit) product ^= shifted;
    shifted = shifted & 1n ? (shifted >> 1n) ^ POLYNOMIAL : shifted >> 1n;
  }
  return product;
}
