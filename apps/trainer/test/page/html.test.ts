import { describe, expect, it } from "vitest";
import { escapeHtml, Html, html } from "../../src/page/html.ts";

describe("html", () => {
  it("escapes every value, in text and in attributes", () => {
    const evil = `"><script>alert('x')</script>&`;
    expect(html`<a title="${evil}">${evil}</a>`.text).toBe(
      `<a title="&quot;&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;">` +
        `&quot;&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;</a>`,
    );
  });

  it("takes pieces as they are, lists one behind the other, and leaves out what is not there", () => {
    const list = [1, "<", html`<b>${"b"}</b>`];
    expect(html`<i>${list}${undefined}${false}</i>`.text).toBe("<i>1&lt;<b>b</b></i>");
    expect(html`${new Html("<i></i>")}`.text).toBe("<i></i>");
  });

  it("shows a mark for what cannot be seen, and for what turns the direction of writing around", () => {
    expect(escapeHtml("a\u0000b\u202ec\ud800d\te\nf👩‍👧")).toBe("a\ufffdb\ufffdc\ufffdd\te\nf👩‍👧");
  });
});
