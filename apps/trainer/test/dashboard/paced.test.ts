import { describe, expect, it } from "vitest";
import { Paced } from "../../src/dashboard/paced.ts";

describe("Paced", () => {
  it("works a value out anew after twenty times what it took, or when it is asked to", () => {
    let time = 0;
    let count = 0;
    const paced = new Paced(
      () => {
        time += 10;
        return ++count;
      },
      () => time,
    );
    expect(paced.value).toBe(1);
    time = 10 + 199;
    expect(paced.value).toBe(1);
    time = 10 + 200;
    expect(paced.value).toBe(2);
    expect(paced.value).toBe(2);
    paced.expire();
    expect(paced.value).toBe(3);
  });
});
