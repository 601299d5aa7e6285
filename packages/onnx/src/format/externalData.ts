/**
 * The pointer from a tensor into a file beside the model.
 *
 * A model file is input from strangers: a location that leaves the model's directory would let it read any file of its
 * reader, so such locations are refused both when reading and when writing, as ONNX's own checker does.
 *
 * @see https://onnx.ai/onnx/repo-docs/ExternalData.html
 */

/**
 * Whether a location is a relative path that stays below the model's directory, on any operating system. Characters that no file of
 * Windows has in its name are refused with the rest: drive letters, streams, and the tag by which ONNX Runtime marks addresses in memory.
 */
export function isContainedLocation(location: string): boolean {
  if (location === "" || location.startsWith("/") || /[\\<>:"|?*\p{Cc}]/u.test(location)) return false;
  return !location.split("/").includes("..");
}
