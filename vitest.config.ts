import { defineConfig } from "vitest/config";
import { readmeTests } from "./scripts/readmeTests.ts";

export default defineConfig({
  plugins: [readmeTests()],
  ssr: { resolve: { conditions: ["@llm-learning/source"] } },
  test: {
    include: ["{packages,apps}/*/test/**/*.test.ts", "{packages,apps}/*/README.md", "test/**/*.test.ts", "README.md"],
    exclude: ["**/node_modules/**", "**/*.slow.test.ts"],
  },
});
