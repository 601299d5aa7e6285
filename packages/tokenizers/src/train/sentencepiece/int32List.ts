/**
 * A growing list of 32-bit integers.
 */

/** Values 0 to `length - 1` of {@link items} are in use. */
export class Int32List {
  length = 0;
  items: Int32Array = new Int32Array(256);

  push(value: number): void {
    if (this.length === this.items.length) {
      const larger = new Int32Array(2 * this.length);
      larger.set(this.items);
      this.items = larger;
    }
    this.items[this.length++] = value;
  }
}
