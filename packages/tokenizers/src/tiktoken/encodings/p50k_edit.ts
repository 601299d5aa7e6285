/**
 * Not written yet.
 */

export {};
