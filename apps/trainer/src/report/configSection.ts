/**
 * The configuration, complete: with it, the text and the seed the run can be repeated to the bit.
 */

import { trainConfigKeys, type TrainConfig } from "../config/trainConfig.ts";
import { html } from "../page/html.ts";
import type { Section } from "./section.ts";

export function configSection(config: TrainConfig): Section {
  const rows = trainConfigKeys.flatMap((key) => {
    const value: unknown = config[key];
    return value === undefined
      ? []
      : [
          html`<tr>
            <th scope="row">${key}</th>
            <td>${typeof value === "object" ? JSON.stringify(value) : String(value)}</td>
          </tr>`,
        ];
  });
  return {
    id: "configuration",
    title: "Configuration",
    lead: html`<p>
      Everything that decides the run. The same configuration, text and machine give the same weights, to the bit.
    </p>`,
    rest: html`<table>
      <tbody>
        ${rows}
      </tbody>
    </table>`,
  };
}
