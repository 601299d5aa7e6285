/**
 * Which elements `std::partial_sort` of GNU's C++ library brings to the front: the largest, and among equal ones those
 * that its heap happens to keep.
 */

/**
 * Moves the `count` elements with the largest keys to the front, in no particular order.
 *
 * @param elements - What is rearranged.
 * @param length - How many of them there are.
 * @param count - At most `length`.
 * @param keys - Of each element.
 */
export function moveLargestToFront(elements: Int32Array, length: number, count: number, keys: Float64Array): void {
  if (count === 0) return;
  for (let parent = (count - 2) >> 1; parent >= 0; parent--) sink(elements, parent, count, elements[parent], keys);
  // The least of those in front is the first of them.
  let least = keys[elements[0]];
  for (let at = count; at < length; at++) {
    const element = elements[at];
    if (keys[element] <= least) continue;
    elements[at] = elements[0];
    sink(elements, 0, count, element, keys);
    least = keys[elements[0]];
  }
}

/** Lets a hole sink to the bottom, along the lesser children, and an element rise from there. */
function sink(heap: Int32Array, start: number, length: number, element: number, keys: Float64Array): void {
  let hole = start;
  let child = hole;
  while (child < (length - 1) >> 1) {
    child = 2 * (child + 1);
    if (keys[heap[child]] > keys[heap[child - 1]]) child--;
    heap[hole] = heap[child];
    hole = child;
  }
  if ((length & 1) === 0 && child === (length - 2) >> 1) {
    heap[hole] = heap[2 * child + 1];
    hole = 2 * child + 1;
  }
  const key = keys[element];
  while (hole > start) {
    const parent = (hole - 1) >> 1;
    if (keys[heap[parent]] <= key) break;
    heap[hole] = heap[parent];
    hole = parent;
  }
  heap[hole] = element;
}
