/**
 * The values of `format` that are kept, as patterns. Each allows but texts of the format, and not all of them: an address may have quoted
 * parts and comments, which nobody wants a model to write.
 *
 * @see RFC 3339 (dates and times), RFC 9562 (UUIDs), RFC 5321 (addresses), RFC 1123 (host names)
 */

const month30 = "(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)";
const month31 = "(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])";
const february = "02-(?:0[1-9]|1[0-9]|2[0-8])";
/** Divisible by 4, and by 100 only if by 400. */
const leapYear = "(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)";
const date = `(?:[0-9]{4}-(?:${month30}|${month31}|${february})|${leapYear}-02-29)`;
const time = "(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\\.[0-9]{1,9})?(?:Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])";
const label = "[a-zA-Z0-9](?:-?[a-zA-Z0-9]){0,31}";
const octet = "(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])";
const group = "[0-9a-fA-F]{1,4}";
const word = "[a-zA-Z0-9!#$%&'*+/=?^_`{|}~-]+";
const durationTime = "T(?:[0-9]{1,9}H(?:[0-9]{1,9}M(?:[0-9]{1,9}S)?)?|[0-9]{1,9}M(?:[0-9]{1,9}S)?|[0-9]{1,9}S)";
const durationDate = "(?:[0-9]{1,9}Y(?:[0-9]{1,9}M(?:[0-9]{1,9}D)?)?|[0-9]{1,9}M(?:[0-9]{1,9}D)?|[0-9]{1,9}D)";

/** Patterns by format. */
export const formatPatterns: ReadonlyMap<string, string> = new Map([
  ["date", `^${date}$`],
  ["time", `^${time}$`],
  ["date-time", `^${date}T${time}$`],
  ["duration", `^P(?:${durationDate}(?:${durationTime})?|${durationTime}|[0-9]{1,9}W)$`],
  ["uuid", "^[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"],
  ["email", `^${word}(?:\\.${word})*@${label}(?:\\.${label}){1,4}$`],
  ["hostname", `^${label}(?:\\.${label}){0,2}$`],
  ["ipv4", `^${octet}(?:\\.${octet}){3}$`],
  [
    "ipv6",
    `^(?:(?:${group}:){7}${group}|::(?:${group}(?::${group}){0,5})?|${group}::(?:${group}(?::${group}){0,4})?)$`,
  ],
]);
