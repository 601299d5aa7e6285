// A strict reader of the XML that the plots may use: elements, attributes in double quotes, text, character references.
// Anything else (a stray "<" or "&", an unclosed element, an attribute given twice, a forbidden character) is an error.

export interface XmlElement {
  name: string;
  attributes: Record<string, string>;
  children: XmlElement[];
  /** The text directly inside. */
  text: string;
}

export function parseXml(source: string): XmlElement {
  if (/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u.test(source)) throw new Error("forbidden character");
  const root: XmlElement = { name: "", attributes: {}, children: [], text: "" };
  const open = [root];
  const token = /<(\/?)([A-Za-z][\w-]*)((?:\s+[A-Za-z][\w-]*="[^"<]*")*)(\/?)>|([^<]+)/gy;
  while (token.lastIndex < source.length) {
    const at = token.lastIndex;
    const match = token.exec(source);
    if (match === null) throw new Error(`no XML at ${at}: ${source.slice(at, at + 40)}`);
    const [, closing, name, attributes, empty, text] = match;
    const top = open[open.length - 1];
    if (text !== undefined) top.text += unescape(text);
    else if (closing === "/") {
      if (top.name !== name || open.length === 1) throw new Error(`</${name}> closes <${top.name}> at ${at}`);
      open.pop();
    } else {
      const element: XmlElement = { name, attributes: readAttributes(attributes), children: [], text: "" };
      top.children.push(element);
      if (empty === "") open.push(element);
    }
  }
  if (open.length > 1) throw new Error(`<${open[open.length - 1].name}> is not closed`);
  if (root.children.length !== 1 || root.text.trim() !== "") throw new Error("expected one root element");
  return root.children[0];
}

/** All elements inside, in the order of the file. */
export function descendants(element: XmlElement, name?: string): XmlElement[] {
  const all = element.children.flatMap((child) => [child, ...descendants(child)]);
  return name === undefined ? all : all.filter((each) => each.name === name);
}

function readAttributes(source: string): Record<string, string> {
  const attributes: Record<string, string> = {};
  for (const [, key, value] of source.matchAll(/([\w-]+)="([^"]*)"/g)) {
    if (key in attributes) throw new Error(`attribute ${key} given twice`);
    attributes[key] = unescape(value);
  }
  return attributes;
}

function unescape(text: string): string {
  return text.replace(/&(?:#(\d+);|(amp|lt|gt|quot);)?/g, (reference, code, name) => {
    if (code !== undefined) return String.fromCodePoint(Number(code));
    if (name === undefined) throw new Error(`stray & in ${text.slice(0, 40)}`);
    return { amp: "&", lt: "<", gt: ">", quot: '"' }[name as "amp"] ?? reference;
  });
}
