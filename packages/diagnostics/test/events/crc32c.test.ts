import { expect, test } from "vitest";
import { crc32c, maskedCrc32c } from "../../src/events/crc32c.ts";

test("checksums are those of RFC 3720", () => {
  // Appendix B.4: 32 bytes of zeros, of ones, rising and falling; and the usual check value of nine digits.
  expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
  expect(crc32c(new Uint8Array(32).fill(0xff))).toBe(0x62a8ab43);
  expect(crc32c(Uint8Array.from({ length: 32 }, (_, i) => i))).toBe(0x46dd794e);
  expect(crc32c(Uint8Array.from({ length: 32 }, (_, i) => 31 - i))).toBe(0x113fdb5c);
  expect(crc32c(new TextEncoder().encode("123456789"))).toBe(0xe3069283);
  expect(crc32c(new Uint8Array())).toBe(0);
});

test("a mask is put on and can be taken off", () => {
  const bytes = new Uint8Array([1, 2, 3]);
  const rotated = (maskedCrc32c(bytes) - 0xa282ead8) >>> 0;
  expect(((rotated >>> 17) | (rotated << 15)) >>> 0).toBe(crc32c(bytes));
});
